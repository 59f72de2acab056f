/** Lets calls to a provider through: where rates, slots and suspensions are kept. */

/** How a call ended, as far as it says how much the provider can bear. */
export interface GateEnd {
  readonly type: 'answered' | 'busy' | 'failed';
  /** When `busy`: for how long the provider wants to be left alone. */
  readonly retryAfterMs?: number;
}

/** What the end of a call changed for everybody who asks the provider. */
export type GateNews =
  | { readonly type: 'suspended'; readonly forMs: number }
  | { readonly type: 'resumed' };

export type Leave = (end: GateEnd) => GateNews | undefined;

export interface ProviderGate {
  /**
   * Waits until a call may be sent; what it gives is called once the call has ended. `waiting` is told
   * when it cannot be at once, and for how long where that is known. An abort ends the waiting, and the call then ends as aborted.
   */
  enter(provider: string, signal: AbortSignal, waiting: (forMs?: number) => void): Promise<Leave>;
}

/** Where there is no gate. */
export const NO_GATE: Leave = () => undefined;
