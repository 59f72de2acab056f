/** What Starlark says about a program, as diagnostics of WhaleFlow. */
import type { Diagnostic, RelatedPlace, Span } from '../../base/diagnostic.ts';
import type { ErrorCode } from '../../base/error-codes.ts';
import type { StarlarkDiagnostic } from '../../starlark/diagnostic.ts';
import type { StarlarkFrame } from '../../starlark/error.ts';
import type { Position } from '../../starlark/position.ts';
import { offendingToken, type TokenPlace } from './offending-token.ts';

/** How Starlark begins to say that a limit was reached, after what it was loading. */
const LIMITS =
  /(?:^|: )(?:too many steps|too much memory|Starlark stack overflow|out of memory|excessive |evaluation cancelled|nesting is deeper|file is longer|more than \d+ (?:files|operators)|an expression is nested too deeply|shift count too large)/;
const GUESS = /^(.*) \(did you mean (.+)\?\)$/s;
const MAX_FRAMES = 8;

export interface EvaluationContext {
  /** Whether a `load` stands there: what is wrong there is wrong with the load. */
  readonly isLoad: (position: Position) => boolean;
  /** Whether a file cannot even be parsed. */
  readonly isUnparsed: (file: string) => boolean;
  readonly lineAt: (file: string, line: number) => string | undefined;
}

export function evaluationProblem(
  { message, hint, frames, ...place }: StarlarkDiagnostic,
  context: EvaluationContext,
): Diagnostic {
  const [, said = message, guess] = GUESS.exec(message) ?? [];
  const help = guess === undefined ? hint : `did you mean \`${guess}\`?`;
  const related = callersOf(frames);
  return {
    code: codeOf(said, frames, place, context),
    severity: 'error',
    message: said,
    span: spanOf({ ...place, ...tokenOf(said, place, frames, context) }),
    ...(related.length === 0 ? {} : { related }),
    ...(help === undefined ? {} : { help }),
  };
}

function codeOf(
  message: string,
  frames: readonly StarlarkFrame[],
  place: Position,
  { isLoad, isUnparsed }: EvaluationContext,
): ErrorCode {
  if (LIMITS.test(message)) return 'WF1102';
  if (frames.length > 0) return 'WF1101';
  if (isLoad(place)) return 'WF1103';
  // Of a file with faulty syntax, names that are surely missing are told as well.
  if (message.startsWith('undefined: ')) return 'WF1101';
  return isUnparsed(place.file) ? 'WF1001' : 'WF1101';
}

function tokenOf(
  message: string,
  place: Position,
  frames: readonly StarlarkFrame[],
  { lineAt }: EvaluationContext,
): TokenPlace | undefined {
  if (frames.length > 0) return undefined;
  return offendingToken(message, place, (line) => lineAt(place.file, line));
}

function spanOf({ file, line, column, endColumn }: Position & { endColumn?: number }): Span {
  return { file, line, column, ...(endColumn === undefined ? {} : { endLine: line, endColumn }) };
}

/** Who called, innermost first; the place of the error itself is not repeated. */
export function callersOf(frames: readonly StarlarkFrame[]): readonly RelatedPlace[] {
  const places = frames
    .slice(0, -1)
    .reverse()
    .filter(({ line }) => line > 0)
    .map(
      ({ name, ...position }): RelatedPlace => ({
        message: name === '<toplevel>' ? 'called from the top level' : `called from \`${name}()\``,
        span: position,
      }),
    );
  if (places.length <= MAX_FRAMES) return places;
  return [...places.slice(0, MAX_FRAMES / 2), ...places.slice(-MAX_FRAMES / 2)];
}
