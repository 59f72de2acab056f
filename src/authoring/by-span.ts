import type { Diagnostic } from '../base/diagnostic.ts';

/** By place within a file, what has none last; across files in the order found. */
export function bySpan({ span: a }: Diagnostic, { span: b }: Diagnostic): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0;
}
