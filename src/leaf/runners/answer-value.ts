/**
 * Reads the JSON out of what a model wrote: the text itself, else a fenced block, else an object or list in
 * it. Of several, the first that fits is taken; nothing is guessed or mended inside the JSON.
 */
import type { Json } from '../../base/json.ts';
import { isJsonDeeper } from '../../base/json-depth.ts';
import { wellFormed } from '../../model/canonical-json.ts';

export type AnswerValue = { readonly value: Json } | { readonly problem: string };

/** Levels of nesting that an answer may have; what is deeper breaks readers that recurse. */
const MAX_DEPTH = 100;
/** Places in a text where JSON is looked for. */
const MAX_CANDIDATES = 16;

/** `fits`: tells the wanted value from others that stand in the same text; the first counts where none does. */
export function parseAnswer(
  text: string,
  fits: (value: Json) => boolean = () => true,
): AnswerValue {
  if (text.trim() === '') return { problem: 'the answer is empty' };
  let first: AnswerValue | undefined;
  for (const candidate of candidates(withoutThoughts(text))) {
    const parsed = tryParse(candidate);
    if (parsed !== undefined && 'value' in parsed && fits(parsed.value)) return parsed;
    first ??= parsed;
  }
  return first ?? { problem: 'the answer is not JSON' };
}

/** Models on one’s own machine think aloud, and may try out answers on the way. */
function withoutThoughts(text: string): string {
  const end = text.lastIndexOf('</think>');
  const rest = end < 0 ? text : text.slice(end + '</think>'.length);
  return rest.trim() === '' ? text : rest;
}

function* candidates(text: string): Generator<string> {
  yield text.trim();
  const fences = text.matchAll(/```[\w-]*[ \t]*\r?\n([\s\S]*?)```/g);
  for (const fence of [...fences].slice(0, MAX_CANDIDATES)) {
    if (fence[1] !== undefined) yield fence[1].trim();
  }
  let from = 0;
  for (let count = 0; count < MAX_CANDIDATES; count += 1) {
    const found = bracketed(text, from);
    if (found === undefined) return;
    yield text.slice(found.start, found.end);
    // What is no JSON as a whole may have some inside.
    from = tryParse(text.slice(found.start, found.end)) === undefined ? found.start + 1 : found.end;
  }
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

/** The next balanced `{…}` or `[…]`, with texts skipped. */
function bracketed(
  text: string,
  from: number,
): { readonly start: number; readonly end: number } | undefined {
  for (let start = from, count = 0; count < MAX_CANDIDATES; count += 1) {
    const offset = text.slice(start).search(/[{[]/);
    if (offset < 0) return undefined;
    start += offset;
    let depth = 0;
    for (const { index, change } of brackets(text, start)) {
      depth += change;
      if (depth === 0) return { start, end: index + 1 };
    }
    start += 1;
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
