/**
 * Reads the JSON out of what a model wrote: the text itself, else a fenced block, else the first object
 * or list in it. One pass of extraction; nothing is guessed or mended inside the JSON.
 */
import type { Json } from '../../base/json.ts';
import { isJsonDeeper } from '../../base/json-depth.ts';
import { wellFormed } from '../../model/canonical-json.ts';

export type AnswerValue = { readonly value: Json } | { readonly problem: string };

/** Levels of nesting that an answer may have; what is deeper breaks readers that recurse. */
const MAX_DEPTH = 100;

export function parseAnswer(text: string): AnswerValue {
  if (text.trim() === '') return { problem: 'the answer is empty' };
  for (const candidate of candidates(text)) {
    const parsed = tryParse(candidate);
    if (parsed !== undefined) return parsed;
  }
  return { problem: 'the answer is not JSON' };
}

function* candidates(text: string): Generator<string> {
  yield text.trim();
  const fence = /```[\w-]*[ \t]*\r?\n([\s\S]*?)\n?[ \t]*```/.exec(text);
  if (fence?.[1] !== undefined) yield fence[1].trim();
  const embedded = firstBracketed(text);
  if (embedded !== undefined) yield embedded;
}

function tryParse(text: string): AnswerValue | undefined {
  if (isJsonDeeper(text, MAX_DEPTH))
    return { problem: `the answer is nested deeper than ${MAX_DEPTH}` };
  try {
    const value: Json = JSON.parse(text);
    return { value: wellFormed(value) };
  } catch {
    return undefined;
  }
}

/** The first balanced `{…}` or `[…]`, with texts skipped. */
function firstBracketed(text: string): string | undefined {
  const start = text.search(/[{[]/);
  if (start < 0) return undefined;
  let depth = 0;
  for (const { index, change } of brackets(text, start)) {
    depth += change;
    if (depth === 0) return text.slice(start, index + 1);
  }
  return undefined;
}

function* brackets(
  text: string,
  start: number,
): Generator<{ readonly index: number; readonly change: 1 | -1 }> {
  let inText = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inText) {
      if (character === '\\') index += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '{' || character === '[') yield { index, change: 1 };
    else if (character === '}' || character === ']') yield { index, change: -1 };
  }
}
