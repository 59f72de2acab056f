import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import type { ReprWriter } from './repr.ts';

/**
 * Everything a program can hold. An int is a number when |x| <= 2^53 - 1 and a bigint otherwise,
 * one form for each value, so that `===` and Map keys work. Floats are boxed: ints are common
 * here, floats rare. `null` is None.
 */
export type Value = null | boolean | number | bigint | string | StarlarkObject;

/** What a Map can tell apart as a dict does; see `HashTable`. */
export type HashKey = null | boolean | number | bigint | string | object;

export type Equal = (x: Value, y: Value, depth: number) => boolean;

/** The base of all boxed values. A method that a type lacks keeps the answer given here. */
export abstract class StarlarkObject {
  abstract readonly starlarkType: string;

  abstract write(writer: ReprWriter): void;

  isTrue(): boolean {
    return true;
  }

  /** Freezes this value alone, and lists what it holds the first time it is frozen. */
  freezeSelf(_pending: Value[]): void {}

  /** The key in a hash table; the value itself where identity is equality. */
  hashKey(): HashKey {
    return this;
  }

  equals(other: StarlarkObject, _depth: number, _equal: Equal): boolean {
    return this === other;
  }

  get isIterable(): boolean {
    return false;
  }

  /** The elements in order; only for iterable values. */
  elements(): Iterable<Value> {
    throw new StarlarkError(`${this.starlarkType} value is not iterable`);
  }

  /** Forbids mutation until `release`; calls nest. */
  hold(): void {}

  release(): void {}

  size(): number | undefined {
    return undefined;
  }

  attribute(_name: string): Value | undefined {
    return undefined;
  }

  attributeNames(): readonly string[] {
    return [];
  }

  /** The message for a missing attribute, without suggestion. */
  missingAttribute(name: string): string {
    return `${this.starlarkType} has no .${name} field or method`;
  }

  /** False if the value has fields that may be set, but none of that name. */
  setAttribute(name: string, _value: Value): boolean {
    throw new StarlarkError(`can't assign to .${name} field of ${this.starlarkType}`);
  }

  /** A binary operation this type defines; `undefined` if it does not. */
  binary(_operator: string, _other: Value, _isLeft: boolean): Value | undefined {
    return undefined;
  }

  unary(_operator: string): Value | undefined {
    return undefined;
  }

  /** `x[key]` for types of the host. */
  index(_key: Value): Value | undefined {
    return undefined;
  }

  get isCallable(): boolean {
    return false;
  }

  /** Calls the value; `undefined` if it can't be called. */
  invoke(
    _thread: Thread,
    _args: readonly Value[],
    _kwargs: ReadonlyMap<string, Value>,
  ): Value | undefined {
    return undefined;
  }
}

/**
 * What `type` says of a value.
 *
 * ```js
 * [1, 'x', null, new Float(1), new List([])].map(typeName); // → ["int", "string", "NoneType", "float", "list"]
 * ```
 */
export function typeName(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  return value === null ? 'NoneType' : value.starlarkType;
}

/**
 * What `bool` says of a value.
 *
 * ```js
 * [0, '', null, new List([]), 7].map(isTrue); // → [false, false, false, false, true]
 * ```
 */
export function isTrue(value: Value): boolean {
  return typeof value === 'object' && value !== null ? value.isTrue() : Boolean(value);
}

/**
 * Freezes a value and all it reaches, by a work list: data can be deeper than a stack.
 *
 * ```js
 * const list = new List([1]);
 * freeze(list);
 * const sources = new Map([['a.star', 'list.append(2)\n']]);
 * exec({ file: 'a.star', sources, predeclared: { list } }).errors[0].message; // → "append: cannot append to frozen list"
 * ```
 */
export function freeze(root: Value): void {
  const pending: Value[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value === 'object' && value !== null) value.freezeSelf(pending);
  }
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** A number that tells one object from any other; order and value mean nothing. */
export function identityOf(object: object): number {
  const known = identities.get(object);
  if (known !== undefined) return known;
  lastIdentity++;
  identities.set(object, lastIdentity);
  return lastIdentity;
}
