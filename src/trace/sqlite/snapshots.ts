/**
 * Snapshots of folds. Each one’s digest takes in the one before, its parts and the hash chain of the
 * events where it stands: one that does not fit its events is never read.
 */
import { hash } from 'node:crypto';
import { SNAPSHOT_EVENTS, type Snapshot, type SnapshotHead } from '../snapshot.ts';
import { noSuchRun } from '../store-refusals.ts';
import { bytesOf, integerOf, type Row } from './columns.ts';
import type { Connection } from './connection.ts';
import { SEQ_SPACE } from './run-log.ts';

const SELECT_RUN = 'SELECT no, seq, hash FROM run WHERE id = ?';
const SELECT_PREV = 'SELECT prev FROM event WHERE key = ?';
const SELECT_HEADS = `SELECT key, version, digest, open_hash, attempts_hash, ended FROM snapshot
  WHERE key > ? AND key < ? ORDER BY key`;
const SELECT_DIGEST = 'SELECT digest FROM snapshot WHERE key = ?';
const SELECT_PART = {
  open: 'SELECT open AS part, open_hash AS part_hash FROM snapshot WHERE key = ?',
  attempts: 'SELECT attempts AS part, attempts_hash AS part_hash FROM snapshot WHERE key = ?',
};
const INSERT = `INSERT INTO snapshot
  (key, version, digest, open_hash, attempts_hash, ended, open, attempts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET version = excluded.version, digest = excluded.digest,
  open_hash = excluded.open_hash, attempts_hash = excluded.attempts_hash,
  ended = excluded.ended, open = excluded.open, attempts = excluded.attempts`;

/** Within a transaction. Makes nothing where the place has no such event, or the one before is missing. */
export function insertSnapshot(connection: Connection, run: string, snapshot: Snapshot): void {
  const { seq, version, ended, open, attempts } = snapshot;
  const no = connection.numberOf(run);
  if (no === undefined) throw noSuchRun(run);
  const chain = chainAt(connection, run, no, seq);
  const before = digestBefore(connection, no, seq);
  if (chain === undefined || before === undefined) return;
  const [openHash, attemptsHash] = [sha256(open), sha256(attempts)];
  const digest = digestOf({ before, version, seq, chain, ended, openHash, attemptsHash });
  connection
    .prepare(INSERT)
    .run(no * SEQ_SPACE + seq, version, digest, openHash, attemptsHash, ended, open, attempts);
}

/** Those of a version that fit the events, from the first on; none where they cannot be read. */
export function readSnapshots(
  connection: Connection,
  run: string,
  version: number,
): readonly SnapshotHead[] {
  try {
    return soundSnapshots(connection, run, version);
  } catch {
    // Damage of a cache keeps nobody from the events; the check of the file names it.
    return [];
  }
}

function soundSnapshots(
  connection: Connection,
  run: string,
  version: number,
): readonly SnapshotHead[] {
  const no = connection.numberOf(run);
  if (no === undefined) return [];
  const base = no * SEQ_SPACE;
  const heads: SnapshotHead[] = [];
  let before: Uint8Array = NO_DIGEST;
  for (const row of connection.rows(SELECT_HEADS, base, base + SEQ_SPACE)) {
    const seq = integerOf(row, 'key') - base;
    if (seq !== (heads.length + 1) * SNAPSHOT_EVENTS) break;
    const chain = chainAt(connection, run, no, seq);
    if (chain === undefined || integerOf(row, 'version') !== version) break;
    const ended = bytesOf(row, 'ended');
    const [openHash, attemptsHash] = [bytesOf(row, 'open_hash'), bytesOf(row, 'attempts_hash')];
    const digest = digestOf({ before, version, seq, chain, ended, openHash, attemptsHash });
    before = bytesOf(row, 'digest');
    if (!isSame(digest, before)) break;
    heads.push({ seq, ended, isWhole: !isSame(openHash, NOTHING_HASH) });
  }
  return heads;
}

export function readSnapshotPart(
  connection: Connection,
  run: string,
  { seq, part }: { readonly seq: number; readonly part: 'open' | 'attempts' },
): Uint8Array | undefined {
  const no = connection.numberOf(run);
  const row: Row | undefined =
    no === undefined ? undefined : connection.row(SELECT_PART[part], no * SEQ_SPACE + seq);
  if (row === undefined) return undefined;
  const bytes = bytesOf(row, 'part');
  return isSame(sha256(bytes), bytesOf(row, 'part_hash')) ? bytes : undefined;
}

const NO_DIGEST = new Uint8Array(32);
/** Of a snapshot that does not hold what is open. */
const NOTHING_HASH = hash('sha256', new Uint8Array(), 'buffer');

/** The hash chain up to an event: what the next one links to, or the head of the run. */
function chainAt(
  connection: Connection,
  run: string,
  no: number,
  seq: number,
): Uint8Array | undefined {
  const next = connection.row(SELECT_PREV, no * SEQ_SPACE + seq + 1);
  if (next !== undefined) return bytesOf(next, 'prev');
  const row = connection.row(SELECT_RUN, run);
  return row !== undefined && integerOf(row, 'seq') === seq ? bytesOf(row, 'hash') : undefined;
}

function digestBefore(connection: Connection, no: number, seq: number): Uint8Array | undefined {
  if (seq === SNAPSHOT_EVENTS) return NO_DIGEST;
  const row = connection.row(SELECT_DIGEST, no * SEQ_SPACE + seq - SNAPSHOT_EVENTS);
  return row === undefined ? undefined : bytesOf(row, 'digest');
}

function digestOf(parts: {
  readonly before: Uint8Array;
  readonly version: number;
  readonly seq: number;
  readonly chain: Uint8Array;
  readonly ended: Uint8Array;
  readonly openHash: Uint8Array;
  readonly attemptsHash: Uint8Array;
}): Uint8Array {
  const { before, version, seq, chain, ended, openHash, attemptsHash } = parts;
  const place = Buffer.from(`${version} ${seq} `);
  return sha256(Buffer.concat([before, place, chain, sha256(ended), openHash, attemptsHash]));
}

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
