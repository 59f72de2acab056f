/** Runs and their events: the fenced append, and the reads that followers poll with. */
import { WhaleFlowError } from '../../base/errors.ts';
import type { TraceEvent } from '../events.ts';
import type { RunRow } from '../run-row.ts';
import {
  commandGone,
  damagedEvent,
  fenced,
  movedOn,
  noSuchRun,
  runExists,
} from '../store-refusals.ts';
import type { AppendRequest, LeaseHolder } from '../trace-store.ts';
import { bytesOf, growing, integerOf, type Row, textOf } from './columns.ts';
import type { Connection } from './connection.ts';
import { insertContents, type PackedContent } from './contents.ts';
import { chainHash, FIRST_PREV, packBody, unpackBody } from './event-codec.ts';
import type { Head } from './heads.ts';
import { insertLease, leaseOf } from './leases.ts';

/** Events of run n have the keys from n × 2^32 on. Numbers stay exact up to 2 million runs. */
export const SEQ_SPACE: number = 2 ** 32;
const RUN_ID = /^\S{1,64}$/;
const ALL = -1;

const SELECT_END = `SELECT no, seq, hash, epoch, pid
  FROM run LEFT JOIN lease ON lease.run = run.no WHERE run.id = ?`;
const SELECT_ROW = 'SELECT id, seq, row FROM run WHERE id = ?';
const SELECT_ROWS = 'SELECT id, seq, row FROM run ORDER BY no DESC LIMIT ?';
const INSERT_RUN =
  'INSERT INTO run (id, seq, hash, row) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
const UPDATE_RUN = 'UPDATE run SET seq = ?, hash = ?, row = ? WHERE no = ?';
const INSERT_EVENT = 'INSERT INTO event (key, at, prev, body) VALUES (?, ?, ?, ?)';
const SELECT_EVENTS =
  'SELECT key, at, body FROM event WHERE key > ? AND key < ? ORDER BY key LIMIT ?';
const DELETE_COMMAND = 'DELETE FROM command WHERE id = ? AND run = ?';

type NewRun = Omit<AppendRequest, 'after' | 'epoch'> & { readonly holder: LeaseHolder };

/** Within a transaction: makes the run, its lease and its first events. */
export function insertRun(
  connection: Connection,
  request: NewRun,
  contents: readonly PackedContent[],
): Head {
  if (!RUN_ID.test(request.run)) throw new WhaleFlowError('WF9001', `bad run id "${request.run}"`);
  const { changes, lastInsertRowid } = connection
    .prepare(INSERT_RUN)
    .run(request.run, 0, FIRST_PREV, '{}');
  if (changes === 0) throw runExists(request.run);
  const no = Number(lastInsertRowid);
  insertLease(connection, no, request.holder, request.events.at(-1)?.at ?? 0);
  return insertEvents(connection, request, { no, seq: 0, hash: FIRST_PREV }, contents);
}

/** Within a transaction: checks epoch and seq, then appends. */
export function appendEvents(
  connection: Connection,
  request: AppendRequest,
  contents: readonly PackedContent[],
): Head {
  const row = connection.row(SELECT_END, request.run);
  if (row === undefined) throw noSuchRun(request.run);
  const isOurs = row['pid'] !== null && integerOf(row, 'epoch') === request.epoch;
  if (!isOurs) throw fenced(request.run, request.epoch, leaseOf(connection, request.run));
  const end: RunEnd = {
    no: integerOf(row, 'no'),
    seq: integerOf(row, 'seq'),
    hash: bytesOf(row, 'hash'),
  };
  if (end.seq !== request.after) throw movedOn(request.run, request.after, end.seq);
  return insertEvents(connection, request, end, contents);
}

export function readEvents(
  connection: Connection,
  run: string,
  after: number,
  limit: number = ALL,
): readonly TraceEvent[] {
  const no = connection.numberOf(run);
  if (no === undefined) return [];
  const base = no * SEQ_SPACE;
  const rows = connection.rows(SELECT_EVENTS, base + after, base + SEQ_SPACE, limit);
  return growing(rows, 'key', base + after).map((row) => toEvent(run, base, row));
}

export function readRun(connection: Connection, run: string): RunRow | undefined {
  const row = connection.row(SELECT_ROW, run);
  return row === undefined ? undefined : toRunRow(row);
}

export function readRuns(connection: Connection, limit: number = ALL): readonly RunRow[] {
  return connection.rows(SELECT_ROWS, limit).map(toRunRow);
}

/** Where a run stands. */
interface RunEnd {
  readonly no: number;
  readonly seq: number;
  readonly hash: Uint8Array;
}

function insertEvents(
  connection: Connection,
  request: NewRun | AppendRequest,
  end: RunEnd,
  contents: readonly PackedContent[],
): Head {
  insertContents(connection, contents);
  let { seq, hash } = end;
  const insert = connection.prepare(INSERT_EVENT);
  for (const event of request.events) {
    seq += 1;
    const body = packBody(event);
    insert.run(end.no * SEQ_SPACE + seq, event.at, hash, body);
    hash = chainHash(hash, seq, event.at, body);
  }
  for (const id of request.consumes ?? []) {
    const { changes } = connection.prepare(DELETE_COMMAND).run(id, end.no);
    if (changes === 0) throw commandGone(request.run, id);
  }
  const { run, seq: _, ...row } = request.row;
  connection.prepare(UPDATE_RUN).run(seq, hash, JSON.stringify(row), end.no);
  return { run: request.run, seq, hash: Buffer.from(hash).toString('hex') };
}

function toEvent(run: string, base: number, row: Row): TraceEvent {
  const seq = integerOf(row, 'key') - base;
  try {
    return unpackBody(bytesOf(row, 'body'), seq, integerOf(row, 'at'));
  } catch (error) {
    throw damagedEvent(run, seq, error);
  }
}

function toRunRow(row: Row): RunRow {
  const run = textOf(row, 'id');
  const seq = integerOf(row, 'seq');
  try {
    return { ...JSON.parse(textOf(row, 'row')), run, seq };
  } catch (error) {
    throw damagedEvent(run, seq, error);
  }
}
