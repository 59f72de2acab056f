import type { Position } from './position.ts';

/** One level of the call stack; built-ins have the file `<builtin>` and line 0. */
export interface StarlarkFrame extends Position {
  readonly name: string;
}

export interface StarlarkErrorOptions {
  /** A better place than the call: say, that of an argument made earlier. */
  readonly position?: Position;
  readonly hint?: string;
  /** A limit or a cancellation: nothing inside the program may swallow it. */
  readonly isFatal?: boolean;
}

export const builtinFile = '<builtin>';

/** A failed evaluation. Each call it passes through adds its frame, innermost first. */
export class StarlarkError extends Error {
  readonly frames: StarlarkFrame[] = [];
  readonly position: Position | undefined;
  readonly hint: string | undefined;
  readonly isFatal: boolean;

  constructor(message: string, options: StarlarkErrorOptions = {}) {
    super(message);
    this.name = 'StarlarkError';
    this.position = options.position;
    this.hint = options.hint;
    this.isFatal = options.isFatal ?? false;
  }
}
