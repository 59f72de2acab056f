const shortEscapes: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
  [34, '\\"'],
  [92, '\\\\'],
]);

/** What needs no escape in a literal: graphic characters and the space. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const plainText = /^[ !#-[\]-~]*$/;
const notPlain = /[^ !#-[\]-~]/gu;
/** So much is quoted at a time: letter by letter a long text would be a rope of letters. */
const stretch = 2 ** 14;

/** A literal that reads back as the same string. */
export function quote(text: string): string {
  if (plainText.test(text)) return `"${text}"`;
  let quoted = '"';
  for (let start = 0; start < text.length; ) {
    let end = start + stretch;
    // A pair of surrogates is one character.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    quoted += text.slice(start, end).replace(notPlain, escapeCharacter);
    start = end;
  }
  return `${quoted}"`;
}

export function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const short = shortEscapes.get(code);
  if (short !== undefined) return short;
  if (printable.test(character)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (code < 0x10000) return `\\u${hex(code, 4)}`;
  return `\\U${hex(code, 8)}`;
}

export function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
