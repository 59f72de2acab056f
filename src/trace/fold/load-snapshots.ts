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

/** What can be read of a run’s snapshots; undefined where there are none. */
export function loadSnapshots(store: SnapshotSource, run: string): LoadedSnapshots | undefined {
  const heads = store.snapshots(run, FOLD_VERSION);
  const last = heads.at(-1);
  const packed = last === undefined ? undefined : store.snapshotPart(run, last.seq, 'open');
  const [first] = packed === undefined ? [] : store.read(run, 0, 1);
  if (last === undefined || packed === undefined || first === undefined) return undefined;
  const parsed: { parts?: readonly EndedPart[] } = {};
  const ended = (): readonly EndedPart[] => {
    parsed.parts ??= heads.map((head) => JSON.parse(unpackPart(head.ended)) as EndedPart);
    return parsed.parts;
  };
  const open = JSON.parse(unpackPart(packed)) as OpenPart;
  return { seq: last.seq, first, open, ended, kept: keptOf(store, { run, heads, ended }) };
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
