/** What one evaluation may use before it fails. */
export interface Limits {
  /** Loop iterations, calls, and units of work in built-ins. */
  readonly steps: number;
  /** Approximate bytes of results that are sized by data, over the whole evaluation. */
  readonly allocationBytes: number;
  /** Nested calls. */
  readonly callDepth: number;
  /** Nested brackets, operators and blocks in the source. */
  readonly nesting: number;
  /** UTF-16 units in one source file. */
  readonly sourceUnits: number;
  /** Files that may take part in one evaluation. */
  readonly modules: number;
  /** Milliseconds of an evaluation; looked at only where the host gives a clock. */
  readonly wallMs: number;
}

export const limitsDefault: Limits = {
  steps: 10_000_000,
  allocationBytes: 128 * 1024 * 1024,
  callDepth: 200,
  nesting: 200,
  sourceUnits: 1024 * 1024,
  modules: 100,
  wallMs: 10_000,
};

/** The longest string or sequence one operation may make, whatever the limits say. */
export const maxElements: number = 2 ** 28;

/** A host's way to stop an evaluation from outside; an `AbortSignal` fits. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
}
