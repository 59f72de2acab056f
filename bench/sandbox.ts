/**
 * What the strict sandbox costs a command, beside the same command without it, taken in turns; and what
 * a run pays to find that this machine has it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import { openSandbox } from '../src/workbench/open-sandbox.ts';
import { openWorkbench } from '../src/workbench/workbench.ts';

const ROUNDS = 200;
const OPENS = 50;
const MAX_OVERHEAD_MS = 25;

const base = mkdtempSync(join(tmpdir(), 'whaleflow-bench-'));
const tree = join(base, 'tree');
mkdirSync(tree);
const env = { PATH: process.env['PATH'], HOME: base, WHALEFLOW_HOME: join(base, 'home') };
using workbench = openWorkbench({ cwd: tree, env });

async function timed(sandbox: Sandbox): Promise<number> {
  const begun = performance.now();
  const { exitCode } = await sandbox.run(
    {
      argv: ['true'],
      root: tree,
      cwd: tree,
      env: { PATH: process.env['PATH'] ?? '' },
      timeoutMs: 20_000,
      maxOutputBytes: 1024,
      writable: [tree],
      scratch: [],
      network: false,
    },
    new AbortController().signal,
  );
  if (exitCode !== 0) throw new Error(`exit status ${exitCode}`);
  return performance.now() - begun;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
const at = (sorted: readonly number[], part: number): number =>
  round(sorted[Math.floor(sorted.length * part)] ?? 0);

try {
  const off = await openSandbox(workbench, 'none');
  const first = performance.now();
  const strict = await openSandbox(workbench, 'strict');
  const firstMs = performance.now() - first;
  const opens: number[] = [];
  for (let count = 0; count < OPENS; count += 1) {
    const begun = performance.now();
    await openSandbox(workbench, 'strict');
    opens.push(performance.now() - begun);
  }
  const times = { off: [] as number[], strict: [] as number[] };
  for (let count = 0; count < ROUNDS; count += 1) {
    times.off.push(await timed(off));
    times.strict.push(await timed(strict));
  }
  const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b);
  const [without, within] = [sorted(times.off), sorted(times.strict)];
  const overheadMs = round(at(within, 0.5) - at(without, 0.5));
  console.log('             min    p50    p95   (ms, `true`)');
  for (const [name, list] of [
    ['off', without],
    ['strict', within],
  ] as const) {
    const cells = [at(list, 0), at(list, 0.5), at(list, 0.95)].map((ms) => String(ms).padStart(6));
    console.log(`${name.padEnd(9)} ${cells.join(' ')}`);
  }
  console.log(`overhead p50 ${overheadMs} ms, where it ought to be ≤ ${MAX_OVERHEAD_MS} ms`);
  const [openedFirst, opened] = [round(firstMs), at(sorted(opens), 0.5)];
  console.log(`to open it: ${openedFirst} ms the first time since the boot, then ${opened} ms`);
  const line = { bench: 'sandbox', off: at(without, 0.5), strict: at(within, 0.5), overheadMs };
  console.log(JSON.stringify({ ...line, openedFirst, opened }));
} finally {
  rmSync(base, { recursive: true, force: true });
}
