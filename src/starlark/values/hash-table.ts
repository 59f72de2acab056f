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

/** How far a Map has been emptied from its front. */
interface Walk {
  gaps: number;
  /** Stands behind `candidate`, the first key when it was last asked for. */
  front: Iterator<[HashKey, Value | Boxed]> | undefined;
  candidate: [HashKey, Value | Boxed] | undefined;
}

const newWalk = (): Walk => ({ gaps: 0, front: undefined, candidate: undefined });

/**
 * Insertion-ordered storage of dicts and sets. Scalars are their own keys: `===` and a Map
 * tell 1 from True and "1", and equal bigints are one key. Tuples, structs and bytes are encoded
 * injectively into a string that begins with NUL; real strings that do so get a mark as well.
 * Only such keys are stored in a box with what they stand for.
 */
export class HashTable {
  // `private` rather than `#`: private methods would add a hidden field to each of many tables.
  /** Few entries lie side by side, in order: most dicts are small, and a Map outweighs them. */
  private names: readonly HashKey[];
  private readonly cells: (Value | Boxed)[];
  /** The keys belong to a literal, and are copied before the first change. */
  private areKeysShared: boolean;
  private map: Map<HashKey, Value | Boxed> | undefined;
  /** A float stands under a number's key: the first key of equal ones is the one that stays. */
  private hasFloats = false;
  /** Only for a Map from which something was removed, or whose first entry was asked for. */
  private walk: Walk | undefined;
  isFrozen = false;
  iterators = 0;

  /** The keys, if given, are few, distinct, and stand for themselves; values are in their order. */
  constructor(keys?: readonly string[], values?: Value[]) {
    this.areKeysShared = keys !== undefined;
    this.names = keys ?? [];
    this.cells = values ?? [];
  }

  /** Removed from the Map since it was made: it still passes their places when it is walked. */
  get gaps(): number {
    return this.walk?.gaps ?? 0;
  }

  get size(): number {
    return this.map === undefined ? this.names.length : this.map.size;
  }

  get(key: Value): Value | undefined {
    const found = this.find(typeof key === 'number' ? key : keyOf(key));
    return found instanceof Boxed ? found.value : found;
  }

  has(key: Value): boolean {
    return this.find(keyOf(key)) !== undefined;
  }

  private find(stored: HashKey): Value | Boxed | undefined {
    if (this.map !== undefined) return this.map.get(stored);
    return this.cells[indexOf(this.names, stored)];
  }

  private store(stored: HashKey, value: Value | Boxed): void {
    if (this.map !== undefined) {
      this.map.set(stored, value);
      return;
    }
    const index = indexOf(this.names, stored);
    if (index >= 0) {
      this.cells[index] = value;
    } else if (this.names.length < maxSmall && !Number.isNaN(stored)) {
      this.ownKeys().push(stored);
      this.cells.push(value);
    } else {
      this.toMap().set(stored, value);
    }
  }

  private ownKeys(): HashKey[] {
    const keys = this.areKeysShared ? [...this.names] : (this.names as HashKey[]);
    this.names = keys;
    this.areKeysShared = false;
    return keys;
  }

  private toMap(): Map<HashKey, Value | Boxed> {
    const map = new Map<HashKey, Value | Boxed>();
    for (let index = 0; index < this.names.length; index++) {
      map.set(this.names[index] ?? null, this.cells[index] ?? null);
    }
    this.map = map;
    this.names = [];
    this.cells.length = 0;
    return map;
  }

  /** Inserts or replaces without any check of frozenness; keeps the place of an old key. */
  put(key: Value, value: Value): void {
    const stored = typeof key === 'number' ? key : keyOf(key);
    if (stored === key && !this.hasFloats) {
      this.store(stored, value);
      return;
    }
    const known = this.find(stored);
    if (known instanceof Boxed) {
      known.value = value;
      return;
    }
    const isNew = known === undefined && stored !== key;
    if (isNew && typeof stored !== 'string') this.hasFloats = true;
    this.store(stored, isNew ? new Boxed(key, value) : value);
  }

  insert(key: Value, value: Value): void {
    if (this.isFrozen || this.iterators > 0) this.check('insert into');
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
    if (this.map !== undefined) {
      if (!this.map.delete(stored)) return;
      this.walk ??= newWalk();
      if (this.walk.candidate?.[0] === stored) this.walk.candidate = undefined;
      this.walk.gaps++;
      if (this.walk.gaps > this.map.size + maxSmall) this.compact(this.map);
      return;
    }
    const index = indexOf(this.names, stored);
    if (index < 0) return;
    this.ownKeys().splice(index, 1);
    this.cells.splice(index, 1);
  }

  private compact(map: Map<HashKey, Value | Boxed>): void {
    this.map = new Map(map);
    this.walk = undefined;
  }

  /** The oldest entry. Taking the oldest again and again does not walk over what was taken. */
  first(): Entry | undefined {
    if (this.map === undefined) {
      const [entry] = this.entries();
      return entry;
    }
    this.walk ??= newWalk();
    const { walk } = this;
    if (walk.candidate === undefined) {
      walk.front ??= this.map.entries();
      const next = walk.front.next();
      if (next.done === true) {
        this.walk = undefined;
        return undefined;
      }
      walk.candidate = next.value;
    }
    const [stored] = walk.candidate;
    return toEntry(stored, this.map.get(stored) ?? null);
  }

  clear(): void {
    this.check('clear');
    this.walk = undefined;
    this.map = undefined;
    this.names = [];
    this.areKeysShared = false;
    this.cells.length = 0;
  }

  *entries(): IterableIterator<Entry> {
    if (this.map !== undefined) {
      for (const [stored, found] of this.map) yield toEntry(stored, found);
      return;
    }
    for (let index = 0; index < this.names.length; index++) {
      yield toEntry(this.names[index] ?? null, this.cells[index] ?? null);
    }
  }

  *keys(): IterableIterator<Value> {
    for (const entry of this.entries()) yield entry.key;
  }

  freezeSelf(pending: Value[]): void {
    if (this.isFrozen) return;
    this.isFrozen = true;
    for (const { key, value } of this.entries()) pending.push(key, value);
  }

  /** @throws {StarlarkError} unless the table may change now. */
  check(verb: string): void {
    if (this.isFrozen) throw new StarlarkError(`cannot ${verb} frozen hash table`);
    if (this.iterators > 0) throw new StarlarkError(`cannot ${verb} hash table during iteration`);
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
  return key instanceof StarlarkObject ? key.hashKey() : key;
}

/** The key of a compound value. */
export function markedKey(encoded: string): HashKey {
  return mark + encoded;
}

/** One part of an encoded key; each begins with a mark of its kind and tells its own length. */
export function encodeKey(value: Value): string {
  if (value === null) return 'N';
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (typeof value !== 'object') return `i${value};`;
  const key = value.hashKey();
  if (typeof key === 'string') return `c${key.length}:${key}`;
  return typeof key === 'object' && key !== null ? `o${identityOf(key)};` : `i${key};`;
}
