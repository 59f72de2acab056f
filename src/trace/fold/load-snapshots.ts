/** The snapshots of a run as a fold begins with them. */
import type { KeptAttempts } from '../attempt-book.ts';
import type { TraceEvent } from '../events.ts';
import { RunView } from '../run-view.ts';
import { FOLD_VERSION, type SnapshotHead } from '../snapshot.ts';
import type { TraceStore } from '../trace-store.ts';
import { keptAttempts } from './kept-attempts.ts';
import { unpackPart } from './pack.ts';
import type { AttemptsPart, EndedPart, OpenPart } from './segment.ts';

export type SnapshotSource = Pick<TraceStore, 'read' | 'snapshots' | 'snapshotPart'>;

export interface LoadedSnapshots {
  /** The last event that they stand for. */
  readonly seq: number;
  /** The run’s first event. */
  readonly first: TraceEvent;
  readonly open: OpenPart;
  /** Parsed when asked for. */
  readonly ended: () => readonly EndedPart[];
  readonly kept: KeptAttempts;
}

const PAGE = 5_000;

/** What can be read of a run’s snapshots, up to the last whole one; undefined where there is none. */
export function loadSnapshots(store: SnapshotSource, run: string): LoadedSnapshots | undefined {
  const all = store.snapshots(run, FOLD_VERSION);
  const heads = all.slice(0, all.findLastIndex(({ isWhole }) => isWhole) + 1);
  const last = heads.at(-1);
  const packed = last === undefined ? undefined : store.snapshotPart(run, last.seq, 'open');
  const [first] = packed === undefined ? [] : store.read(run, 0, 1);
  if (last === undefined || packed === undefined || first === undefined) return undefined;
  const ended = endedIn(heads);
  const open = JSON.parse(unpackPart(packed)) as OpenPart;
  return { seq: last.seq, first, open, ended, kept: keptOf(store, { run, heads, ended }) };
}

/** What a fold that makes snapshots has handed over with those before an event, whole or not. */
export function handedOver(store: SnapshotSource, run: string, before: number): KeptAttempts {
  const heads = store.snapshots(run, FOLD_VERSION).filter(({ seq }) => seq < before);
  return keptOf(store, { run, heads, ended: endedIn(heads) });
}

function endedIn(heads: readonly SnapshotHead[]): () => readonly EndedPart[] {
  let parts: readonly EndedPart[] | undefined;
  return () => {
    parts ??= heads.map((head) => JSON.parse(unpackPart(head.ended)) as EndedPart);
    return parts;
  };
}

interface Kept {
  readonly run: string;
  readonly heads: readonly SnapshotHead[];
  readonly ended: () => readonly EndedPart[];
}

function keptOf(store: SnapshotSource, { run, heads, ended }: Kept): KeptAttempts {
  const read = (index: number): AttemptsPart | undefined => {
    const { seq = 0 } = heads[index] ?? {};
    const packed = store.snapshotPart(run, seq, 'attempts');
    return packed === undefined ? undefined : (JSON.parse(unpackPart(packed)) as AttemptsPart);
  };
  return keptAttempts(ended, read, () => refold(store, run, heads.at(-1)?.seq ?? 0));
}

/** What the snapshots ought to say, from the events. */
function refold(store: SnapshotSource, run: string, last: number): KeptAttempts {
  const view = new RunView();
  while (view.state.seq < last) {
    const limit = Math.min(PAGE, last - view.state.seq);
    const events = store.read(run, view.state.seq, limit);
    if (events.length === 0) break;
    for (const event of events) view.see(event);
  }
  return {
    of: (path) => [...view.attemptsOf(path)],
    all: () => view.allAttempts().map(([path, attempts]) => [path, [...attempts]]),
  };
}
