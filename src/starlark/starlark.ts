/**
 * Starlark as a language of its own: text in, frozen values or diagnostics out. Evaluation is a
 * pure function of its arguments: no files, clocks or chance; `load` sees only what is given.
 */
import { errorDiagnostic, type StarlarkDiagnostic } from './diagnostic.ts';
import { type Dialect, dialectDefault } from './dialect.ts';
import { StarlarkError } from './error.ts';
import { universe } from './library/universe.ts';
import { type CancelSignal, type Limits, limitsDefault } from './limits.ts';
import type { Position } from './position.ts';
import { type CheckOptions, checkFile, loadStatements } from './run/check.ts';
import { Loader } from './run/loader.ts';
import { locate } from './run/locate.ts';
import { Thread } from './run/thread.ts';
import { parseFile } from './syntax/parser.ts';
import type { FileNode } from './syntax/tree.ts';
import type { Value } from './values/object.ts';

/** A parsed file; what is inside is the language's own business. */
export type SyntaxFile = FileNode;

export type ParseResult =
  | { readonly file: SyntaxFile; readonly errors?: undefined }
  | { readonly file?: undefined; readonly errors: readonly StarlarkDiagnostic[] };

/**
 * The syntax tree of a file, or its mistakes.
 *
 * ```js
 * parse('x = 1\n', 'a.star').file.statements.map(({ kind }) => kind); // → ["assign"]
 * parse('x = )\n', 'a.star').errors[0].column; // → 5
 * ```
 */
export function parse(
  source: string,
  file: string,
  dialect: Dialect = dialectDefault,
): ParseResult {
  const { tree, errors } = parseFile(source, file, dialect, limitsDefault.nesting);
  return errors.length > 0 ? { errors } : { file: tree };
}

export interface CheckRequest {
  readonly source: string;
  readonly file: string;
  readonly dialect?: Dialect;
  readonly limits?: Partial<Limits>;
  /** Names the host will give. */
  readonly predeclared?: Iterable<string>;
  /** Instead of the language's own built-ins; for conformance suites. */
  readonly universe?: ReadonlySet<string>;
}

/**
 * All static mistakes of one file, in order; `load`s are not followed.
 *
 * ```js
 * const found = check({ file: 'a.star', source: 'x = lenn(y)\n', predeclared: ['y'] });
 * found[0].message; // → "undefined: lenn (did you mean len?)"
 * ```
 */
export function check(request: CheckRequest): readonly StarlarkDiagnostic[] {
  const { source, file, dialect = dialectDefault, predeclared = [] } = request;
  const names = new Set(predeclared);
  const options: CheckOptions = {
    dialect,
    limits: { ...limitsDefault, ...request.limits },
    isPredeclared: (name) => names.has(name),
    predeclaredNames: names,
    universalNames: request.universe,
  };
  return checkFile(source, file, options).errors;
}

export interface LoadReference {
  /** As written: relative to the folder of the file that loads. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

/**
 * The files that a source loads, in order, so that a host can collect them beforehand. Gives what
 * it can of a file with mistakes.
 *
 * ```js
 * loadsOf('load("lib/b.star", "f")\n', 'a.star').map(({ name, line }) => [name, line]); // → [["lib/b.star", 1]]
 * ```
 */
export function loadsOf(
  source: string,
  file: string,
  dialect: Dialect = dialectDefault,
): readonly LoadReference[] {
  const { tree } = parseFile(source, file, dialect, limitsDefault.nesting);
  return loadStatements(tree).map(({ module, modulePosition, moduleEndColumn }) => ({
    name: module,
    line: modulePosition.line,
    column: modulePosition.column,
    endColumn: moduleEndColumn,
  }));
}

export { resolveModuleId } from './run/module-id.ts';

export interface ExecRequest {
  /** The id of the file to run, a key of `sources`. */
  readonly file: string;
  /** All files that may take part, by id: paths with `/`, relative to one folder. */
  readonly sources: ReadonlyMap<string, string>;
  /** Frozen before the program starts. */
  readonly predeclared?: Readonly<Record<string, Value>>;
  /** Modules of the host, by the exact name a program loads. */
  readonly modules?: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  readonly dialect?: Dialect;
  readonly limits?: Partial<Limits>;
  readonly print?: (message: string, position: Position) => void;
  /** Looked at every few thousand steps. */
  readonly signal?: CancelSignal;
  /** A clock in milliseconds, for the limit of wall time; the program never sees it. */
  readonly now?: () => number;
}

export type ExecResult =
  | { readonly ok: true; readonly globals: ReadonlyMap<string, Value>; readonly steps: number }
  | { readonly ok: false; readonly errors: readonly StarlarkDiagnostic[]; readonly steps: number };

/**
 * Runs a file. Static mistakes of all files are found first, and then nothing is run.
 *
 * ```js
 * const sources = new Map([
 *   ['a.star', 'load("b.star", "base")\nprint("hi")\nx = base + 1\n'],
 *   ['b.star', 'base = 41\n'],
 * ]);
 * const printed = [];
 * const done = exec({ file: 'a.star', sources, print: (message) => printed.push(message) });
 * done.globals.get('x'); // → 42
 * printed; // → ["hi"]
 * ```
 */
export function exec(request: ExecRequest): ExecResult {
  const { file, sources, dialect = dialectDefault } = request;
  const limits = { ...limitsDefault, ...request.limits };
  const predeclared = new Map(Object.entries(request.predeclared ?? {}));
  const loader = new Loader({
    sources,
    predeclared,
    modules: request.modules ?? new Map(),
    check: {
      dialect,
      limits,
      isPredeclared: (name) => predeclared.has(name),
      predeclaredNames: predeclared.keys(),
    },
  });
  const errors = loader.prepare(file);
  if (errors.length > 0) return { ok: false, errors, steps: 0 };
  const thread = new Thread({
    limits,
    allowsRecursion: dialect.recursion,
    print: request.print ?? (() => {}),
    signal: request.signal,
    now: request.now,
  });
  const start = { file, line: 1, column: 1 };
  try {
    const globals = loader.run(file, thread);
    return { ok: true, globals, steps: Math.ceil(thread.steps) };
  } catch (error) {
    const site = { thread, functionName: '<toplevel>', position: start };
    const failure = error instanceof StarlarkError ? error : locate(error, site);
    if (!(failure instanceof StarlarkError)) throw failure;
    return {
      ok: false,
      errors: [errorDiagnostic(failure, start)],
      steps: Math.ceil(thread.steps),
    };
  }
}

/**
 * The names every program knows, for hosts that list or complete them.
 *
 * ```js
 * universalNames().includes('enumerate'); // → true
 * ```
 */
export function universalNames(): readonly string[] {
  return [...universe.keys()].sort();
}
