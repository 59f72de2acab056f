import { join } from 'node:path';
import type { MachineSlots } from '../leaf/machine-slots.ts';
import { sqliteSlots } from '../leaf/slots/sqlite-slots.ts';
import { startTicks } from '../sandbox/none/process-table.ts';
import { readConfig } from './config.ts';
import { isProcessAlive, type Workbench } from './workbench.ts';

/** The places that commands of all runs of this user share. */
export function machineSlots({ places, env, holder, timers }: Workbench): MachineSlots {
  const { pid, bootId } = holder;
  return sqliteSlots({
    file: join(places.cacheFolder, 'slots.db'),
    limit: readConfig({ places, env, set: [] }).concurrency.machineCommands,
    holder: { pid, bootId, start: startTicks(pid) ?? '' },
    isAlive: (other) =>
      other.bootId === bootId &&
      isProcessAlive(other.pid) &&
      (startTicks(other.pid) ?? '') === other.start,
    timers,
    complain: (message) => process.emitWarning(message),
  });
}
