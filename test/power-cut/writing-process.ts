/** Writes a run with contents of all sizes, and says each seq that was acknowledged. Argument: folder. */
import { writeSync } from 'node:fs';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { digestText } from '../../src/workflow/digest.ts';

const COMMITS = 150;
const LARGE_BYTES = 20_000;

const row = {
  run: 'run-1',
  workflow: 'demo',
  state: 'running',
  startedAt: 1,
  updatedAt: 1,
  done: 0,
  total: 0,
  inFlight: 0,
  waiting: 0,
  costMicroUsd: 0,
  costStatus: 'exact',
  tokens: 0,
  seq: 0,
} as const;

const stateFolder = process.argv[2] ?? '';
const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
const store = openStore({ stateFolder, mode: 'create', ...world });
const holder = { pid: process.pid, host: 'here', bootId: 'boot-1' };
const first = [{ type: 'timer.fired', path: 'a', timer: 'x', at: 1 }] as const;
await store.create({ run: 'run-1', holder, events: first, row: { ...row, seq: 1 } });
let after = 1;
let epoch = 1;
writeSync(1, `ack ${after}\n`);
for (let commit = 0; commit < COMMITS; commit += 1) {
  const isLarge = commit % 10 === 3;
  const data = nodeChance.bytes(isLarge ? LARGE_BYTES : 10 + ((commit * 37) % 3_000));
  const ref = { digest: digestText(data), bytes: data.length, type: 'text' } as const;
  const end = {
    type: 'leaf.finished',
    path: `node-${commit}`,
    attempt: 1,
    result: { status: 'succeeded', output: ref },
    at: commit,
  } as const;
  const events = [end, ...Array(commit % 4).fill({ ...first[0], at: commit })];
  const seq = after + events.length;
  const request = { run: 'run-1', epoch, after, events, blobs: [{ ref, data }] };
  after = await store.append({ ...request, row: { ...row, seq } });
  writeSync(1, `ack ${after}\n`);
  // Moves the log into the store file now and then, as the end of a run does.
  if (commit % 60 === 50) {
    await store.release('run-1', epoch);
    const options = { now: 0, staleMs: 0, isAlive: () => false };
    epoch = (await store.acquire('run-1', holder, options)).epoch;
  }
}
store[Symbol.dispose]();
writeSync(1, `ack ${after}\n`);
