/**
 * Long runs through the whole engine and a durable store: `npm run bench -- long`. What they take, keep
 * in memory and on disk, how far the write-ahead log grows beside a reader, and what readers of them
 * cost, with snapshots and without. `WHALEFLOW_LEAVES` (100,000) sets the widest; 200,000 are a million events.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { LongFigures } from './long/measure-long.ts';

const LEAVES = Number(process.env['WHALEFLOW_LEAVES'] ?? 100_000);
const runs: readonly (readonly [string, number])[] = [
  ['wide', LEAVES],
  ['fan-out', 10_000],
  ['crowd', LEAVES / 5],
  ['flood', LEAVES],
  ['expand', 5_000],
  ['chain', 10_000],
  ['loop', 10_000],
];
const measure = join(import.meta.dirname, 'long', 'measure-long.ts');

function figuresOf(shape: string, leaves: number): LongFigures {
  const words = ['--expose-gc', measure, shape, String(leaves)];
  const done = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (done.status !== 0) throw new Error(`${shape} of ${leaves} failed`);
  return JSON.parse(done.stdout) as LongFigures;
}

const COLUMNS = [
  ['shape', 8],
  ['leaves', 7],
  ['events', 8],
  ['seconds', 8],
  ['turn ms', 8],
  ['heap B/leaf', 12],
  ['peak MB', 8],
  ['disk B/leaf', 12],
  ['WAL MB', 7],
  ['state ms', 9],
  ['(whole)', 8],
  ['view ms', 8],
  ['(whole)', 8],
  ['tail ms', 8],
  ['ls ms', 6],
] as const;

const lines: string[] = [];
process.stdout.write(`${COLUMNS.map(([title, width]) => title.padStart(width)).join(' ')}\n`);
for (const [shape, leaves] of runs) {
  const one = figuresOf(shape, leaves);
  const cells = [
    shape,
    leaves,
    one.events,
    one.seconds,
    one.turnMs,
    one.heapBytesPerLeaf,
    one.peakMb,
    one.diskBytesPerLeaf,
    one.walMb,
    one.stateMs,
    one.wholeStateMs,
    one.viewMs,
    one.wholeViewMs,
    one.tailMs,
    one.listMs,
  ];
  const row = cells.map((cell, at) => String(cell).padStart(COLUMNS[at]?.[1] ?? 0));
  process.stdout.write(`${row.join(' ')}\n`);
  lines.push(JSON.stringify({ bench: 'long', shape, leaves, ...one }));
}
process.stdout.write(`${lines.join('\n')}\n`);
