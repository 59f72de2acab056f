import { type Builtin, builtin, callValue, type Thread } from '../../src/starlark/builtin.ts';
import { errorDiagnostic, type StarlarkDiagnostic } from '../../src/starlark/diagnostic.ts';
import { builtinFile, StarlarkError } from '../../src/starlark/error.ts';
import type { Position } from '../../src/starlark/position.ts';
import { positional, signature } from '../../src/starlark/signature.ts';
import { jsonModule, mathModule, structBuiltin } from '../../src/starlark/standard-library.ts';
import { Float, freeze, isTrue, Module, repr, type Value } from '../../src/starlark/value.ts';
import { fibonacci, gensym, HasFields } from './host-types.ts';
import { contains, isEqual, isLess } from './operators.ts';

/** What a suite's programs find around them, and the assertions that have failed. */
export class Prelude {
  readonly failures: StarlarkDiagnostic[] = [];
  readonly modules: ReadonlyMap<string, ReadonlyMap<string, Value>>;

  constructor() {
    const freezer = builtin({
      name: 'freeze',
      call: (_thread, args, kwargs) => {
        const value = positional('freeze', 1)(args, kwargs).value(0);
        freeze(value);
        return value;
      },
    });
    const assert = new Module('assert', this.#assertions());
    this.modules = new Map([
      [
        'assert.star',
        new Map<string, Value>([
          ['assert', assert],
          ['freeze', freezer],
        ]),
      ],
      ['json.star', new Map<string, Value>([['json', jsonModule]])],
      ['math.star', new Map<string, Value>([['math', mathModule]])],
    ]);
  }

  /** The usual names, and any others a chunk asks for. */
  predeclared(names: readonly string[]): Record<string, Value> {
    const values: Record<string, Value> = {
      struct: structBuiltin,
      gensym,
      fibonacci,
      hasfields: builtin({ name: 'hasfields', call: () => new HasFields() }),
    };
    for (const name of names) values[name] ??= null;
    return values;
  }

  #assertions(): [string, Value][] {
    const define = (
      name: string,
      call: (args: readonly Value[], thread: Thread) => string | undefined,
      least = 2,
      most: number = least,
    ): [string, Builtin] => [
      name,
      builtin({
        name,
        call: (thread, args, kwargs, position) => {
          const parameters = name === 'true' ? signature(name, ['cond', 'msg?']) : undefined;
          const bound = (parameters ?? positional(name, least, most))(args, kwargs);
          const values = Array.from({ length: most }, (_, index) => bound.optional(index));
          const given = values.filter((value) => value !== undefined);
          this.#report(call(given, thread), position);
          return null;
        },
      }),
    ];
    return [
      define('eq', ([x = null, y = null], thread) => unequal(x, y, thread)),
      define('ne', ([x = null, y = null], thread) =>
        isEqual(x, y, thread) ? `${repr(x)} == ${repr(y)}` : undefined,
      ),
      define(
        'true',
        ([condition = null, message = 'assertion failed']) =>
          isTrue(condition) ? undefined : String(message),
        1,
        2,
      ),
      define('lt', ([x = null, y = null], thread) =>
        isLess(x, y, thread) ? undefined : `${repr(x)} is not less than ${repr(y)}`,
      ),
      define('contains', ([x = null, y = null], thread) =>
        contains(x, y, thread) ? undefined : `${repr(x)} does not contain ${repr(y)}`,
      ),
      define('fails', ([callee = null, pattern = ''], thread) =>
        unexpected(callee, String(pattern), thread),
      ),
      define('fail', ([message = null]) => String(message), 1),
    ];
  }

  /** A failed assertion is noted, and the program goes on. */
  #report(problem: string | undefined, position: Position): void {
    if (problem === undefined) return;
    const error = new StarlarkError(problem);
    const { file, line, column } = position;
    error.frames.push({ file: builtinFile, line: 0, column: 0, name: 'assert' });
    error.frames.push({ file, line, column, name: '<toplevel>' });
    this.failures.push(errorDiagnostic(error, position));
  }
}

function unequal(x: Value, y: Value, thread: Thread): string | undefined {
  if (isEqual(x, y, thread) || areClose(x, y)) return undefined;
  return `${repr(x)} != ${repr(y)}`;
}

/** Floats may differ in the last place. */
function areClose(x: Value, y: Value): boolean {
  if (!(x instanceof Float || y instanceof Float)) return false;
  const a = x instanceof Float ? x.value : Number(x);
  const b = y instanceof Float ? y.value : Number(y);
  return Math.abs(a - b) <= Math.max(Math.abs(a), Math.abs(b)) * 2 ** -52;
}

/** Calls a function that must fail with a message in which the pattern is found. */
function unexpected(callee: Value, pattern: string, thread: Thread): string | undefined {
  try {
    callValue(thread, callee, []);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    if (new RegExp(pattern).test(error.message)) return undefined;
    return `error ${repr(error.message)} does not match ${repr(pattern)}`;
  }
  return `evaluation succeeded unexpectedly (want error matching ${repr(pattern)})`;
}
