/** A gate that also shares the provider with all other runs of the user on this machine. */
import type { ProviderGate } from '../../leaf/call/provider-gate.ts';
import type { MachineSlots } from '../../leaf/machine-slots.ts';

/** `own` lets a call of this run through first: nobody holds a place of the machine and waits for its run. */
export function sharedGate(
  own: ProviderGate,
  placesAt: (provider: string) => MachineSlots,
): ProviderGate {
  return {
    async enter(provider, signal, waiting) {
      const leave = await own.enter(provider, signal, waiting);
      if (signal.aborted) return leave;
      const giveBack = await placesAt(provider).enter(signal, waiting);
      return (end) => {
        giveBack();
        return leave(end);
      };
    },
  };
}
