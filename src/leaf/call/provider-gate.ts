/** Lets calls to a provider through: where rates, slots and suspensions are kept. */

export interface ProviderGate {
  /**
   * Waits until a call may be sent; what it gives is called once the call has ended. An abort ends the
   * waiting at once, and the call then ends as aborted.
   */
  enter(provider: string, signal: AbortSignal): Promise<() => void>;
}

export const openGate: ProviderGate = { enter: () => ENTERED };

const ENTERED: Promise<() => void> = Promise.resolve(() => {});
