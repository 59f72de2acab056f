/** Holds the snapshots of a run against its events: that they fit, and that they say what these fold to. */
import type { KeptAttempts } from '../attempt-book.ts';
import type { TraceEvent } from '../events.ts';
import { handedOver } from '../fold/load-snapshots.ts';
import { unpackPart } from '../fold/pack.ts';
import { type Cut, type Link, SnapshotFold } from '../fold/snapshot-fold.ts';
import { FOLD_VERSION } from '../snapshot.ts';
import { bytesOf, integerOf } from './columns.ts';
import type { Connection } from './connection.ts';
import { readEvents, SEQ_SPACE } from './run-log.ts';
import { readSnapshotPart, readSnapshots } from './snapshots.ts';

const SELECT_SEQS = `SELECT key FROM snapshot
  WHERE key > ? AND key < ? AND version = ${FOLD_VERSION} ORDER BY key`;
const SELECT_PARTS = 'SELECT ended, open, attempts FROM snapshot WHERE key = ?';
const PARTS = ['ended', 'open', 'attempts'] as const;

export interface SnapshotCheck {
  readonly run: string;
  readonly no: number;
  /** All events of the run, in order; read when they are needed. */
  readonly events: () => Iterable<TraceEvent>;
  readonly report: (seq: number, message: string) => void;
}

/** Snapshots of other versions are nobody’s concern: nothing reads them. */
export function verifySnapshots(connection: Connection, check: SnapshotCheck): void {
  const { run, no, events, report } = check;
  const base = no * SEQ_SPACE;
  const rows = connection.rows(SELECT_SEQS, base, base + SEQ_SPACE);
  const stored = rows.map((row) => integerOf(row, 'key') - base);
  if (stored.length === 0) return;
  const heads = readSnapshots(connection, run, FOLD_VERSION);
  const sound = new Map(heads.map(({ seq, isWhole }) => [seq, isWhole]));
  for (const seq of stored) {
    if (!sound.has(seq)) report(seq, 'the snapshot behind it does not fit; it is not used');
  }
  const kept = keptIn(connection, run, () => fold.seq);
  const fold: SnapshotFold = new SnapshotFold(kept);
  const last = heads.at(-1)?.seq ?? 0;
  for (const event of events()) {
    if (event.seq > last) break;
    fold.see(event);
    const isWhole = sound.get(event.seq);
    if (isWhole === undefined) continue;
    const cut = isWhole ? fold.cut() : fold.link();
    const part = differentPart(connection, base + event.seq, cut);
    if (part === undefined) continue;
    report(event.seq, `the snapshot behind it does not follow from the events (${part})`);
  }
}

function differentPart(
  connection: Connection,
  key: number,
  cut: Link & Partial<Cut>,
): string | undefined {
  const row = connection.row(SELECT_PARTS, key);
  return PARTS.find((part) => {
    if (cut[part] === undefined) return false;
    try {
      return row === undefined || unpackPart(bytesOf(row, part)) !== JSON.stringify(cut[part]);
    } catch {
      return true;
    }
  });
}

function keptIn(connection: Connection, run: string, seq: () => number): KeptAttempts {
  const source = {
    read: (id: string, after: number, limit?: number) => readEvents(connection, id, after, limit),
    snapshots: (id: string, version: number) => readSnapshots(connection, id, version),
    snapshotPart: (id: string, seq: number, part: 'open' | 'attempts') =>
      readSnapshotPart(connection, id, { seq, part }),
  };
  return { of: (path) => handedOver(source, run, seq()).of(path), all: () => [] };
}
