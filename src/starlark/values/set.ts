import { HashTable } from './hash-table.ts';
import type { StarlarkObject, Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

export class StarlarkSet extends HashTable {
  readonly starlarkType = 'set';

  static from(values: Iterable<Value>): StarlarkSet {
    const set = new StarlarkSet();
    for (const value of values) set.add(value);
    return set;
  }

  add(value: Value): void {
    if (!this.has(value)) this.put(value, null);
  }

  override equals(other: StarlarkObject): boolean {
    if (!(other instanceof StarlarkSet) || other.size() !== this.size()) return false;
    return this.isSubset(other);
  }

  isSubset(other: StarlarkSet): boolean {
    for (const key of this.keys()) if (!other.has(key)) return false;
    return true;
  }

  write(writer: ReprWriter): void {
    writer.container(this, 'set([', '])', () => writer.sequence(this.keys()));
  }
}
