import { builtinFile, type StarlarkError, type StarlarkFrame } from './error.ts';
import type { Position } from './position.ts';

/** One mistake in a program, static or at run time; frames are outermost first. */
export interface StarlarkDiagnostic {
  /** Without position; a failing built-in is named in `builtin`, not here. */
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn?: number;
  readonly hint?: string;
  /** The built-in function that failed: drawn as `Error in NAME: message`. */
  readonly builtin?: string;
  readonly frames: readonly StarlarkFrame[];
}

export function staticDiagnostic(
  position: Position,
  message: string,
  extra: { readonly hint?: string | undefined; readonly endColumn?: number | undefined } = {},
): StarlarkDiagnostic {
  const { file, line, column } = position;
  return {
    message,
    file,
    line,
    column,
    ...(extra.endColumn === undefined ? {} : { endColumn: extra.endColumn }),
    ...(extra.hint === undefined ? {} : { hint: extra.hint }),
    frames: [],
  };
}

/** Turns a thrown error into a diagnostic placed at the innermost frame that has a source line. */
export function errorDiagnostic(error: StarlarkError, fallback: Position): StarlarkDiagnostic {
  const frames = error.frames.toReversed();
  const innermost = frames.at(-1);
  const isBuiltin = innermost?.file === builtinFile;
  const written = frames.findLast((frame) => frame.file !== builtinFile) ?? fallback;
  const { file, line, column } = error.position ?? written;
  return {
    message: error.message,
    file,
    line,
    column,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(isBuiltin ? { builtin: innermost.name } : {}),
    frames: isBuiltin ? frames.slice(0, -1) : frames,
  };
}

/**
 * `Error in NAME: message`, or the bare message of a static error.
 *
 * ```js
 * const { errors } = exec({ file: 'a.star', sources: new Map([['a.star', 'x = min([])\n']]) });
 * diagnosticHeadline(errors[0]); // → "Error in min: min: argument is an empty sequence"
 * ```
 */
export function diagnosticHeadline(diagnostic: StarlarkDiagnostic): string {
  if (diagnostic.frames.length === 0) return diagnostic.message;
  const where = diagnostic.builtin === undefined ? '' : ` in ${diagnostic.builtin}`;
  return `Error${where}: ${diagnostic.message}`;
}

/**
 * The text a terminal shows: a traceback or `file:line:col: message`, then line and caret.
 *
 * ```js
 * const source = 'x = 1\ny = z\n';
 * const [error] = check({ file: 'a.star', source });
 * renderDiagnostic(error, source); // → "a.star:2:5: undefined: z\n    y = z\n        ^"
 * ```
 */
export function renderDiagnostic(diagnostic: StarlarkDiagnostic, source?: string): string {
  const { file, line, column, frames, hint } = diagnostic;
  const lines: string[] = [];
  if (frames.length === 0) {
    lines.push(`${file}:${line}:${column}: ${diagnostic.message}`);
  } else {
    lines.push('Traceback (most recent call last):');
    lines.push(...traceback(frames));
    lines.push(diagnosticHeadline(diagnostic));
  }
  const text = source?.split('\n')[line - 1];
  if (text !== undefined) {
    const width = Math.max(1, (diagnostic.endColumn ?? column + 1) - column);
    const margin = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
    lines.push(`    ${text}`, `    ${margin}${'^'.repeat(width)}`);
  }
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

const shownFrames = 20;

/** All frames, or the outermost and innermost of a runaway recursion. */
function traceback(frames: readonly StarlarkFrame[]): string[] {
  const lines = frames.map((frame) => `  ${formatFrame(frame)}`);
  const hidden = lines.length - shownFrames;
  if (hidden <= 1) return lines;
  const half = shownFrames / 2;
  return [...lines.slice(0, half), `  ... ${hidden} more ...`, ...lines.slice(-half)];
}

function formatFrame(frame: StarlarkFrame): string {
  if (frame.file === builtinFile) return `${builtinFile}: in ${frame.name}`;
  return `${frame.file}:${frame.line}:${frame.column}: in ${frame.name}`;
}
