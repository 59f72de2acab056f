import { type Entry, HashTable } from './hash-table.ts';
import type { Equal, StarlarkObject, Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

export class Dict extends HashTable {
  // A getter, as a field would be stored in each of many values.
  get starlarkType(): 'dict' {
    return 'dict';
  }

  static from(entries: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict();
    for (const [key, value] of entries) dict.put(key, value);
    return dict;
  }

  override equals(other: StarlarkObject, depth: number, equal: Equal): boolean {
    if (!(other instanceof Dict) || other.size() !== this.size()) return false;
    for (const { key, value } of this.entries()) {
      const found = other.get(key);
      if (found === undefined || !equal(value, found, depth)) return false;
    }
    return true;
  }

  write(writer: ReprWriter): void {
    writer.container(this, '{', '}', () => {
      let isFirst = true;
      for (const entry of this.entries()) {
        if (!isFirst) writer.text(', ');
        isFirst = false;
        writeEntry(writer, entry);
      }
    });
  }
}

function writeEntry(writer: ReprWriter, entry: Entry): void {
  writer.value(entry.key);
  writer.text(': ');
  writer.value(entry.value);
}
