import { join } from 'node:path';
import type { MachineSlots } from '../leaf/machine-slots.ts';
import { heldPlaces } from '../leaf/slots/held-places.ts';
import { type SlotHolder, sqliteSlots } from '../leaf/slots/sqlite-slots.ts';
import { readConfig } from './config.ts';
import { isProcessAlive } from './driver-process.ts';
import type { ModelsConfig } from './models/models-config.ts';
import type { Workbench } from './workbench.ts';

/** The limits of what is shared, and lane → places that are held now; asks nobody and makes nothing. */
export function sharedPlaces({ places, env, set, holder }: Workbench): {
  readonly commands: number;
  readonly calls: number;
  readonly held: ReadonlyMap<string, number>;
} {
  const { machineCommands, machineCalls } = readConfig({ places, env, set }).concurrency;
  const held = heldPlaces(fileOf(places), isAliveAs(holder));
  return { commands: machineCommands, calls: machineCalls, held };
}

const fileOf = ({ cacheFolder }: Workbench['places']): string => join(cacheFolder, 'slots.db');

const isAliveAs =
  ({ bootId }: Workbench['holder']) =>
  (other: SlotHolder): boolean =>
    other.bootId === bootId && isProcessAlive(other);

/** What all runs of this user on this machine share. */
export interface MachinePlaces {
  readonly commands: MachineSlots;
  /** Of calls to one provider. */
  readonly callsTo: (provider: string) => MachineSlots;
}

/** `providers`: what they say of themselves counts before what holds for all. */
export function machinePlaces(
  { places, env, set, holder, timers }: Workbench,
  { providers }: Pick<ModelsConfig, 'providers'>,
): MachinePlaces {
  const { pid, bootId, start = '' } = holder;
  const { machineCommands, machineCalls } = readConfig({ places, env, set }).concurrency;
  const slots = (lane: string, limit: number): MachineSlots =>
    sqliteSlots({
      file: fileOf(places),
      lane,
      limit,
      holder: { pid, bootId, start },
      isAlive: isAliveAs(holder),
      timers,
      complain: (message) => process.emitWarning(message),
    });
  const calls = new Map<string, MachineSlots>();
  return {
    commands: slots('command', machineCommands),
    callsTo(provider) {
      const limit = providers.get(provider)?.maxCalls ?? machineCalls;
      const known = calls.get(provider) ?? slots(`model ${provider}`, limit);
      calls.set(provider, known);
      return known;
    },
  };
}
