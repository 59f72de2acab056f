/**
 * Who called a builtin, for what is found long after the call: in a function that makes many nodes the
 * place alone does not say which of them is meant. The program is run again and stopped at the call;
 * that it does the same each time is what makes this possible.
 */
import type { Diagnostic, RelatedPlace } from '../../base/diagnostic.ts';
import type { StarlarkFrame } from '../../starlark/error.ts';
import { callersOf } from './evaluation-problems.ts';
import type { CallRecord } from './graph-values.ts';

/** Runs the program up to the call of this number, and gives the frames on the way to it. */
export type RunTo = (number: number) => readonly StarlarkFrame[];

const MAX_RUNS = 5;
/** A program that takes longer is not run again. */
const MAX_STEPS = 200_000;

export class CallTracer {
  readonly #runTo: RunTo;
  readonly #known = new Map<number, readonly RelatedPlace[]>();

  constructor(steps: number, runTo: RunTo) {
    this.#runTo = steps <= MAX_STEPS ? runTo : () => [];
  }

  /** The diagnostic with those who called where it points, innermost first. */
  traced(diagnostic: Diagnostic, call: CallRecord | undefined): Diagnostic {
    if (call === undefined || diagnostic.severity === 'warning') return diagnostic;
    const callers = this.#callers(call.number);
    if (callers.length === 0) return diagnostic;
    return { ...diagnostic, related: [...(diagnostic.related ?? []), ...callers] };
  }

  #callers(number: number): readonly RelatedPlace[] {
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    const found = this.#known.size < MAX_RUNS ? callersOf(this.#runTo(number)) : [];
    this.#known.set(number, found);
    return found;
  }
}
