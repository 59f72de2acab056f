import type { FormatPart, SourceSpan } from './tokens.ts';
import { unquote } from './unquote.ts';

/** Splits the inside of an f-string into text and expressions.
 * @throws {Error} with a message about a lone brace, an empty or an unsupported field. */
export function splitFormat(source: string, span: SourceSpan, isRaw: boolean): FormatPart[] {
  const parts: FormatPart[] = [];
  let text = '';
  let { line, lineStart } = span;
  const flush = (): void => {
    if (text !== '') parts.push({ text: unquote(text, { isRaw, isBytes: false }).text });
    text = '';
  };
  for (let index = span.start; index < span.end; ) {
    const character = source.charAt(index);
    const isDouble = source.charAt(index + 1) === character && index + 1 < span.end;
    if ((character === '{' || character === '}') && isDouble) {
      text += character;
      index += 2;
    } else if (character === '}') {
      throw new Error("single '}' in f-string (write '}}' for a brace)");
    } else if (character === '{') {
      flush();
      const end = fieldEnd(source, index + 1, span.end);
      parts.push(field(source, { start: index + 1, end, line, lineStart }));
      for (let at = index; at < end; at++) {
        if (source.charAt(at) !== '\n') continue;
        line++;
        lineStart = at + 1;
      }
      index = end + 1;
    } else {
      const length = character === '\\' && !isRaw ? 2 : 1;
      text += source.slice(index, index + length);
      for (let at = index; at < index + length; at++) {
        if (source.charAt(at) !== '\n') continue;
        line++;
        lineStart = at + 1;
      }
      index += length;
    }
  }
  flush();
  return parts;
}

/** Finds the brace that closes a field, over nested brackets and strings. */
function fieldEnd(source: string, start: number, limit: number): number {
  let depth = 0;
  let quote = '';
  for (let index = start; index < limit; index++) {
    const character = source.charAt(index);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (character === '}' && depth === 0) return index;
    else if (')]}'.includes(character)) depth--;
  }
  throw new Error("unmatched '{' in f-string (write '{{' for a brace)");
}

function field(source: string, span: SourceSpan): FormatPart {
  const body = source.slice(span.start, span.end);
  const suffix = /!([a-zA-Z]?)\s*$/.exec(body);
  if (suffix === null) {
    if (body.trim() === '') throw new Error('empty expression in f-string');
    return { expression: span };
  }
  const conversion = suffix[1];
  if (conversion !== 's' && conversion !== 'r') {
    throw new Error(`unknown conversion !${conversion} in f-string (use !s or !r)`);
  }
  const expression = { ...span, end: span.start + suffix.index };
  if (source.slice(expression.start, expression.end).trim() === '') {
    throw new Error('empty expression in f-string');
  }
  return { expression, conversion };
}
