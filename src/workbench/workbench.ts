/** What every verb works with: places, clock, chance and the store. Opened once a command. */

import type { Chance } from '../system/chance.ts';
import type { Clock, Timers } from '../system/clock.ts';
import { nodeChance } from '../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../system/node/node-clock.ts';
import { openStore } from '../trace/sqlite/sqlite-store.ts';
import type { LeaseHolder, TraceStore } from '../trace/trace-store.ts';
import { thisProcess } from './driver-process.ts';
import { findPlaces, type Places } from './places.ts';

export interface Workbench extends Disposable {
  readonly places: Places;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--set KEY=VALUE`, before all other settings. */
  readonly set: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly chance: Chance;
  /** This process, as the holder of leases. */
  readonly holder: LeaseHolder;
  /**
   * The store, opened at the first call: `read` never creates one.
   * @throws {WhaleFlowError} WF7001–WF7007.
   */
  store(mode: 'read' | 'write' | 'create'): TraceStore;
}

export interface WorkbenchRequest {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stateDir?: string;
  readonly set?: readonly string[];
  /** In place of SQLite: for tests and library users. */
  readonly openStore?: () => TraceStore;
}

/** Opens the workbench of a folder; touches nothing until a verb needs it. */
export function openWorkbench(request: WorkbenchRequest): Workbench {
  const places = findPlaces(request);
  const opened = new Map<string, TraceStore>();
  const open = (mode: 'read' | 'existing' | 'create'): TraceStore => {
    const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
    return openStore({ stateFolder: places.stateFolder, mode, ...world });
  };
  return {
    places,
    cwd: request.cwd,
    env: request.env,
    set: request.set ?? [],
    clock: nodeClock,
    timers: nodeTimers,
    chance: nodeChance,
    holder: thisProcess(),
    store(mode) {
      const known = opened.get('create') ?? opened.get('write') ?? opened.get(mode);
      if (known !== undefined) return known;
      const store = request.openStore?.() ?? open(mode === 'write' ? 'existing' : mode);
      opened.set(request.openStore === undefined ? mode : 'create', store);
      return store;
    },
    [Symbol.dispose]() {
      for (const store of opened.values()) store[Symbol.dispose]();
      opened.clear();
    },
  };
}
