/**
 * The workloads of the peer comparison, ours beside the floor, interleaved in one run so that both see
 * the same noise. `npm run bench -- peers`; rounds: WHALEFLOW_ROUNDS (3). Ratios are to the floor's medians.
 * What the variants of ours measure is said in `peers/ours.mjs`; `default` is the one that is compared.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rounds = Number(process.env['WHALEFLOW_ROUNDS'] ?? 3);
const N = 1_000;
/** So many of the 20 ms leaves may run at once; what lets more run has done other work. */
const LIMIT = 50;
const folder = join(import.meta.dirname, 'peers');

interface Line {
  readonly ok: boolean;
  readonly ms: number;
  readonly leaves: number;
  readonly max_in_flight: number;
  readonly spawn_to_first_leaf_ms: number;
  readonly rss_peak_mb: number;
  /** Of the whole process from `start()` on, all its threads. */
  readonly cpu_run_ms: number;
  readonly written_per_step: number;
}

interface Spec {
  readonly workload: string;
  readonly peer: 'floor' | 'ours';
  readonly variant: string;
}

const specs: readonly Spec[] = [
  { workload: 'cold', peer: 'floor', variant: 'default' },
  { workload: 'cold', peer: 'ours', variant: 'default' },
  { workload: 'chain', peer: 'floor', variant: 'full' },
  { workload: 'chain', peer: 'ours', variant: 'default' },
  { workload: 'chain', peer: 'ours', variant: 'whole' },
  { workload: 'fanout', peer: 'floor', variant: 'default' },
  { workload: 'fanout', peer: 'ours', variant: 'default' },
  { workload: 'fanout', peer: 'ours', variant: 'nodes' },
  { workload: 'fanout', peer: 'ours', variant: 'whole' },
  { workload: 'fanout20', peer: 'floor', variant: 'default' },
  { workload: 'fanout20', peer: 'ours', variant: 'default' },
  { workload: 'fanout20', peer: 'ours', variant: 'ahead' },
  { workload: 'fanout20', peer: 'ours', variant: 'nodes' },
  { workload: 'fanout20', peer: 'ours', variant: 'whole' },
  { workload: 'resume', peer: 'floor', variant: 'default' },
  { workload: 'resume', peer: 'ours', variant: 'default' },
];

function once(spec: Spec, dir: string, more: readonly string[]): Promise<Line | undefined> {
  return new Promise((resolve) => {
    const n = spec.workload === 'cold' ? 1 : N;
    const t0 = performance.timeOrigin + performance.now();
    const file = join(folder, `${spec.peer}.mjs`);
    const words = ['--workload', spec.workload, '--variant', spec.variant, '--n', String(n)];
    const child = spawn(
      process.execPath,
      [file, ...words, '--dir', dir, '--t0', String(t0), ...more],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.on('close', () => {
      const line = out.split('\n').find((one) => one.startsWith('BENCH '));
      resolve(line === undefined ? undefined : (JSON.parse(line.slice(6)) as Line));
    });
  });
}

async function measure(spec: Spec): Promise<Line | undefined> {
  const dir = mkdtempSync(join(tmpdir(), 'whaleflow-peers-'));
  try {
    const leafMs = spec.workload === 'fanout20' ? ['--leafMs', '20'] : [];
    if (spec.workload === 'resume') {
      await once({ ...spec, workload: 'crash' }, dir, ['--crashAt', String(N / 2)]);
      return await once(spec, dir, []);
    }
    return await once(spec, dir, leafMs);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const results = new Map<Spec, Line[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const spec of specs) {
    const line = await measure(spec);
    if (line?.ok !== true) throw new Error(`${spec.peer} ${spec.workload} failed`);
    if (spec.workload === 'fanout20' && line.max_in_flight > LIMIT) {
      throw new Error(
        `${spec.variant} ran ${line.max_in_flight} leaves at once, of ${LIMIT} at most`,
      );
    }
    results.set(spec, [...(results.get(spec) ?? []), line]);
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const isFromSpawn = (workload: string): boolean => workload === 'cold' || workload === 'resume';
const cpu = (spec: Spec): number =>
  median((results.get(spec) ?? []).map(({ cpu_run_ms }) => cpu_run_ms));
const figure = (spec: Spec): number =>
  median(
    (results.get(spec) ?? []).map((line) =>
      isFromSpawn(spec.workload) ? line.spawn_to_first_leaf_ms : line.ms,
    ),
  );

process.stdout.write(
  'workload  variant  what                             floor ms  ours ms  ratio  CPU floor  ours  peak MB  again\n',
);
for (const ours of specs.filter(({ peer }) => peer === 'ours')) {
  const floor = specs.find(({ peer, workload }) => peer === 'floor' && workload === ours.workload);
  if (floor === undefined) continue;
  const [a, b] = [figure(floor), figure(ours)];
  const lines = results.get(ours) ?? [];
  const memory = median(lines.map(({ rss_peak_mb }) => rss_peak_mb));
  const again = ours.workload === 'resume' ? median(lines.map(({ leaves }) => leaves - N / 2)) : 0;
  const what = isFromSpawn(ours.workload) ? 'spawn to first leaf' : 'makespan';
  process.stdout.write(
    `${ours.workload.padEnd(9)} ${ours.variant.padEnd(8)} ${`${what} (floor ${floor.variant})`.padEnd(32)} ${a.toFixed(0).padStart(8)} ${b.toFixed(0).padStart(8)} ${(b / a).toFixed(2).padStart(6)} ${cpu(floor).toFixed(0).padStart(10)} ${cpu(ours).toFixed(0).padStart(5)} ${memory.toFixed(0).padStart(8)} ${String(again).padStart(6)}\n`,
  );
  process.stdout.write(
    `${JSON.stringify({ bench: 'peers', ...ours, floorMs: a, oursMs: b, floorCpuMs: cpu(floor), oursCpuMs: cpu(ours) })}\n`,
  );
}
