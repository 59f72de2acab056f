import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { signature } from '../signature.ts';
import { Builtin } from '../values/callable.ts';
import { Module } from '../values/struct.ts';
import { decodeJson } from './json-decode.ts';
import { encodeJson } from './json-encode.ts';

const encodeParameters = signature('json.encode', ['x']);
const indentParameters = signature('json.indent', ['str', '*', 'prefix?', 'indent?']);
const encodeIndentParameters = signature('json.encode_indent', ['x', '*', 'prefix?', 'indent?']);
const decodeParameters = signature('json.decode', ['x', 'default?']);

/** starlark-go's `json`. */
export const jsonModule: Module = new Module('json', [
  [
    'encode',
    new Builtin('json.encode', (thread, args, kwargs) =>
      encodeJson(encodeParameters(args, kwargs).value(0), thread),
    ),
  ],
  [
    'encode_indent',
    new Builtin('json.encode_indent', (thread, args, kwargs) => {
      const bound = encodeIndentParameters(args, kwargs);
      const text = encodeJson(bound.value(0), thread);
      return indentJson(text, bound.string(1, ''), bound.string(2, '\t'), thread);
    }),
  ],
  [
    'decode',
    new Builtin('json.decode', (thread, args, kwargs) => {
      const bound = decodeParameters(args, kwargs);
      const text = bound.string(0);
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
      const bound = indentParameters(args, kwargs);
      return indentJson(bound.string(0), bound.string(1, ''), bound.string(2, '\t'), thread);
    }),
  ],
]);

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Lays out JSON text, one element a line. */
function indentJson(text: string, prefix: string, indent: string, thread: Thread): string {
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
