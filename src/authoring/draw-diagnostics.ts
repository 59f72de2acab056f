/**
 * Diagnostics as people read them: message, place, source line with a caret, notes, help. Pure text;
 * colour is the caller’s. Whatever came from a file goes through `printable`.
 */
import type { Diagnostic, Span } from '../base/diagnostic.ts';
import { printable } from '../base/printable.ts';

export type Ink = 'error' | 'warning' | 'message' | 'place' | 'gutter' | 'note' | 'help';

export interface DrawOptions {
  /** The text of a file that a span names. */
  readonly source: (file: string) => string | undefined;
  /** Colours a piece; as it is where absent. */
  readonly paint?: (ink: Ink, text: string) => string;
  /** Diagnostics drawn at most, then a count; 20 where absent. */
  readonly limit?: number;
  /** Columns that a source line may take with its number; 160 characters of it where absent. */
  readonly width?: number | undefined;
}

const DEFAULT_LIMIT = 20;
const MAX_LINE_CHARACTERS = 160;
const LEAST_LINE_CHARACTERS = 20;
const TAB = '    ';

/** All diagnostics, a blank line between them, without a line feed at the end. */
export function drawDiagnostics(
  diagnostics: readonly Diagnostic[],
  { source, paint = (_ink, text) => text, limit = DEFAULT_LIMIT, width }: DrawOptions,
): string {
  const lines = linesOf(source);
  const drawn = diagnostics
    .slice(0, limit)
    .map((diagnostic) => drawOne(diagnostic, { lines, paint, width }).join('\n'));
  const rest = diagnostics.length - drawn.length;
  if (rest > 0)
    drawn.push(paint('note', `… and ${rest} more ${rest === 1 ? 'problem' : 'problems'}`));
  return drawn.join('\n\n');
}

type Paint = NonNullable<DrawOptions['paint']>;
type Lines = (file: string, line: number) => string | undefined;

function linesOf(source: DrawOptions['source']): Lines {
  const split = new Map<string, readonly string[]>();
  return (file, line) => {
    const known = split.get(file) ?? (source(file) ?? '').split(/\r?\n/);
    split.set(file, known);
    return known[line - 1];
  };
}

interface Look {
  readonly lines: Lines;
  readonly paint: Paint;
  readonly width: number | undefined;
}

function drawOne(diagnostic: Diagnostic, { lines, paint, width }: Look): readonly string[] {
  const { code, severity, message, span, label, notes = [], related = [], help } = diagnostic;
  const gutter = ' '.repeat(String(span?.line ?? 1).length + 1);
  const drawn = [
    paint(severity, `${severity}[${code}]`) + paint('message', `: ${printable(message)}`),
  ];
  if (span !== undefined) {
    drawn.push(`${gutter}${paint('gutter', '-->')} ${paint('place', placeOf(span))}`);
    drawn.push(
      ...frame(
        span,
        label,
        gutter,
        lines,
        roomBeside(gutter, width),
        (text) => paint('gutter', text),
        (text) => paint(severity, text),
      ),
    );
  }
  for (const { message: said, span: place } of related)
    drawn.push(
      `${gutter}${paint('gutter', '=')} ${printable(said)}: ${paint('place', placeOf(place))}`,
    );
  for (const note of notes)
    drawn.push(`${gutter}${paint('gutter', '=')} ${paint('note', 'note')}: ${printable(note)}`);
  if (help !== undefined) drawn.push(`${paint('help', 'help')}: ${printable(help)}`);
  return drawn;
}

/** `file:line:column`, as editors and terminals link it. */
function placeOf({ file, line, column }: Span): string {
  return `${printable(file)}:${line}:${column}`;
}

/** Characters of a source line that stand beside its number, with room for a `…` at each end. */
function roomBeside(gutter: string, width: number | undefined): number {
  const beside = gutter.length + '| '.length + '……'.length;
  const room = (width ?? Number.POSITIVE_INFINITY) - beside;
  return Math.max(LEAST_LINE_CHARACTERS, Math.min(MAX_LINE_CHARACTERS, room));
}

function frame(
  span: Span,
  label: string | undefined,
  gutter: string,
  lines: Lines,
  most: number,
  paintGutter: (text: string) => string,
  paintMark: (text: string) => string,
): readonly string[] {
  const line = lines(span.file, span.line);
  if (line === undefined) return [];
  const isOneLine = span.endLine === undefined || span.endLine === span.line;
  const lineEnd = line.trimEnd().length;
  const end = isOneLine ? (span.endColumn ?? span.column + 1) - 1 : lineEnd;
  const start = span.column - 1;
  // A long line is shown from a little before the caret.
  const lead = Math.floor(most / 4);
  const from = start > most - lead ? start - lead : 0;
  const to = Math.min(line.length, from + most);
  const before = shown(line.slice(from, start));
  const marked = shown(line.slice(start, Math.max(start, Math.min(end, to))));
  const after = shown(line.slice(Math.max(start, Math.min(end, to)), to)).trimEnd();
  const [head, tail] = [from > 0 ? '…' : '', to < line.length ? '…' : ''];
  const carets = '^'.repeat(Math.max(1, [...marked].length));
  const indent = ' '.repeat(head.length + [...before].length);
  const said = label === undefined ? '' : ` ${printable(label)}`;
  const bar = paintGutter('|');
  const number = paintGutter(String(span.line).padStart(gutter.length - 1));
  return [
    `${gutter}${bar}`,
    ` ${number} ${bar} ${head}${before}${marked}${after}${tail}`.slice(1),
    `${gutter}${bar} ${indent}${paintMark(carets + said)}`,
  ];
}

const shown = (text: string): string => printable(text.replaceAll('\t', TAB));
