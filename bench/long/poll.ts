/** A reader beside a run, on a thread of its own: polls its events and the list of runs, as a screen does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';

const POLL_MS = 25;
const PAGE = 2_000;
const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };

for (let after = 0; ; await sleep(POLL_MS)) {
  try {
    using store = openStore({ stateFolder: String(workerData), mode: 'read', ...world });
    for (; ; await sleep(POLL_MS)) {
      const [newest] = store.runs({ limit: 20 });
      if (newest !== undefined) after = store.read(newest.run, after, PAGE).at(-1)?.seq ?? after;
    }
  } catch {
    // The store is not there yet.
  }
}
