import { StarlarkError } from '../error.ts';
import { type HashKey, identityOf, StarlarkObject, type Value } from './object.ts';

export interface Entry {
  readonly key: Value;
  readonly value: Value;
}

/** What a key that is not its own hash key is stored with. */
class Boxed {
  readonly key: Value;
  value: Value;

  constructor(key: Value, value: Value) {
    this.key = key;
    this.value = value;
  }
}

/** Many entries, and how far they have been emptied from the front. */
interface Store {
  map: Map<HashKey, Value | Boxed>;
  gaps: number;
  /** Stands behind `candidate`, the first key when it was last asked for. */
  front: Iterator<[HashKey, Value | Boxed]> | undefined;
  candidate: [HashKey, Value | Boxed] | undefined;
}

const newStore = (map: Map<HashKey, Value | Boxed>): Store => ({
  map,
  gaps: 0,
  front: undefined,
  candidate: undefined,
});

/** The keys belong to a literal, and are copied before the first change. */
const sharedKeys = 1;
/** A float stands under a number's key: the first key of equal ones is the one that stays. */
const floats = 2;
const frozen = 4;
/** What each iteration under way adds to the state: below it and `frozen`, the table may change. */
const iteration = 8;

/**
 * Insertion-ordered storage: what dicts and sets have in common. Scalars are their own keys: `===`
 * and a Map tell 1 from True and "1", and equal bigints are one key. Tuples, structs and bytes are
 * encoded injectively into a string that begins with NUL; real strings that do so get a mark as
 * well. Only such keys are stored in a box with what they stand for. Programs make very many small
 * tables, and most of their time goes into moving them, so a table has few fields and no parts.
 */
export abstract class HashTable extends StarlarkObject {
  // `private` rather than `#`: private methods would add a hidden field to each of many tables.
  /** Few entries lie side by side, in order: most dicts are small, and a Map outweighs them. */
  private names: readonly HashKey[];
  private readonly cells: (Value | Boxed)[];
  private store: Store | undefined;
  private state: number;

  /** The keys, if given, are few, distinct, and stand for themselves; values are in their order. */
  constructor(keys?: readonly string[], values?: Value[]) {
    super();
    this.names = keys ?? [];
    this.cells = values ?? [];
    this.store = undefined;
    this.state = keys === undefined ? 0 : sharedKeys;
  }

  get isFrozen(): boolean {
    return (this.state & frozen) !== 0;
  }

  /** Removed from the Map since it was made: it still passes their places when it is walked. */
  get gaps(): number {
    return this.store?.gaps ?? 0;
  }

  override size(): number {
    return this.store === undefined ? this.names.length : this.store.map.size;
  }

  override isTrue(): boolean {
    return this.size() > 0;
  }

  override hashKey(): never {
    throw new StarlarkError(`unhashable type: ${this.starlarkType}`);
  }

  override get isIterable(): boolean {
    return true;
  }

  override elements(): Iterable<Value> {
    return this.keys();
  }

  override hold(): void {
    this.state += iteration;
  }

  override release(): void {
    this.state -= iteration;
  }

  get(key: Value): Value | undefined {
    const found = this.find(typeof key === 'number' ? key : keyOf(key));
    return found instanceof Boxed ? found.value : found;
  }

  has(key: Value): boolean {
    return this.find(keyOf(key)) !== undefined;
  }

  private find(stored: HashKey): Value | Boxed | undefined {
    if (this.store !== undefined) return this.store.map.get(stored);
    return this.cells[indexOf(this.names, stored)];
  }

  private place(stored: HashKey, value: Value | Boxed): void {
    if (this.store !== undefined) {
      this.store.map.set(stored, value);
      return;
    }
    const index = indexOf(this.names, stored);
    if (index >= 0) {
      this.cells[index] = value;
    } else if (this.names.length < maxSmall && !Number.isNaN(stored)) {
      this.ownKeys().push(stored);
      this.cells.push(value);
    } else {
      this.grow().map.set(stored, value);
    }
  }

  private ownKeys(): HashKey[] {
    const isShared = (this.state & sharedKeys) !== 0;
    const keys = isShared ? [...this.names] : (this.names as HashKey[]);
    this.names = keys;
    this.state &= ~sharedKeys;
    return keys;
  }

  private grow(): Store {
    const map = new Map<HashKey, Value | Boxed>();
    for (let index = 0; index < this.names.length; index++) {
      map.set(this.names[index] ?? null, this.cells[index] ?? null);
    }
    this.names = [];
    this.cells.length = 0;
    this.state &= ~sharedKeys;
    this.store = newStore(map);
    return this.store;
  }

  /** Inserts or replaces without any check of frozenness; keeps the place of an old key. */
  put(key: Value, value: Value): void {
    const stored = typeof key === 'number' ? key : keyOf(key);
    if (stored === key && (this.state & floats) === 0) {
      this.place(stored, value);
      return;
    }
    const known = this.find(stored);
    if (known instanceof Boxed) {
      known.value = value;
      return;
    }
    const isNew = known === undefined && stored !== key;
    if (isNew && typeof stored !== 'string') this.state |= floats;
    this.place(stored, isNew ? new Boxed(key, value) : value);
  }

