const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Says that a JSON text nests too deeply, before anything recursive sees it. Linear. */
export function depthProblem(text: string, maxDepth: number): string | undefined {
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
      if (depth > maxDepth) return `the file nests more than ${maxDepth} levels`;
    } else if (CLOSE.has(code)) depth -= 1;
  }
  return undefined;
}
