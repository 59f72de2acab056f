import { suggestion } from './did-you-mean.ts';
import { StarlarkError } from './error.ts';
import { isIterable } from './operate/iterate.ts';
import { isCallable } from './run/call.ts';
import { type Int, isInt } from './values/integer.ts';
import { type StarlarkObject, typeName, type Value } from './values/object.ts';

/** Binds the arguments of a built-in to its parameters. */
export type Signature = (
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
) => BoundArguments;

/**
 * Declares the parameters of a built-in. A name that ends in `?` may be left out; with `??`, None
 * counts as left out too. Parameters after `*` are given by name only.
 *
 * ```js
 * const parameters = signature('greet', ['name', 'mark?', '*', 'loud?']);
 * const greet = builtin({
 *   name: 'greet',
 *   call(thread, args, kwargs) {
 *     const bound = parameters(args, kwargs);
 *     const text = `hi ${bound.string(0)}${bound.string(1, '.')}`;
 *     return bound.bool(2, false) ? text.toUpperCase() : text;
 *   },
 * });
 * const run = (text) => exec({ file: 'a', sources: new Map([['a', text]]), predeclared: { greet } });
 * run('x = greet("Ada", loud = True)\n').globals.get('x'); // → "HI ADA."
 * run('greet()\n').errors[0].message; // → "greet: missing argument for name"
 * ```
 */
export function signature(name: string, parameters: readonly string[]): Signature {
  const star = parameters.indexOf('*');
  const plain = parameters.filter((parameter) => parameter !== '*');
  const names = plain.map((parameter) => parameter.replace(/\?+$/, ''));
  const required = plain.filter((parameter) => !parameter.endsWith('?'));
  const skipsNone = plain.map((parameter) => parameter.endsWith('??'));
  const positionalCount = star < 0 ? plain.length : star;
  return (args, kwargs) => {
    if (args.length > positionalCount) {
      const limit = `got ${args.length} arguments, want at most ${positionalCount}`;
      throw new StarlarkError(`${name}: ${limit}`);
    }
    const values: (Value | undefined)[] = args.slice();
    for (const [key, value] of kwargs) bindKeyword(name, names, values, key, value);
    for (let index = args.length; index < plain.length; index++) {
      const parameter = names[index] ?? '';
      if (values[index] === undefined && required.includes(parameter)) {
        throw new StarlarkError(`${name}: missing argument for ${parameter}`);
      }
    }
    for (let index = 0; index < values.length; index++) {
      if (values[index] === null && skipsNone[index] === true) values[index] = undefined;
    }
    return new BoundArguments(name, names, values, args.length);
  };
}

function bindKeyword(
  name: string,
  names: readonly string[],
  values: (Value | undefined)[],
  key: string,
  value: Value,
): void {
  const index = names.indexOf(key);
  if (index < 0) {
    const hint = suggestion(key, names);
    throw new StarlarkError(`${name}: unexpected keyword argument "${key}"${hint}`);
  }
  if (values[index] !== undefined) {
    throw new StarlarkError(`${name}: got multiple values for keyword argument "${key}"`);
  }
  values[index] = value;
}

/**
 * Declares a built-in whose arguments have no names.
 *
 * ```js
 * const add = builtin({
 *   name: 'add',
 *   call(thread, args, kwargs) {
 *     const bound = positional('add', 2)(args, kwargs);
 *     return bound.int(0) + bound.int(1);
 *   },
 * });
 * const run = (text) => exec({ file: 'a', sources: new Map([['a', text]]), predeclared: { add } });
 * run('x = add(1, 2)\n').globals.get('x'); // → 3
 * run('add(1)\n').errors[0].message; // → "add: got 1 arguments, want 2"
 * ```
 */
export function positional(name: string, least: number, most: number = least): Signature {
  return (args, kwargs) => {
    if (kwargs.size > 0) throw new StarlarkError(`${name}: unexpected keyword arguments`);
    const count = args.length;
    if (count < least || count > most) {
      const bound = least === most ? '' : count < least ? 'at least ' : 'at most ';
      const limit = count < least ? least : most;
      throw new StarlarkError(`${name}: got ${count} arguments, want ${bound}${limit}`);
    }
    return new BoundArguments(name, undefined, args);
  };
}

/** Arguments by the index of their parameter; each reader checks the type. */
export class BoundArguments {
  readonly function: string;
  readonly #names: readonly string[] | undefined;
  readonly #values: readonly (Value | undefined)[];
  readonly #positionalCount: number;

  constructor(
    name: string,
    names: readonly string[] | undefined,
    values: readonly (Value | undefined)[],
    positionalCount: number = values.length,
  ) {
    this.#positionalCount = positionalCount;
    this.function = name;
    this.#names = names;
    this.#values = values;
  }

  /** The argument, or `undefined` if it was left out. */
  optional(index: number): Value | undefined {
    return this.#values[index];
  }

  value(index: number): Value {
    return this.#values[index] ?? null;
  }

  /** The argument under a parameter's name. */
  named(parameter: string): Value | undefined {
    const index = this.#names?.indexOf(parameter) ?? -1;
    return index < 0 ? undefined : this.#values[index];
  }

  string(index: number, fallback?: string): string {
    const value = this.#values[index];
    if (typeof value === 'string') return value;
    if (value === undefined && fallback !== undefined) return fallback;
    return this.fail(index, `got ${typeName(value ?? null)}, want string`);
  }

  bool(index: number, fallback: boolean): boolean {
    const value = this.#values[index];
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    return this.fail(index, `got ${typeName(value)}, want bool`);
  }

  /** An int of at most 64 bits, as the nearest double: enough for counts and indices. */
  int(index: number, fallback?: number): number {
    return Number(this.long(index, fallback));
  }

  /** An int of at most 64 bits. */
  long(index: number, fallback?: number): Int {
    const value = this.#values[index];
    if (value === undefined && fallback !== undefined) return fallback;
    if (!isInt(value)) return this.fail(index, `got ${typeName(value ?? null)}, want int`);
    if (value >= 2n ** 63n || value < -(2n ** 63n)) {
      return this.fail(index, `${value} out of range (want value in signed 64-bit range)`);
    }
    return value;
  }

  /** An int of at most 52 bits: doubles hold sums and differences of two of them exactly. */
  exact(index: number, fallback?: number): number {
    const value = this.long(index, fallback);
    if (typeof value === 'number' && Math.abs(value) <= 2 ** 52) return value;
    return this.fail(index, `${value} out of range (want at most 52 bits)`);
  }

  iterable(index: number): StarlarkObject {
    const value = this.value(index);
    if (isIterable(value)) return value;
    return this.fail(index, `got ${typeName(value)}, want iterable`);
  }

  callable(index: number): Value | undefined {
    const value = this.#values[index];
    if (value === undefined || isCallable(value)) return value;
    return this.fail(index, `got ${typeName(value)}, want callable`);
  }

  fail(index: number, problem: string): never {
    const name = this.#names?.[index] ?? String(index + 1);
    // As starlark-go says it: what was given by name is named as a string.
    const parameter = index < this.#positionalCount ? name : `"${name}"`;
    throw new StarlarkError(`${this.function}: for parameter ${parameter}: ${problem}`);
  }
}
