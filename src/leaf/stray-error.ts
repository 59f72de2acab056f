import type { Failure } from '../trace/outcome.ts';
import { failure, messageOf } from './failure.ts';

/** Why an attempt is ended early: something that it had begun and let go of failed. */
export class StrayError extends Error {
  constructor(cause: unknown) {
    super(`nobody caught an error of it: ${messageOf(cause)}`, { cause });
    this.name = 'StrayError';
  }
}

/** The failure of an attempt that was ended for such an error; undefined for one that was not. */
export function strayFailure(signal: AbortSignal): Failure | undefined {
  const reason: unknown = signal.reason;
  return reason instanceof StrayError ? failure('internal', reason.message) : undefined;
}
