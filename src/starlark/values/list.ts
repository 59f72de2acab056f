import { StarlarkError } from '../error.ts';
import { type Equal, StarlarkObject, type Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

const frozen = -1;

export class List extends StarlarkObject {
  readonly items: Value[];
  // One field for both: programs make very many lists. `private`, as `#` would cost a check.
  /** Iterations under way, or `frozen`: a frozen list need not count them. */
  private state: number;

  constructor(items: Value[]) {
    super();
    this.items = items;
    this.state = 0;
  }

  get isFrozen(): boolean {
    return this.state === frozen;
  }

  // A getter, as a field would be stored in each of many values.
  get starlarkType(): 'list' {
    return 'list';
  }

  get isMutable(): boolean {
    return this.state === 0;
  }

  /** @throws {StarlarkError} unless the list may change now; the verb names the change. */
  checkMutable(verb: string): void {
    if (this.isFrozen) throw new StarlarkError(`cannot ${verb} frozen list`);
    if (this.state > 0) throw new StarlarkError(`cannot ${verb} list during iteration`);
  }

  override isTrue(): boolean {
    return this.items.length > 0;
  }

  override hashKey(): never {
    throw new StarlarkError('unhashable type: list');
  }

  override freezeSelf(pending: Value[]): void {
    if (this.isFrozen) return;
    this.state = frozen;
    for (const item of this.items) pending.push(item);
  }

  override equals(other: StarlarkObject, depth: number, equal: Equal): boolean {
    return other instanceof List && equalItems(this.items, other.items, depth, equal);
  }

  override get isIterable(): boolean {
    return true;
  }

  override elements(): readonly Value[] {
    return this.items;
  }

  override hold(): void {
    if (this.state !== frozen) this.state++;
  }

  override release(): void {
    if (this.state !== frozen) this.state--;
  }

  override size(): number {
    return this.items.length;
  }

  write(writer: ReprWriter): void {
    writer.container(this, '[', ']', () => writer.sequence(this.items));
  }
}

export function equalItems(
  x: readonly Value[],
  y: readonly Value[],
  depth: number,
  equal: Equal,
): boolean {
  if (x.length !== y.length) return false;
  return x.every((item, index) => equal(item, y[index] ?? null, depth));
}
