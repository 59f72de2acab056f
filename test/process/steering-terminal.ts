/**
 * Somebody at a keyboard, as a process of its own: says `count` words about anything to a run, as fast as
 * the store takes them. Arguments: state folder, run id, name, count, seed. Prints each word that was
 * taken: its name and its kind.
 */
import { setTimeout as rest } from 'node:timers/promises';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import type { Command } from '../../src/trace/trace-store.ts';
import { dice, seedOf } from '../engine/chance.ts';

const [, , stateFolder = '', run = '', name = '', count = '0', seed = '0'] = process.argv;
const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
using store = openStore({ stateFolder, mode: 'create', ...world });
const luck = dice(seedOf(Number(seed), name));
const MAX_REST_MS = 12;

function anyWord(): Command {
  const { nodes, waiting } = foldRun(store, run);
  const path = luck.of([...nodes.keys(), ...waiting, 'nothing/here']);
  const [asked = path] = waiting;
  const words: readonly Command[] = [
    { type: 'pause' },
    { type: 'resume' },
    { type: 'resume' },
    { type: 'retry', path },
    { type: 'skip', path },
    { type: 'cancel', path },
    { type: 'answer', path: asked, approved: luck.once(2) },
    { type: 'answer', path, approved: true, reason: 'so' },
    { type: 'budget', budget: { maxLeaves: 200 + luck.below(900) } },
  ];
  return luck.once(150) ? { type: 'cancel' } : luck.of([...words]);
}

for (let at = 1; at <= Number(count); at += 1) {
  const word = anyWord();
  const by = `${name}-${at}`;
  const id = await store.send(run, by, nodeClock.now(), word);
  process.stdout.write(`${id} ${by} ${word.type}\n`);
  await rest(luck.below(MAX_REST_MS));
}
