/**
 * A store that lives and dies with the process: for tests, simulations and library users who keep
 * nothing. Events go through JSON like everywhere, so that nobody can change what was appended.
 */
import { hash } from 'node:crypto';
import { type Blob, DigestedBlob } from '../content.ts';
import { contentRefs } from '../content-refs.ts';
import type { TraceEvent } from '../events.ts';
import { isHeld } from '../lease-rule.ts';
import type { RunRow } from '../run-row.ts';
import { SNAPSHOT_EVENTS, type Snapshot } from '../snapshot.ts';
import {
  commandGone,
  fenced,
  isDriven,
  movedOn,
  noSuchRun,
  runExists,
  wrongDigest,
} from '../store-refusals.ts';
import type {
  AcquireOptions,
  AppendRequest,
  CommandRow,
  Lease,
  LeaseHolder,
  LiveRow,
  NewEvent,
  TraceStore,
} from '../trace-store.ts';

interface StoredRun {
  /** Each event as JSON text without its seq; the index is seq - 1. */
  readonly events: string[];
  row: string;
  readonly snapshots: Snapshot[];
  epoch: number;
  lease: Lease | undefined;
}

interface MemoryState {
  readonly runs: Map<string, StoredRun>;
  readonly blobs: Map<string, Uint8Array>;
  readonly commands: Map<number, CommandRow>;
  readonly live: Map<string, LiveRow>;
  lastCommand: number;
}

const MAX_LIVE_CHARACTERS = 8192;

export function memoryStore(): TraceStore {
  const state: MemoryState = {
    runs: new Map(),
    blobs: new Map(),
    commands: new Map(),
    live: new Map(),
    lastCommand: 0,
  };
  return {
    ...events(state),
    ...leases(state),
    ...commands(state),
    ...live(state),
    ...snapshots(state),
    async remove(runs, holder, options) {
      remove(state, { runs, holder, options });
    },
    verify(run) {
      // Nothing here can be damaged from outside.
      if (run !== undefined) runOf(state, run);
      return [];
    },
    [Symbol.dispose]: () => {},
  };
}

type EventVerbs = Pick<
  TraceStore,
  'create' | 'append' | 'read' | 'blob' | 'putBlobs' | 'runs' | 'run'
>;

function events(state: MemoryState): EventVerbs {
  return {
    async create(request) {
      if (state.runs.has(request.run)) throw runExists(request.run);
      const run: StoredRun = { events: [], row: '', snapshots: [], epoch: 1, lease: undefined };
      write(state, run, request);
      run.lease = leaseOf(request.run, 1, request.holder, request.events.at(-1)?.at ?? 0);
      state.runs.set(request.run, run);
    },
    async append(request) {
      const run = runOf(state, request.run);
      if (run.lease?.epoch !== request.epoch) {
        throw fenced(request.run, request.epoch, run.lease);
      }
      if (run.events.length !== request.after) {
        throw movedOn(request.run, request.after, run.events.length);
      }
      write(state, run, request);
      return run.events.length;
    },
    read(id, after, limit) {
      const run = state.runs.get(id);
      if (run === undefined) return [];
      const end = limit === undefined ? run.events.length : after + limit;
      return run.events.slice(after, end).map((text, index) => toEvent(text, after + index + 1));
    },
    blob: (digest) => state.blobs.get(digest)?.slice(),
    async putBlobs(blobs) {
      keepBlobs(state, blobs);
    },
    runs(query) {
      const newestFirst = [...state.runs].reverse();
      return newestFirst.slice(0, query?.limit).map(([id, run]) => toRow(id, run));
    },
    run(id) {
      const run = state.runs.get(id);
      return run === undefined ? undefined : toRow(id, run);
    },
  };
}

type LeaseVerbs = Pick<TraceStore, 'acquire' | 'heartbeat' | 'release' | 'lease'>;

function leases(state: MemoryState): LeaseVerbs {
  return {
    async acquire(id, holder, options) {
      const run = runOf(state, id);
      if (run.lease !== undefined && isHeld(run.lease, holder, options)) throw isDriven(run.lease);
      run.epoch += 1;
      run.lease = leaseOf(id, run.epoch, holder, options.now);
      return run.lease;
    },
    async heartbeat(id, epoch, at) {
      const lease = state.runs.get(id)?.lease;
      if (lease?.epoch !== epoch) return false;
      runOf(state, id).lease = { ...lease, heartbeatAt: at };
      return true;
    },
    async release(id, epoch) {
      const run = state.runs.get(id);
      if (run?.lease?.epoch === epoch) run.lease = undefined;
    },
    lease: (id) => state.runs.get(id)?.lease,
  };
}

