/**
 * What Starlark costs: `node bench/starlark.ts [NAME …]`. The programs check their own results, and are
 * Python as well, so each is its own twin. CPU seconds of parse, compile and run, the best of a few
 * runs; `bar` is what starlark-go needs in units of CPython's time, measured once on one machine.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const RUNS = Number(process.env['BENCH_RUNS'] ?? 3);
const folder = join(import.meta.dirname, 'starlark');

/** starlark-go's CPU time over CPython 3.11's, or less where we promise more. */
const bars: Readonly<Record<string, number>> = {
  'empty-loop': 1.5,
  'loop-add': 1.5,
  'loop-small': 1.5,
  fib: 1.5,
  calls: 1.5,
  'list-append': 1.5,
  comprehension: 0.575 / 0.102,
  dicts: 0.925 / 0.227,
  sort: 1.594 / 0.486,
  strings: 0.977 / 0.211,
  sieve: 0.52 / 0.11,
  floats: 0.39 / 0.095,
  bigint: 0.179 / 0.059,
  graph: 0.192 / 0.097,
};

const pythonRunner = `
import json, sys, time
def fail(message): raise SystemExit(message)
source = open(sys.argv[1]).read()
start = time.process_time()
exec(compile(source, sys.argv[1], "exec"), {"fail": fail})
print(json.dumps({"cpuSeconds": time.process_time() - start, "wallMs": 0}))
`;

interface Measured {
  readonly cpuSeconds: number;
  readonly wallMs: number;
}

function measure(command: string, args: readonly string[]): Measured | undefined {
  let best: Measured | undefined;
  for (let run = 0; run < RUNS; run++) {
    const done = spawnSync(command, args, { encoding: 'utf8' });
    if (done.error !== undefined) return undefined;
    if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`);
    const measured = JSON.parse(done.stdout) as Measured;
    if (best === undefined || measured.cpuSeconds < best.cpuSeconds) best = measured;
  }
  return best;
}

const cell = (text: string, width: number): string => text.padStart(width);
const seconds = (value: number | undefined): string =>
  value === undefined ? '-' : value.toFixed(3);

const hasPython = spawnSync('python3', ['-c', '']).status === 0;
const wanted = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.star'))
  .map((name) => name.slice(0, -'.star'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
const runProgram = join(folder, 'run-program.ts');

console.log('program           ours  python   ratio     bar');
const slow: string[] = [];
for (const name of names) {
  const file = join(folder, `${name}.star`);
  const ours = measure(process.execPath, [runProgram, file]);
  if (ours === undefined) throw new Error('node does not start');
  const python =
    hasPython && name !== 'workflow' ? measure('python3', ['-c', pythonRunner, file]) : undefined;
  const bar = bars[name];
  const ratio = python === undefined ? undefined : ours.cpuSeconds / python.cpuSeconds;
  const isSlow = ratio !== undefined && bar !== undefined && ratio > bar;
  const isLate =
    (name === 'graph' && ours.cpuSeconds > 0.2) || (name === 'workflow' && ours.wallMs > 20);
  if (isSlow || isLate) slow.push(name);
  const columns = [seconds(ours.cpuSeconds), seconds(python?.cpuSeconds)];
  const numbers = [...columns, ratio?.toFixed(2) ?? '-', bar?.toFixed(2) ?? '-'];
  const note = name === 'workflow' ? ` ${ours.wallMs.toFixed(1)} ms cold` : '';
  console.log(
    `${name.padEnd(14)}${numbers.map((text) => cell(text, 8)).join('')}${note}${isSlow || isLate ? '  SLOW' : ''}`,
  );
}
for (const name of slow) console.log(`slower than the bar: ${name}`);
