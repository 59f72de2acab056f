/**
 * Makes any text safe to show in a terminal, a log or a page of text: what could move the cursor,
 * change colours, hide or reorder text is written out as `\x1b` or `\u{202e}`. Nothing that is shown
 * to a person and came from outside skips this.
 */

// Control (C0, DEL, C1), format (bidi, zero width, tags), private use, lone surrogates, line and
// paragraph separators, fillers that look like nothing, and variation selectors beyond emoji’s.
const UNPRINTABLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|\u034f|[\u115f\u1160]|[\u17b4\u17b5]|[\u2800\u3164\uffa0]|[\ufe00-\ufe0e]|[\u{e0100}-\u{e01ef}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line: line breaks and tabs are written out too. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, writtenOut);
}

/** Keeps line feeds (a carriage return before one is dropped) and tabs; the rest is written out. */
export function printableLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (character) => (isLayout(character) ? character : writtenOut(character)));
}

/** JSON text with line feeds between its values: escaped as JSON does, so it means the same. */
export function printableJson(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    isLayout(character) ? character : asJsonEscapes(character),
  );
}

const isLayout = (character: string): boolean => character === '\n' || character === '\t';

function asJsonEscapes(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

function writtenOut(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
