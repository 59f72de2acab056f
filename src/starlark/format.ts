/**
 * The one way to lay out a file: four spaces a block, one space around operators, double quotes. Line
 * breaks are the author's, and comments stay where they are. Formatting twice changes nothing.
 */
import type { StarlarkDiagnostic } from './diagnostic.ts';
import { type Dialect, dialectDefault } from './dialect.ts';
import { layOut, withDoubleQuotes } from './format/layout.ts';
import { lexPieces, type Piece } from './format/lex.ts';
import { limitsDefault } from './limits.ts';
import { parseFile } from './syntax/parser.ts';

export type FormatResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly errors: readonly StarlarkDiagnostic[] };

/**
 * Formats a file that can be parsed.
 *
 * ```js
 * format('x=[ 1,2]\n', 'a.star'); // → {"ok": true, "text": "x = [1, 2]\n"}
 * format('x = [\n', 'a.star').ok; // → false
 * ```
 */
export function format(
  source: string,
  file: string,
  dialect: Dialect = dialectDefault,
): FormatResult {
  const { errors } = parseFile(source, file, dialect, limitsDefault.nesting);
  if (errors.length > 0) return { ok: false, errors };
  const pieces = lexPieces(source, file, dialect);
  const text = layOut(pieces);
  const after = lexPieces(text, file, dialect);
  if (meaning(pieces) !== meaning(after)) throw new Error(`formatting would change ${file}`);
  return { ok: true, text };
}

/** What must not change: tokens, blocks and comments. */
function meaning(pieces: readonly Piece[]): string {
  const parts: string[] = [];
  let isStart = true;
  for (const { kind, token, text, level, isLast } of pieces) {
    if (kind === 'token' && isStart) parts.push(`\n${level}`);
    if (kind === 'token') isStart = isLast || token === ';';
    if (token !== ';')
      parts.push(token === 'string' || token === 'bytes' ? withDoubleQuotes(text) : text);
  }
  return parts.join('\u0001');
}