  insert(key: Value, value: Value): void {
    if (this.state >= frozen) this.check('insert into');
    this.put(key, value);
  }

  /** Removes a key and gives its entry, if there was one. */
  remove(key: Value): Entry | undefined {
    this.check('delete from');
    const stored = keyOf(key);
    const found = this.find(stored);
    this.delete(stored);
    return found === undefined ? undefined : toEntry(stored, found);
  }

  private delete(stored: HashKey): void {
    const { store } = this;
    if (store !== undefined) {
      if (!store.map.delete(stored)) return;
      if (store.candidate?.[0] === stored) store.candidate = undefined;
      store.gaps++;
      if (store.gaps > store.map.size + maxSmall) this.store = newStore(new Map(store.map));
      return;
    }
    const index = indexOf(this.names, stored);
    if (index < 0) return;
    this.ownKeys().splice(index, 1);
    this.cells.splice(index, 1);
  }

  /** The oldest entry. Taking the oldest again and again does not walk over what was taken. */
  first(): Entry | undefined {
    const { store } = this;
    if (store === undefined) {
      const [entry] = this.entries();
      return entry;
    }
    if (store.candidate === undefined) {
      store.front ??= store.map.entries();
      const next = store.front.next();
      if (next.done === true) {
        this.store = newStore(store.map);
        return undefined;
      }
      store.candidate = next.value;
    }
    const [stored] = store.candidate;
    return toEntry(stored, store.map.get(stored) ?? null);
  }

  clear(): void {
    this.check('clear');
    this.store = undefined;
    this.names = [];
    this.state &= ~sharedKeys;
    this.cells.length = 0;
  }

  *entries(): IterableIterator<Entry> {
    if (this.store !== undefined) {
      for (const [stored, found] of this.store.map) yield toEntry(stored, found);
      return;
    }
    for (let index = 0; index < this.names.length; index++) {
      yield toEntry(this.names[index] ?? null, this.cells[index] ?? null);
    }
  }

  *keys(): IterableIterator<Value> {
    for (const entry of this.entries()) yield entry.key;
  }

  override freezeSelf(pending: Value[]): void {
    if (this.isFrozen) return;
    this.state |= frozen;
    for (const { key, value } of this.entries()) pending.push(key, value);
  }

  /** @throws {StarlarkError} unless the table may change now. */
  check(verb: string): void {
    if (this.isFrozen) throw new StarlarkError(`cannot ${verb} frozen hash table`);
    if (this.state >= iteration) {
      throw new StarlarkError(`cannot ${verb} hash table during iteration`);
    }
  }
}

/** How many entries a table may have without a Map. */
export const maxSmall = 8;

function indexOf(keys: readonly HashKey[], key: HashKey): number {
  for (let index = 0; index < keys.length; index++) if (keys[index] === key) return index;
  return -1;
}

/** A key without a box is a scalar or an object that stands for itself. */
function toEntry(stored: HashKey, found: Value | Boxed): Entry {
  if (found instanceof Boxed) return found;
  return { key: isValue(stored) ? stored : null, value: found };
}

function isValue(key: HashKey): key is Value {
  return typeof key !== 'object' || key === null || key instanceof StarlarkObject;
}

const mark = '\0';

function keyOf(key: Value): HashKey {
  if (typeof key === 'string') return key.charCodeAt(0) === 0 ? `${mark}s${key}` : key;
  const found = key instanceof StarlarkObject ? key.hashKey() : key;
  return typeof found === 'bigint' ? intKey(found) : found;
}

const wordRange = 2n ** 64n;
const keyRange = 2n ** 16384n;

/** A Map tells bigints apart by their lowest 64 bits first: keys that share those would be slow. */
function intKey(key: bigint): HashKey {
  return key < wordRange && key > -wordRange ? key : `${mark}i${keyDigits(key)}`;
}

function keyDigits(key: bigint): string {
  if (key >= keyRange || key <= -keyRange) throw new StarlarkError('int is too large to be a key');
  return key.toString(32);
}

const maxKeyUnits = 2 ** 20;

/** The key of a compound value.
 * @throws {StarlarkError} if it is too long. */
export function markedKey(encoded: string, type: string): HashKey {
  if (encoded.length > maxKeyUnits) throw new StarlarkError(`${type} is too large to be a key`);
  return mark + encoded;
}

/** One part of an encoded key; each begins with a mark of its kind and tells its own length. */
export function encodeKey(value: Value): string {
  if (value === null) return 'N';
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (typeof value === 'bigint') return `I${keyDigits(value)};`;
  if (typeof value !== 'object') return `i${value};`;
  const key = value.hashKey();
  if (typeof key === 'string') return `c${key.length}:${key}`;
  if (typeof key === 'bigint') return `I${keyDigits(key)};`;
  return typeof key === 'object' && key !== null ? `o${identityOf(key)};` : `i${key};`;
}
