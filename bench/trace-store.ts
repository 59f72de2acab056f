/**
 * What the SQLite store costs: `node bench/trace-store.ts [FOLDER]`. Times depend on the disk and its
 * other users; bytes and fsyncs do not.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeChance } from '../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../src/system/node/node-clock.ts';
import type { Blob, ContentRef } from '../src/trace/content.ts';
import type { RunRow } from '../src/trace/run-row.ts';
import { openStore } from '../src/trace/sqlite/sqlite-store.ts';
import type { NewEvent, TraceStore } from '../src/trace/trace-store.ts';

const RUN = 'bench0000000';
const COMMITS = 1000;
const LEAVES = 1000;
const START = 1_750_000_000_000;
const PROMPT = 'Review the file below for readability. Say what you would change, and why. '.repeat(
  8,
);
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const base = process.argv[2] ?? tmpdir();
const folder = mkdtempSync(join(base, 'whaleflow-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const onlyCommits = Number(process.env['BENCH_COMMITS'] ?? 0);

if (onlyCommits > 0) await appendSingles(onlyCommits);
else {
  await appendCost(1, COMMITS);
  await appendCost(100, COMMITS);
  await bytesPerLeaf('without a model call', leafWithoutModel);
  await bytesPerLeaf('with a model call', leafWithModel);
  await emptyPolls();
  fsyncs();
}

async function appendCost(perCommit: number, commits: number): Promise<void> {
  using store = newStore(`append-${perCommit}`);
  await begin(store);
  const times: number[] = [];
  let seq = 1;
  for (let commit = 0; commit < commits; commit += 1) {
    const events = Array.from({ length: perCommit }, (_, index) => leafEvent(seq + index));
    const start = performance.now();
    seq = await append(store, seq, events);
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const at = (part: number): string => (times[Math.floor(part * (commits - 1))] ?? 0).toFixed(3);
  const total = times.reduce((sum, time) => sum + time, 0);
  const rate = Math.round((seq / total) * 1000);
  console.log(
    `append, ${perCommit} a commit: min ${at(0)} p50 ${at(0.5)} p95 ${at(0.95)} max ${at(1)} ms; ${rate} events/s`,
  );
  const start = performance.now();
  const problems = store.verify();
  const speed = Math.round((seq / (performance.now() - start)) * 1000);
  console.log(`  verify: ${speed} events/s, ${problems.length} problems`);
  const readStart = performance.now();
  let read = 0;
  for (let after = 0; after < seq; after += 1000) read += store.read(RUN, after, 1000).length;
  console.log(`  read: ${Math.round((read / (performance.now() - readStart)) * 1000)} events/s`);
}

/** Two commits a leaf, as a chain makes them. */
async function bytesPerLeaf(
  name: string,
  leaf: (n: number) => { events: NewEvent[]; blobs: Blob[] },
): Promise<void> {
  const state = `leaves ${name}`.replaceAll(' ', '-');
  let events = 0;
  {
    using store = newStore(state);
    await begin(store);
    let seq = 1;
    for (let n = 1; n <= LEAVES; n += 1) {
      const made = leaf(n);
      events += made.events.length;
      seq = await append(store, seq, made.events.slice(0, 2));
      seq = await append(store, seq, made.events.slice(2), made.blobs);
    }
    await store.release(RUN, 1);
  }
  const bytes = sizeOf(join(folder, state));
  console.log(
    `leaf ${name}: ${Math.round(bytes / LEAVES)} B a leaf on disk, ${Math.round(bytes / events)} B an event`,
  );
  const bytesPerLeaf = Math.round(bytes / LEAVES);
  console.log(JSON.stringify({ bench: 'disk', leaf: name, leaves: LEAVES, bytesPerLeaf }));
}

async function emptyPolls(): Promise<void> {
  using store = newStore('polls');
  await begin(store);
  await append(store, 1, [leafEvent(1)]);
  const polls = 100_000;
  const start = performance.now();
  for (let poll = 0; poll < polls; poll += 1) store.read(RUN, 2, 100);
  console.log(`empty poll: ${(((performance.now() - start) / polls) * 1000).toFixed(1)} µs`);
}

/** Counts under strace, where there is one. */
function fsyncs(): void {
  const counts = join(folder, 'strace');
  const script = fileURLToPath(import.meta.url);
  const strace = ['-f', '-c', '-e', 'trace=fsync,fdatasync', '-o', counts, process.execPath];
  const env = { ...process.env, BENCH_COMMITS: '200' };
  const result = spawnSync('strace', [...strace, script, base], { env });
  if (result.error !== undefined) console.log('fsyncs: not counted, there is no strace');
  else console.log(`fsyncs of 200 commits:\n${readFileSync(counts, 'utf8')}`);
}

