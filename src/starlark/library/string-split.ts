import { whitespace } from './string-case.ts';

const leading: RegExp = new RegExp(`^[${whitespace}]+`, 'u');
const trailing: RegExp = new RegExp(`[${whitespace}]+$`, 'u');
const gap: RegExp = new RegExp(`[${whitespace}]+`, 'gu');

/** Splits at a separator, at most `limit` times if that isn't negative. */
export function splitAt(text: string, separator: string, limit: number): string[] {
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

export function splitAtRight(text: string, separator: string, limit: number): string[] {
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  const kept = parts.length - limit;
  return [parts.slice(0, kept).join(separator), ...parts.slice(kept)];
}

/** Splits at runs of white space; the rest after the last split keeps its trailing space. */
export function splitSpace(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text.replace(leading, '');
  while (rest !== '') {
    gap.lastIndex = 0;
    const found = limit >= 0 && parts.length >= limit ? null : gap.exec(rest);
    if (found === null) {
      parts.push(rest);
      break;
    }
    parts.push(rest.slice(0, found.index));
    rest = rest.slice(found.index + found[0].length);
  }
  return parts;
}

/** The same from the right; the rest keeps its leading space. */
export function splitSpaceRight(text: string, limit: number): string[] {
  if (limit < 0) return splitSpace(text, limit);
  const parts: string[] = [];
  let rest = trimRight(text);
  while (rest !== '' && parts.length < limit) {
    let start = rest.length;
    while (start > 0 && !isSpace(rest.charAt(start - 1))) start--;
    parts.unshift(rest.slice(start));
    rest = trimRight(rest.slice(0, start));
  }
  if (rest !== '') parts.unshift(rest);
  return parts;
}

function isSpace(character: string): boolean {
  return leading.test(character);
}

export function trimLeft(text: string, cutset = ''): string {
  if (cutset === '') return text.replace(leading, '');
  const characters = [...text];
  const cut = new Set(cutset);
  const start = characters.findIndex((character) => !cut.has(character));
  return start < 0 ? '' : characters.slice(start).join('');
}

export function trimRight(text: string, cutset = ''): string {
  if (cutset === '') {
    let end = text.length;
    while (end > 0 && trailing.test(text.charAt(end - 1))) end--;
    return text.slice(0, end);
  }
  const characters = [...text];
  const cut = new Set(cutset);
  const last = characters.findLastIndex((character) => !cut.has(character));
  return characters.slice(0, last + 1).join('');
}

export function splitLines(text: string, keepsEnds: boolean): string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const kept = keepsEnds ? lines.map((line) => `${line}\n`) : lines;
  if (last !== '') kept.push(last);
  return kept;
}
