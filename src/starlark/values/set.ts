import { StarlarkError } from '../error.ts';
import { HashTable } from './hash-table.ts';
import { StarlarkObject, type Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

export class StarlarkSet extends StarlarkObject {
  readonly starlarkType = 'set';
  readonly table: HashTable = new HashTable();

  static from(values: Iterable<Value>): StarlarkSet {
    const set = new StarlarkSet();
    for (const value of values) set.add(value);
    return set;
  }

  add(value: Value): void {
    if (!this.table.has(value)) this.table.put(value, null);
  }

  override isTrue(): boolean {
    return this.table.size > 0;
  }

  override hashKey(): never {
    throw new StarlarkError('unhashable type: set');
  }

  override freezeSelf(pending: Value[]): void {
    this.table.freezeSelf(pending);
  }

  override equals(other: StarlarkObject): boolean {
    if (!(other instanceof StarlarkSet) || other.table.size !== this.table.size) return false;
    return this.isSubset(other);
  }

  isSubset(other: StarlarkSet): boolean {
    for (const key of this.table.keys()) if (!other.table.has(key)) return false;
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
    writer.container(this, 'set([', '])', () => writer.sequence(this.table.keys()));
  }
}
