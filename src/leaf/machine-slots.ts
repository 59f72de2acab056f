/** Places, of commands or of the calls to one provider, that all runs of a user on this machine share. */
export interface MachineSlots {
  /**
   * Waits for a place; what it gives is called once the work has ended. `waiting` is told when there is
   * none at once. An abort ends the waiting: the work then finds itself aborted. Never rejects.
   */
  enter(signal: AbortSignal, waiting: () => void): Promise<() => void>;
}

/** As many as the run allows itself. */
export const boundlessSlots: MachineSlots = { enter: async () => () => {} };