async function appendSingles(commits: number): Promise<void> {
  using store = newStore('singles');
  await begin(store);
  for (let seq = 1; seq <= commits; seq += 1) await append(store, seq, [leafEvent(seq)]);
}

function newStore(name: string): TraceStore {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  return openStore({ stateFolder: join(folder, name), mode: 'create', ...world });
}

function begin(store: TraceStore): Promise<void> {
  const holder = { pid: process.pid, host: 'bench', bootId: 'boot' };
  return store.create({ run: RUN, holder, events: [leafEvent(0)], row: row(1) });
}

function append(
  store: TraceStore,
  after: number,
  events: readonly NewEvent[],
  blobs: readonly Blob[] = [],
): Promise<number> {
  const request = { run: RUN, epoch: 1, after, events, blobs, row: row(after + events.length) };
  return store.append(request);
}

function leafEvent(n: number): NewEvent {
  return {
    type: 'leaf.started',
    at: START + n,
    path: `per-file[src/file-${n}.ts]/review`,
    attempt: 1,
  };
}

function leafWithoutModel(n: number): { events: NewEvent[]; blobs: Blob[] } {
  const path = `per-file[src/file-${n}.ts]/test`;
  const output = content(`{"exitCode":0,"stdout":"${n} tests passed in ${n * 7} ms","stderr":""}`);
  return { events: around(n, path, [], output.ref), blobs: [output] };
}

function leafWithModel(n: number): { events: NewEvent[]; blobs: Blob[] } {
  const path = `per-file[src/file-${n}.ts]/review`;
  const request = content(
    JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `${PROMPT}${n}` }] }),
  );
  const response = content(
    `{"text":"file ${n} reads well; the name of function ${n * 3} could be shorter"}`,
  );
  const output = content(`{"verdict":"good","score":${n % 10},"notes":"file ${n} reads well"}`);
  const route = { provider: 'local', model: 'some-model-8b' };
  const call = { path, attempt: 1, call: 1, try: 1, route };
  const tokens = { uncached: 900 + n, cacheRead: 0, cacheWrite: 0, output: 80, reasoning: 0 };
  const model: NewEvent[] = [
    {
      ...call,
      type: 'model.requested',
      at: START + n,
      digest: digest(`request ${n}`),
      reserved: { costMicroUsd: 5000, tokens: 9000 },
    },
    {
      ...call,
      type: 'model.called',
      at: START + n,
      request: request.ref,
      response: response.ref,
      usage: { tokens, costMicroUsd: 340 + n, costStatus: 'exact' },
      memo: 'miss',
      latencyMs: 1200 + n,
    },
  ];
  return { events: around(n, path, model, output.ref), blobs: [request, response, output] };
}

/** The events of one leaf, in the order of the two commits. */
function around(n: number, path: string, model: NewEvent[], output: ContentRef): NewEvent[] {
  const at = START + n;
  const [requested, ...rest] = model;
  return [
    {
      type: 'leaf.requested',
      at,
      path,
      attempt: 1,
      slice: { costMicroUsd: 50_000, tokens: 20_000 },
      inputs: { file: { path: 'list', field: 'path' } },
      digest: digest(path).slice(0, 32),
    },
    { type: 'leaf.started', at, path, attempt: 1, sandbox: 'strict', pid: 4000 + n },
    ...(requested === undefined ? [] : [requested]),
    ...rest,
    {
      type: 'leaf.finished',
      at,
      path,
      attempt: 1,
      result: { status: 'succeeded', output },
      values: { score: n % 10 },
    },
  ];
}

function content(text: string): Blob {
  const data = Buffer.from(text);
  return { ref: { digest: digest(text), bytes: data.length, type: 'json' }, data };
}

function row(seq: number): RunRow {
  return {
    run: RUN,
    name: 'whale-42',
    workflow: 'review',
    source: '.whaleflow/workflows/review.star',
    state: 'running',
    startedAt: START,
    updatedAt: START + seq,
    done: seq,
    total: LEAVES,
    inFlight: 8,
    waiting: 0,
    costMicroUsd: seq * 10,
    costStatus: 'exact',
    tokens: seq * 100,
    longest: { path: 'per-file[src/file-1.ts]/review', startedAt: START },
    seq,
  };
}

function sizeOf(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
