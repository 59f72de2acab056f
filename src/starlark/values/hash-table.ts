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

/**
 * Insertion-ordered storage of dicts and sets over one Map. Scalars are their own keys: a Map
 * tells 1 from True and "1", and equal bigints are one key. Tuples, structs and bytes are encoded
 * injectively into a string that begins with NUL; real strings that do so get a mark as well.
 * Only such keys are stored in a box with what they stand for.
 */
export class HashTable {
  readonly #entries = new Map<HashKey, Value | Boxed>();
  /** A float stands under a number's key: the first key of equal ones is the one that stays. */
  #hasFloats = false;
  isFrozen = false;
  iterators = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    const found = this.#entries.get(typeof key === 'number' ? key : keyOf(key));
    return found instanceof Boxed ? found.value : found;
  }

  has(key: Value): boolean {
    return this.#entries.has(keyOf(key));
  }

  /** Inserts or replaces without any check of frozenness; keeps the place of an old key. */
  put(key: Value, value: Value): void {
    const stored = typeof key === 'number' ? key : keyOf(key);
    if (stored === key && !this.#hasFloats) {
      this.#entries.set(key, value);
      return;
    }
    const known = this.#entries.get(stored);
    if (known instanceof Boxed) {
      known.value = value;
      return;
    }
    const isNew = known === undefined && stored !== key;
    if (isNew && typeof stored !== 'string') this.#hasFloats = true;
    this.#entries.set(stored, isNew ? new Boxed(key, value) : value);
  }

  insert(key: Value, value: Value): void {
    if (this.isFrozen || this.iterators > 0) this.check('insert into');
    this.put(key, value);
  }

  /** Removes a key and gives its entry, if there was one. */
  remove(key: Value): Entry | undefined {
    this.check('delete from');
    const stored = keyOf(key);
    const found = this.#entries.get(stored);
    this.#entries.delete(stored);
    return found === undefined ? undefined : toEntry(stored, found);
  }

  clear(): void {
    this.check('clear');
    this.#entries.clear();
  }

  *entries(): IterableIterator<Entry> {
    for (const [stored, found] of this.#entries) yield toEntry(stored, found);
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
