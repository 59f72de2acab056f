/**
 * What nobody catches: a promise that is let go of and rejects, a timer that throws. Node ends the
 * process for it; here it belongs to the leaf in whose work it was begun.
 */
export interface StrayErrors {
  /**
   * Runs `work`; what it and all that it begins let go of is told to `onStray`, also after its end.
   * `onStray` says whether somebody could still be told of it.
   */
  during<T>(onStray: (error: unknown) => boolean, work: () => T): T;
  /** Runs `work` as nobody’s: what is thrown in its course is no fault of the leaf that asked for it. */
  outside<T>(work: () => T): T;
}

/** Where nobody listens, all goes the way of Node. */
export const UNHEARD: StrayErrors = {
  during: (_onStray, work) => work(),
  outside: (work) => work(),
};