function commands(state: MemoryState): Pick<TraceStore, 'send' | 'commands'> {
  return {
    async send(run, by, at, command) {
      runOf(state, run);
      state.lastCommand += 1;
      state.commands.set(state.lastCommand, { id: state.lastCommand, run, by, at, command });
      return state.lastCommand;
    },
    commands: (run) => [...state.commands.values()].filter((row) => row.run === run),
  };
}

function live(state: MemoryState): Pick<TraceStore, 'putLive' | 'clearLive' | 'live'> {
  const keyOf = (run: string, path: string): string => `${run} ${path}`;
  return {
    putLive(rows) {
      for (const row of rows) {
        const text = row.text.slice(-MAX_LIVE_CHARACTERS);
        state.live.set(keyOf(row.run, row.path), { ...row, text });
      }
    },
    clearLive(run, path) {
      state.live.delete(keyOf(run, path));
    },
    live: (run) => [...state.live.values()].filter((row) => row.run === run),
  };
}

type SnapshotVerbs = Pick<TraceStore, 'putSnapshot' | 'snapshots' | 'snapshotPart'>;

function snapshots(state: MemoryState): SnapshotVerbs {
  return {
    async putSnapshot(id, snapshot) {
      const run = runOf(state, id);
      const isNext = snapshot.seq === (run.snapshots.length + 1) * SNAPSHOT_EVENTS;
      if (isNext && snapshot.seq <= run.events.length) run.snapshots.push(snapshot);
    },
    snapshots(id, version) {
      const kept = state.runs.get(id)?.snapshots ?? [];
      const end = kept.findIndex((snapshot) => snapshot.version !== version);
      const fitting = end < 0 ? kept : kept.slice(0, end);
      return fitting.map(({ seq, ended, open }) => ({ seq, ended, isWhole: open.length > 0 }));
    },
    snapshotPart: (id, seq, part) =>
      state.runs.get(id)?.snapshots.find((snapshot) => snapshot.seq === seq)?.[part],
  };
}

interface Removal {
  readonly runs: readonly string[];
  readonly holder: LeaseHolder;
  readonly options: AcquireOptions;
}

function remove(state: MemoryState, { runs, holder, options }: Removal): void {
  const isDrivenNow = ({ lease }: StoredRun): boolean =>
    lease !== undefined && isHeld(lease, holder, options);
  for (const id of runs) {
    const run = runOf(state, id);
    if (run.lease !== undefined && isDrivenNow(run)) throw isDriven(run.lease);
  }
  const gone = new Set(runs);
  for (const id of gone) state.runs.delete(id);
  for (const [id, { run }] of state.commands) if (gone.has(run)) state.commands.delete(id);
  for (const [key, { run }] of state.live) if (gone.has(run)) state.live.delete(key);
  if ([...state.runs.values()].some(isDrivenNow)) return;
  const kept = new Set<string>();
  for (const { events } of state.runs.values()) {
    for (const [index, text] of events.entries()) {
      for (const { digest } of contentRefs(toEvent(text, index + 1))) kept.add(digest);
    }
  }
  for (const digest of state.blobs.keys()) if (!kept.has(digest)) state.blobs.delete(digest);
}

/** All or nothing: what can refuse comes before what changes. */
function write(
  state: MemoryState,
  run: StoredRun,
  request: Omit<AppendRequest, 'after' | 'epoch'>,
) {
  for (const id of request.consumes ?? []) {
    if (state.commands.get(id)?.run !== request.run) throw commandGone(request.run, id);
  }
  const texts = request.events.map(toText);
  const row = JSON.stringify(request.row);
  keepBlobs(state, request.blobs ?? []);
  for (const id of request.consumes ?? []) state.commands.delete(id);
  for (const text of texts) run.events.push(text);
  run.row = row;
}

function keepBlobs(state: MemoryState, blobs: readonly Blob[]): void {
  for (const blob of blobs) {
    if (blob instanceof DigestedBlob) continue;
    const { ref, data } = blob;
    if (hash('sha256', data) !== ref.digest) throw wrongDigest(ref.digest);
  }
  for (const { ref, data } of blobs) state.blobs.set(ref.digest, data.slice());
}

function runOf(state: MemoryState, id: string): StoredRun {
  const run = state.runs.get(id);
  if (run === undefined) throw noSuchRun(id);
  return run;
}

function leaseOf(run: string, epoch: number, holder: LeaseHolder, at: number): Lease {
  const { pid, start, host, bootId } = holder;
  const began = start === undefined ? {} : { start };
  return { run, epoch, pid, ...began, host, bootId, heartbeatAt: at };
}

const toText = (event: NewEvent): string => JSON.stringify(event);

const toEvent = (text: string, seq: number): TraceEvent => ({ ...JSON.parse(text), seq });

const toRow = (id: string, run: StoredRun): RunRow => ({
  ...JSON.parse(run.row),
  run: id,
  seq: run.events.length,
});
