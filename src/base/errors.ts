import type { Diagnostic } from './diagnostic.ts';
import { type ErrorCode, type ExitStatus, errorCodes } from './error-codes.ts';

interface WhaleFlowErrorParts {
  /** What to type or do next. */
  readonly hint?: string;
  readonly notes?: readonly string[];
  /** Problems of a source text, when that is what failed. */
  readonly diagnostics?: readonly Diagnostic[];
  readonly cause?: unknown;
}

/** An expected failure that ends a verb. `message`: what and which, lower case; the code says the rest. */
export class WhaleFlowError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly notes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: ErrorCode, message: string, parts: WhaleFlowErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'WhaleFlowError';
    this.code = code;
    this.hint = parts.hint;
    this.notes = parts.notes ?? [];
    this.diagnostics = parts.diagnostics ?? [];
  }

  get exit(): ExitStatus {
    return errorCodes[this.code].exit;
  }
}

/** Ends the process path at once when something that cannot happen has happened. */
export function assert(claim: unknown, message: string): asserts claim {
  if (!claim) throw new WhaleFlowError('WF9001', message);
}
