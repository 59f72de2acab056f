import { join } from 'node:path';
import type { MachineSlots } from '../leaf/machine-slots.ts';
import { sqliteSlots } from '../leaf/slots/sqlite-slots.ts';
import { readConfig } from './config.ts';
import { isProcessAlive } from './driver-process.ts';
import type { Workbench } from './workbench.ts';

/** The places that commands of all runs of this user share. */
export function machineSlots({ places, env, holder, timers }: Workbench): MachineSlots {
  const { pid, bootId, start = '' } = holder;
  return sqliteSlots({
    file: join(places.cacheFolder, 'slots.db'),
    limit: readConfig({ places, env, set: [] }).concurrency.machineCommands,
    holder: { pid, bootId, start },
    isAlive: (other) => other.bootId === bootId && isProcessAlive(other),
    timers,
    complain: (message) => process.emitWarning(message),
  });
}
