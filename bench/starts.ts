/**
 * How long starts take: `npm run bench -- starts`. The built command line beside a Node that does
 * nothing, interleaved in one run; rounds: WHALEFLOW_ROUNDS (7). `run hello`: from the spawn of the
 * command to the first leaf in the detached driver. Compiled code is kept after the first round, as it
 * is for a person.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runWorkflow } from '../src/index.ts';
import { openWorkbench, type Workbench } from '../src/workbench/workbench.ts';

const rounds = Number(process.env['WHALEFLOW_ROUNDS'] ?? 7);
const RUNS = 1_000;
const POLL_MS = 5;
const root = join(import.meta.dirname, '..');
const cli = join(root, 'dist', 'cli.js');

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-starts-'));
const env = { PATH: process.env['PATH'], HOME: folder, WHALEFLOW_HOME: join(folder, 'home') };
const figures = new Map<string, number[]>();

function timed(name: string, words: readonly string[]): string {
  const begun = performance.now();
  const { status, stdout } = spawnSync(process.execPath, words, { cwd: folder, env });
  const ms = performance.now() - begun;
  if (status !== 0) throw new Error(`${name} failed`);
  figures.set(name, [...(figures.get(name) ?? []), ms]);
  return String(stdout);
}

/** Finished runs of one leaf each. */
async function fill(workbench: Workbench): Promise<void> {
  const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
  const usage = { tokens, costMicroUsd: 0, costStatus: 'exact' } as const;
  const provider = {
    name: 'bench',
    async *call() {
      yield { type: 'finished', text: 'x', usage, model: 'bench' } as const;
    },
  };
  const leaf = { kind: 'leaf', id: 'a', task: { type: 'model', prompt: 'x' } } as const;
  const workflow = { id: 'w', goal: 'g', nodes: [leaf] };
  const store = workbench.store('create');
  for (let run = 0; run < RUNS; run += 1) await runWorkflow(workflow, { provider, store });
}

async function firstLeaf(workbench: Workbench): Promise<void> {
  const spawned = performance.timeOrigin + performance.now();
  const words = ['run', 'hello.star', '--mock', '--detach', '--yes'];
  const run = timed('run hello, until it has given a run id', [cli, ...words]).trim();
  const store = workbench.store('create');
  for (;;) {
    const events = store.read(run, 0);
    const started = events.find(({ type }) => type === 'leaf.started');
    if (started !== undefined) {
      const name = 'run hello, until its first leaf';
      figures.set(name, [...(figures.get(name) ?? []), started.at - spawned]);
    }
    if (events.some(({ type }) => type === 'run.finished')) return;
    await sleep(POLL_MS);
  }
}

try {
  copyFileSync(join(root, 'examples', 'hello.star'), join(folder, 'hello.star'));
  writeFileSync(join(folder, 'nothing.mjs'), '');
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  using workbench = openWorkbench({ cwd: folder, env });
  await fill(workbench);
  for (let round = 0; round < rounds; round += 1) {
    timed('node', ['nothing.mjs']);
    timed('--help', [cli, '--help']);
    timed(`ls of ${RUNS} runs`, [cli, 'ls']);
    await firstLeaf(workbench);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const bare = median(figures.get('node') ?? []);
process.stdout.write('what                                     median ms  best ms  to bare Node\n');
for (const [what, all] of figures) {
  const [medianMs, bestMs] = [median(all), Math.min(...all)].map(Math.round);
  const ratio = median(all) / bare;
  process.stdout.write(
    `${what.padEnd(40)} ${String(medianMs).padStart(9)} ${String(bestMs).padStart(8)} ${ratio.toFixed(2).padStart(13)}\n`,
  );
  process.stdout.write(`${JSON.stringify({ bench: 'starts', what, medianMs, bestMs, ratio })}\n`);
}
