import { StarlarkError } from '../error.ts';
import { type Entry, HashTable } from './hash-table.ts';
import { type Equal, StarlarkObject, type Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

export class Dict extends StarlarkObject {
  readonly table: HashTable;

  constructor(table: HashTable = new HashTable()) {
    super();
    this.table = table;
  }

  // A getter, as a field would be stored in each of many values.
  get starlarkType(): 'dict' {
    return 'dict';
  }

  static from(entries: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict();
    for (const [key, value] of entries) dict.table.put(key, value);
    return dict;
  }

  override isTrue(): boolean {
    return this.table.size > 0;
  }

  override hashKey(): never {
    throw new StarlarkError('unhashable type: dict');
  }

  override freezeSelf(pending: Value[]): void {
    this.table.freezeSelf(pending);
  }

  override equals(other: StarlarkObject, depth: number, equal: Equal): boolean {
    if (!(other instanceof Dict) || other.table.size !== this.table.size) return false;
    for (const { key, value } of this.table.entries()) {
      const found = other.table.get(key);
      if (found === undefined || !equal(value, found, depth)) return false;
    }
    return true;
  }

  override get isIterable(): boolean {
    return true;
  }

  override elements(): Iterable<Value> {
    return this.table.keys();
  }

  override hold(): void {
    this.table.iterators++;
  }

  override release(): void {
    this.table.iterators--;
  }

  override size(): number {
    return this.table.size;
  }

  write(writer: ReprWriter): void {
    writer.container(this, '{', '}', () => {
      let isFirst = true;
      for (const entry of this.table.entries()) {
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
