/** Draws diagnostics of a source file; long lists end with a count. */
import type { Diagnostic } from '../base/diagnostic.ts';
import { printable } from '../base/printable.ts';
import type { Style } from './style.ts';

const MAX_SHOWN = 20;

export function drawProblems(
  diagnostics: readonly Diagnostic[],
  { style }: { readonly root: string; readonly style: Style },
): string {
  const lines: string[] = [];
  for (const { code, severity, message, span, help, notes } of diagnostics.slice(0, MAX_SHOWN)) {
    const paint = severity === 'error' ? 'red' : 'yellow';
    lines.push(`${style.paint(paint, `${severity}[${code}]`)}: ${printable(message)}`);
    if (span !== undefined) {
      lines.push(`  --> ${printable(span.file)}:${span.line}:${span.column}`);
    }
    for (const note of notes ?? []) lines.push(`   = note: ${printable(note)}`);
    if (help !== undefined) lines.push(`help: ${printable(help)}`);
  }
  const more = diagnostics.length - MAX_SHOWN;
  if (more > 0) lines.push(`${more} more problem(s) not shown`);
  return lines.join('\n');
}
