/** A screen of runs, as `ls` would show it live: polls the newest rows, prints what changed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';

const POLL_MS = 25;
const ROWS = 20;
const [stateFolder = ''] = process.argv.slice(2);
const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
const store = openStore({ stateFolder, mode: 'read', ...world });

for (let shown = 0; ; await sleep(POLL_MS)) {
  const [newest] = store.runs({ limit: ROWS });
  if (newest === undefined || newest.seq === shown) continue;
  shown = newest.seq;
  process.stdout.write(`${newest.run} ${shown}\n`);
}
