/** How deep JSON nests, before anything recursive sees it: readers and writers that recurse would break. */
import type { Json } from './json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSE: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Whether lists and maps nest more than `maxDepth` levels; one pass, whatever the text is. */
export function isJsonDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isText) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (OPEN.has(code)) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (CLOSE.has(code)) depth -= 1;
  }
  return false;
}

/** The same of a value. Recurses no deeper than `maxDepth`, so a value that holds itself is too deep. */
export function isValueDeeper(value: Json, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (maxDepth === 0) return true;
  return Object.values(value).some((part) => isValueDeeper(part, maxDepth - 1));
}
