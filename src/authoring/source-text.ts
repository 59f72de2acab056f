import type { Span } from '../base/diagnostic.ts';

/** A text that knows its lines: offsets in, spans out. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  span(start: number, end: number): Span;
}

export function sourceText(file: string, text: string): SourceText {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const place = (offset: number): { line: number; column: number } => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  };
  return {
    file,
    text,
    span: (start, end) => {
      const last = place(Math.max(start, end));
      return { file, ...place(start), endLine: last.line, endColumn: last.column };
    },
  };
}
