import { nodeChance } from '../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../system/node/node-clock.ts';
import { openStore as openSqliteStore } from '../trace/sqlite/sqlite-store.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { checkStoreOptions } from './library-options.ts';

export interface OpenStoreOptions {
  /** Holds `whaleflow.db` and what belongs to it; made if need be. */
  readonly stateFolder: string;
}

/**
 * Opens a durable store, once for as many runs as a program has, also side by side. What has been
 * acknowledged survives the process and a loss of power. The caller closes it: `using store = …`.
 * @throws {WhaleFlowError} WF2002 without a folder; WF7001, WF7002, WF7003, WF7004, WF7005: it cannot be opened or made there.
 */
export function openStore(options: OpenStoreOptions): TraceStore {
  checkStoreOptions(options);
  const { stateFolder } = options;
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  return openSqliteStore({ stateFolder, mode: 'create', ...world });
}
