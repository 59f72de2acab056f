/**
 * `whaleflow/starlark`: the whole language, for any host. Nothing here touches files, clocks or chance.
 * The examples below are run by a test.
 *
 * Run a program with values of the host, and read what it made:
 * ```js
 * const sources = new Map([['main.star', 'total = sum_of([1, 2, 3])\n']]);
 * const sum_of = builtin({
 *   name: 'sum_of',
 *   call: (thread, args) => args[0].items.reduce((sum, item) => sum + item, 0),
 * });
 * const done = exec({ file: 'main.star', sources, predeclared: { sum_of } });
 * done.ok; // → true
 * done.globals.get('total'); // → 6
 * ```
 *
 * A failure is a value, with a place and the calls that led there:
 * ```js
 * const sources = new Map([['main.star', 'def f(x):\n    return x[3]\n\nf([1])\n']]);
 * const { ok, errors } = exec({ file: 'main.star', sources });
 * ok; // → false
 * errors[0].message; // → "list index 3 out of range [-1:0]"
 * errors[0].frames.map(({ line, column, name }) => `${line}:${column} ${name}`); // → ["4:2 <toplevel>", "2:13 f"]
 * ```
 *
 * Limits end any program, and `load` sees only the given sources:
 * ```js
 * const sources = new Map([
 *   ['main.star', 'load("lib.star", "twice")\nx = [twice(i) for i in range(1 << 30)]\n'],
 *   ['lib.star', 'def twice(x): return 2 * x\n'],
 * ]);
 * const { errors } = exec({ file: 'main.star', sources, limits: { steps: 1000 } });
 * errors[0].message; // → "too many steps"
 * ```
 *
 * All static mistakes at once, the layout of a file, and its comments:
 * ```js
 * check({ file: 'a.star', source: 'x = y\nbreak\n' }).map(({ line, message }) => `${line}: ${message}`); // → ["1: undefined: y", "2: break not in a loop"]
 * format('x=[1,2 ] # why\n', 'a.star').text; // → "x = [1, 2]  # why\n"
 * commentsOf('x = 1  # why\n', 'a.star')[0].column; // → 8
 * ```
 *
 * Values of the host’s own types, and data in both directions:
 * ```js
 * class Point extends HostValue {
 *   starlarkType = 'point';
 *   getAttr(name) { return name === 'x' ? 3 : undefined; }
 *   getAttrNames() { return ['x']; }
 * }
 * const sources = new Map([['a.star', 'd = {"x": p.x, "type": type(p)}\n']]);
 * const done = exec({ file: 'a.star', sources, predeclared: { p: new Point() } });
 * toJson(done.globals.get('d')); // → {"x":3,"type":"point"}
 * ```
 */

export {
  type BuiltinDefinition,
  builtin,
  type CallPosition,
  callValue,
  type NativeCall,
  type Thread,
} from './builtin.ts';
export { attachComments, type NodeComments, type SyntaxNode } from './comments.ts';
export {
  diagnosticHeadline,
  renderDiagnostic,
  type StarlarkDiagnostic,
} from './diagnostic.ts';
export { type Dialect, dialectDefault, dialectSpec } from './dialect.ts';
export { StarlarkError, type StarlarkErrorOptions, type StarlarkFrame } from './error.ts';
export { type FormatResult, format } from './format.ts';
export { HostValue } from './host-value.ts';
export { fromJson, type JsonValue, toJson } from './json-value.ts';
export { type CancelSignal, type Limits, limitsDefault } from './limits.ts';
export type { Position } from './position.ts';
export { type BoundArguments, positional, type Signature, signature } from './signature.ts';
export { jsonModule, mathModule, structBuiltin } from './standard-library.ts';
export {
  type CheckRequest,
  check,
  type ExecRequest,
  type ExecResult,
  exec,
  type LoadReference,
  loadsOf,
  type ParseResult,
  parse,
  resolveModuleId,
  type SyntaxFile,
  universalNames,
} from './starlark.ts';
export type { Expression, Statement } from './syntax/tree.ts';
export { commentsOf, type SourceComment, type SourceToken, tokensOf } from './tokens.ts';
export {
  Bytes,
  Dict,
  Float,
  freeze,
  isTrue,
  List,
  Module,
  Range,
  repr,
  StarlarkFunction,
  StarlarkObject,
  StarlarkSet,
  Struct,
  Tuple,
  typeName,
  type Value,
} from './value.ts';
