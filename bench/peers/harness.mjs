// What every engine of the comparison shares: the leaf, the clock, and one JSON line for each result.
// A program calls `start()` before its workload and `done(ok)` after it; nothing else prints to stdout.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  strict: false,
  options: {
    workload: { type: 'string', default: 'chain' },
    variant: { type: 'string', default: 'default' },
    n: { type: 'string', default: '1000' },
    limit: { type: 'string', default: '50' },
    leafMs: { type: 'string', default: '0' },
    crashAt: { type: 'string', default: '0' },
    dir: { type: 'string', default: '.' },
    t0: { type: 'string', default: '0' },
  },
});

export const args = {
  workload: String(values.workload),
  variant: String(values.variant),
  n: Number(values.n),
  limit: Number(values.limit),
  leafMs: Number(values.leafMs),
  crashAt: Number(values.crashAt),
  dir: String(values.dir),
  t0: Number(values.t0),
};

export const isFan = args.workload.includes('fan');
export const isResume = args.workload.startsWith('resume');
/** How many leaves may run at once. */
export const conc = isFan && args.workload !== 'fanout' ? args.limit : args.n;

const PAD = 'x'.repeat(200);
const seen = { leaves: 0, inFlight: 0, maxInFlight: 0, firstAt: 0, firstIndex: -1 };
const now = () => performance.timeOrigin + performance.now();
const round = (value) => Math.round(value * 100) / 100;

/** The leaf: counts itself, may kill the process or sleep, gives about 230 bytes of JSON. */
export async function leaf(i) {
  if (seen.leaves === 0) {
    seen.firstAt = now();
    seen.firstIndex = i;
  }
  if (args.crashAt > 0 && i === args.crashAt) process.kill(process.pid, 'SIGKILL');
  seen.leaves += 1;
  seen.inFlight += 1;
  seen.maxInFlight = Math.max(seen.maxInFlight, seen.inFlight);
  if (args.leafMs > 0) await new Promise((resolve) => setTimeout(resolve, args.leafMs));
  seen.inFlight -= 1;
  return { ok: true, i, out: PAD };
}

function writtenBytes() {
  try {
    return Number(/wchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** A fixed piece of CPU work, so that lines taken under different load can be told apart. */
function calibrate() {
  const block = Buffer.alloc(1 << 20, 7);
  const begun = performance.now();
  for (let k = 0; k < 24; k += 1) createHash('sha256').update(block).digest();
  return performance.now() - begun;
}

let begun = 0;
let begunAt = 0;
let written = 0;
let cpu = process.cpuUsage();

export function start() {
  written = writtenBytes();
  cpu = process.cpuUsage();
  begunAt = now();
  begun = performance.now();
}

export function done(ok, extra = {}) {
  const ms = performance.now() - begun;
  const used = process.cpuUsage(cpu);
  const line = {
    workload: args.workload,
    variant: args.variant,
    n: args.n,
    ok: Boolean(ok),
    ms: round(ms),
    leaves: seen.leaves,
    max_in_flight: seen.maxInFlight,
    first_index: seen.firstIndex,
    start_to_first_leaf_ms: round(seen.firstAt - begunAt),
    spawn_to_first_leaf_ms: args.t0 > 0 ? round(seen.firstAt - args.t0) : null,
    written_per_step: Math.round((writtenBytes() - written) / Math.max(1, seen.leaves)),
    rss_peak_mb: round(process.resourceUsage().maxRSS / 1024),
    cpu_run_ms: round((used.user + used.system) / 1000),
    calib_ms: round(calibrate()),
    node: process.version,
    ...extra,
  };
  process.stdout.write(`BENCH ${JSON.stringify(line)}\n`);
}

/** Sum of the indexes 0..n-1. */
export const expectSum = (n) => (n * (n - 1)) / 2;
