import { StarlarkError } from '../error.ts';
import { type HashKey, identityOf, StarlarkObject, type Value } from './object.ts';

export interface Entry {
  readonly key: Value;
  value: Value;
}

/**
 * Insertion-ordered storage of dicts and sets over one Map. Scalars are their own keys (a Map
 * tells 1 from True and "1", and equal bigints are one key). Tuples and structs are encoded
 * injectively, then interned to an object: a bare string would clash with real strings.
 */
export class HashTable {
  readonly #entries = new Map<HashKey, Entry>();
  #interned: Map<string, object> | undefined;
  isFrozen = false;
  iterators = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    const found = typeof key === 'string' ? key : this.#find(key);
    return found === undefined ? undefined : this.#entries.get(found)?.value;
  }

  has(key: Value): boolean {
    const found = this.#find(key);
    return found !== undefined && this.#entries.has(found);
  }

  /** Inserts or replaces without any check of frozenness; keeps the place of an old key. */
  put(key: Value, value: Value): void {
    const stored = typeof key === 'string' || typeof key === 'number' ? key : this.#intern(key);
    const entry = this.#entries.get(stored);
    if (entry === undefined) this.#entries.set(stored, { key, value });
    else entry.value = value;
  }

  insert(key: Value, value: Value): void {
    if (this.isFrozen || this.iterators > 0) this.check('insert into');
    this.put(key, value);
  }

  /** Removes a key and gives its entry, if there was one. */
  remove(key: Value): Entry | undefined {
    this.check('delete from');
    const found = this.#find(key);
    if (found === undefined) return undefined;
    const entry = this.#entries.get(found);
    this.#entries.delete(found);
    if (typeof found === 'object' && found !== null && key instanceof StarlarkObject) {
      if (found !== key) this.#interned?.delete(key.encodeKey());
    }
    return entry;
  }

  clear(): void {
    this.check('clear');
    this.#entries.clear();
    this.#interned = undefined;
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  *keys(): IterableIterator<Value> {
    for (const entry of this.#entries.values()) yield entry.key;
  }

  freezeSelf(pending: Value[]): void {
    if (this.isFrozen) return;
    this.isFrozen = true;
    for (const { key, value } of this.#entries.values()) pending.push(key, value);
  }

  /** @throws {StarlarkError} unless the table may change now. */
  check(verb: string): void {
    if (this.isFrozen) throw new StarlarkError(`cannot ${verb} frozen hash table`);
    if (this.iterators > 0) throw new StarlarkError(`cannot ${verb} hash table during iteration`);
  }

  #find(key: Value): HashKey | undefined {
    if (!(key instanceof StarlarkObject)) return key;
    const direct = key.hashKey();
    return direct === undefined ? this.#interned?.get(key.encodeKey()) : direct;
  }

  #intern(key: Value): HashKey {
    if (!(key instanceof StarlarkObject)) return key;
    const direct = key.hashKey();
    if (direct !== undefined) return direct;
    this.#interned ??= new Map();
    const encoded = key.encodeKey();
    const known = this.#interned.get(encoded);
    if (known !== undefined) return known;
    const made = {};
    this.#interned.set(encoded, made);
    return made;
  }
}

/** One part of an encoded key; each begins with a mark of its kind and tells its own length. */
export function encodeKey(value: Value): string {
  if (!(value instanceof StarlarkObject)) return encodeScalar(value);
  const key = value.hashKey();
  if (key === undefined) return value.encodeKey();
  return typeof key === 'object' && key !== null ? `o${identityOf(key)};` : encodeScalar(key);
}

function encodeScalar(value: null | boolean | number | bigint | string): string {
  if (value === null) return 'N';
  if (value === true) return 'T';
  if (value === false) return 'F';
  return typeof value === 'string' ? `s${value.length}:${value}` : `i${value};`;
}
