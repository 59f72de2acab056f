import { encodeKey, markedKey } from './hash-table.ts';
import { equalItems } from './list.ts';
import { type Equal, type HashKey, StarlarkObject, type Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

export class Tuple extends StarlarkObject {
  readonly items: readonly Value[];
  #isFrozen = false;
  /** Kept: tuples of tuples would be encoded over and over. */
  #key: HashKey | undefined;

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }

  // A getter, as a field would be stored in each of many values.
  get starlarkType(): 'tuple' {
    return 'tuple';
  }

  override isTrue(): boolean {
    return this.items.length > 0;
  }

  /** Whether the key has been made. */
  get isHashed(): boolean {
    return this.#key !== undefined;
  }

  override hashKey(): HashKey {
    if (this.#key === undefined) {
      let key = `t${this.items.length}:`;
      for (const item of this.items) key += encodeKey(item);
      this.#key = markedKey(key, 'tuple');
    }
    return this.#key;
  }

  override freezeSelf(pending: Value[]): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    for (const item of this.items) pending.push(item);
  }

  override equals(other: StarlarkObject, depth: number, equal: Equal): boolean {
    return other instanceof Tuple && equalItems(this.items, other.items, depth, equal);
  }

  override get isIterable(): boolean {
    return true;
  }

  override elements(): readonly Value[] {
    return this.items;
  }

  override size(): number {
    return this.items.length;
  }

  write(writer: ReprWriter): void {
    const close = this.items.length === 1 ? ',)' : ')';
    writer.container(this, '(', close, () => writer.sequence(this.items));
  }
}
