import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { type BoundArguments, positional, signature } from '../signature.ts';
import { Builtin } from '../values/callable.ts';
import type { Value } from '../values/object.ts';
import { Module } from '../values/struct.ts';
import { decodeJson } from './json-decode.ts';
import { encodeJson } from './json-encode.ts';

const encodeParameters = positional('json.encode', 1);
const decodeParameters = signature('json.decode', ['x', 'default?']);

/** starlark-go's `json`. */
export const jsonModule: Module = new Module('json', [
  [
    'encode',
    new Builtin('json.encode', (thread, args, kwargs) =>
      encodeJson('json.encode', encodeParameters(args, kwargs).value(0), thread),
    ),
  ],
  [
    'encode_indent',
    new Builtin('json.encode_indent', (thread, args, kwargs) => {
      const layout = layoutOf('json.encode_indent', kwargs);
      const bound = positional('json.encode_indent', 1)(args, noKeywords);
      return indentJson(encodeJson(bound.function, bound.value(0), thread), layout, thread);
    }),
  ],
  [
    'decode',
    new Builtin('json.decode', (thread, args, kwargs) => {
      const bound = decodeParameters(args, kwargs);
      const text = bound.string(0);
      if (args.length === 0) throw new StarlarkError('json.decode: unexpected keyword argument x');
      const fallback = bound.optional(1);
      if (fallback === undefined) return decodeJson(text, thread);
      try {
        return decodeJson(text, thread);
      } catch (error) {
        if (!(error instanceof StarlarkError) || error.isFatal) throw error;
        return fallback;
      }
    }),
  ],
  [
    'indent',
    new Builtin('json.indent', (thread, args, kwargs) => {
      const layout = layoutOf('json.indent', kwargs);
      return indentJson(positional('json.indent', 1)(args, noKeywords).string(0), layout, thread);
    }),
  ],
]);

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

const noKeywords: ReadonlyMap<string, Value> = new Map();

/** What a new line begins with. */
interface Layout {
  readonly prefix: string;
  readonly indent: string;
}

/** The two keyword-only parameters, which starlark-go looks at before the positional ones. */
function layoutOf(name: string, kwargs: ReadonlyMap<string, Value>): Layout {
  const bound: BoundArguments = signature(name, ['prefix?', 'indent?'])([], kwargs);
  return { prefix: bound.string(0, ''), indent: bound.string(1, '\t') };
}

/** Lays out JSON text, one element a line. */
function indentJson(text: string, { prefix, indent }: Layout, thread: Thread): string {
  try {
    decodeJson(text, thread);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    const problem = error.message.replace(/^json\.decode: /, '').replace('unexpected', 'invalid');
    throw new StarlarkError(`json.indent: ${problem}`, { isFatal: error.isFatal });
  }
  let depth = 0;
  let result = '';
  let previous = '';
  const write = (part: string): void => {
    thread.text(part.length);
    thread.allocate(weights.string);
    result += part;
  };
  const line = (): void => write(`\n${prefix}${indent.repeat(depth)}`);
  for (const [token] of text.matchAll(tokens)) {
    const isClose = token === '}' || token === ']';
    if (isClose) depth--;
    const isEmpty = isClose && (previous === '{' || previous === '[');
    if ((isClose && !isEmpty) || (!isClose && (previous === '{' || previous === '['))) line();
    write(token);
    if (token === ':') write(' ');
    if (token === '{' || token === '[') depth++;
    if (token === ',') line();
    previous = token;
  }
  return result;
}
