/**
 * Says whether a store still holds what was written: chains, heads, contents and summaries. SQLite’s own
 * check finds neither a flipped byte of a payload nor a lost log. A writer may be at work meanwhile:
 * heads are read first, then each run up to the end that its row states.
 */
import { isDeepStrictEqual } from 'node:util';
import { WhaleFlowError } from '../../base/errors.ts';
import { contentRefs } from '../content-refs.ts';
import type { TraceEvent } from '../events.ts';
import { noSuchRun } from '../store-refusals.ts';
import type { VerifyOptions, VerifyProblem } from '../trace-store.ts';
import { ChainWalk, type StoredEvent } from './chain-walk.ts';
import { bytesOf, growing, integerOf, outOfOrder, type Row, textOf } from './columns.ts';
import type { Connection } from './connection.ts';

import { readContent } from './contents.ts';
import { unpackBody } from './event-codec.ts';
import { type Head, isRemoved, readHeads } from './heads.ts';
import { readEvents, SEQ_SPACE } from './run-log.ts';
import { verifySnapshots } from './verify-snapshots.ts';

const MAX_PROBLEMS = 1000;
const PAGE = 1000;
const SELECT_RUNS = 'SELECT no, id, seq, hash, row FROM run ORDER BY no';
const SELECT_RUN = 'SELECT no, id, seq, hash, row FROM run WHERE id = ?';
/** As REAL, since a damaged number may be past what a JavaScript integer holds. */
const SELECT_EVENTS = `SELECT key, CAST(at AS REAL) AS at, prev, body FROM event
  WHERE key > ? AND key <= ? ORDER BY key LIMIT ?`;
/** In one snapshot, so that no append comes between. */
const SELECT_BEYOND = `SELECT seq, (SELECT max(key) FROM event WHERE key > ? AND key < ?) AS last
  FROM run WHERE no = ?`;
const SELECT_NEXT_KEY = 'SELECT min(key) AS key FROM event WHERE key >= ?';
const SELECT_CONTENTS = `SELECT id, digest FROM content WHERE id > ? ORDER BY id LIMIT ${PAGE}`;

interface Check {
  readonly connection: Connection;
  readonly options: VerifyOptions;
  readonly problems: VerifyProblem[];
  /** Digest → what is wrong with it, or undefined. */
  readonly contents: Map<string, string | undefined>;
}

/** A run as its row states it. */
interface StatedRun {
  readonly no: number;
  readonly id: string;
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly row: string;
}

/** @throws {WhaleFlowError} WF2004 when neither the store nor the heads know `run`. */
export function verifyStore(
  connection: Connection,
  run: string | undefined,
  options: VerifyOptions = {},
): readonly VerifyProblem[] {
  const check: Check = { connection, options, problems: [], contents: new Map() };
  const heads = Map.groupBy(readHeads(connection.folder), (head) => head.run);
  guarded(check, { run: run ?? '', seq: 0 }, () => {
    const runs = statedRuns(connection, run);
    const isLost = run !== undefined && heads.has(run) && !isRemoved(heads.get(run) ?? []);
    if (run !== undefined && runs.length === 0 && !isLost) throw noSuchRun(run);
    for (const stated of runs) verifyRun(check, stated, heads.get(stated.id) ?? []);
    const known = new Set(runs.map(({ id }) => id));
    for (const [id, lost] of heads) {
      if (known.has(id) || (run !== undefined && run !== id) || isRemoved(lost)) continue;
      const last = Math.max(...lost.map(({ seq }) => seq));
      report(check, id, 1, `the run is missing, events 1 to ${last}`);
    }
    if (run === undefined) verifyFile(check, runs);
  });
  return check.problems;
}

function verifyRun(check: Check, run: StatedRun, heads: readonly Head[]): void {
  const { connection } = check;
  const walk = new ChainWalk((seq, message) => report(check, run.id, seq, message));
  guarded(check, { run: run.id, seq: () => walk.seq + 1 }, () => {
    const headsBySeq = Map.groupBy(heads, ({ seq }) => seq);
    const strangers: number[] = [];
    for (const event of storedEvents(connection, run)) {
      walk.visit(event);
      verifyEvent(check, run.id, event);
      for (const head of headsBySeq.get(event.seq) ?? []) {
        if (!walk.hasHash(head.hash)) strangers.push(event.seq);
      }
    }
    walk.end(run.seq, run.hash);
    // A chain that is broken says itself where.
    for (const seq of walk.isSound ? strangers : []) {
      report(check, run.id, seq, 'it is not the event that the heads file knows');
    }
    verifyEnd(check, run, heads);
    if (!walk.isSound) return;
    verifyRow(check, run);
    verifySnapshots(connection, {
      run: run.id,
      no: run.no,
      events: () => allEvents(connection, run),
      report: (seq, message) => report(check, run.id, seq, message),
    });
  });
}

function verifyEvent(check: Check, run: string, stored: StoredEvent): void {
  let event: TraceEvent;
  try {
    event = unpackBody(stored.body, stored.seq, stored.at);
  } catch {
    report(check, run, stored.seq, 'its body cannot be read');
    return;
  }
  for (const { digest } of contentRefs(event)) {
    const problem = contentProblem(check, digest);
    if (problem !== undefined) report(check, run, stored.seq, problem);
  }
}

/** Events past the end that the row states, and ends that were stated once and are gone. */
function verifyEnd(check: Check, run: StatedRun, heads: readonly Head[]): void {
  const base = run.no * SEQ_SPACE;
  const { connection } = check;
  const row = connection.row(SELECT_BEYOND, base, base + SEQ_SPACE, run.no);
  if (row !== undefined && row['last'] !== null) {
    const seq = integerOf(row, 'seq');
    const last = integerOf(row, 'last') - base;
    if (last > seq) report(check, run.id, seq + 1, 'it lies behind the end of its run');
  }
  const known = Math.max(0, ...heads.map(({ seq }) => seq));
  if (known <= run.seq) return;
  const range = known === run.seq + 1 ? 'it is missing' : `events up to ${known} are missing`;
  report(check, run.id, run.seq + 1, `${range}: the heads file knows them`);
}

function verifyRow(check: Check, run: StatedRun): void {
  const stated: unknown = { ...JSON.parse(run.row), run: run.id, seq: run.seq };
  const { rebuildRow } = check.options;
  if (rebuildRow === undefined) return;
  const rebuilt = rebuildRow(run.id, allEvents(check.connection, run));
  if (!isDeepStrictEqual(stated, JSON.parse(JSON.stringify(rebuilt)))) {
    report(check, run.id, run.seq, 'the summary of the run does not follow from its events');
  }
}

/** What belongs to no run: the file’s structure, stray events, contents that nothing refers to. */
function verifyFile(check: Check, runs: readonly StatedRun[]): void {
  const { connection } = check;
  for (const row of connection.rows('PRAGMA quick_check')) {
    const message = textOf(row, 'quick_check');
    if (message !== 'ok') report(check, '', 0, message);
  }
  const known = new Set(runs.map(({ no }) => no));
  for (const no of runsOfEvents(connection)) {
    // A run made since the runs were listed is not stray.
    if (!known.has(no) && !isRun(connection, no)) {
      report(check, '', 0, `the run of some events is missing, number ${no}`);
    }
  }
  for (const digest of contentDigests(connection)) {
    if (check.contents.has(digest)) continue;
    const problem = contentProblem(check, digest);
    if (problem !== undefined) report(check, '', 0, problem);
  }
}

function contentProblem(check: Check, digest: string): string | undefined {
  if (!check.contents.has(digest)) check.contents.set(digest, findContentProblem(check, digest));
  return check.contents.get(digest);
}

function findContentProblem(check: Check, digest: string): string | undefined {
  try {
    const content = readContent(check.connection, digest);
    return content === undefined ? `content ${digest} is missing` : undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function statedRuns(connection: Connection, run: string | undefined): readonly StatedRun[] {
  const rows = run === undefined ? connection.rows(SELECT_RUNS) : connection.rows(SELECT_RUN, run);
  return rows.map((row) => ({
    no: integerOf(row, 'no'),
    id: textOf(row, 'id'),
    seq: integerOf(row, 'seq'),
    hash: bytesOf(row, 'hash'),
    row: textOf(row, 'row'),
  }));
}

function* storedEvents(connection: Connection, run: StatedRun): Generator<StoredEvent> {
  const base = run.no * SEQ_SPACE;
  for (let after = base; ; ) {
    const rows = pageAfter(connection, after, base + run.seq);
    for (const row of rows) {
      after = integerOf(row, 'key');
      const [at, prev, body] = [integerOf(row, 'at'), bytesOf(row, 'prev'), bytesOf(row, 'body')];
      yield { seq: after - base, at, prev, body };
    }
    if (rows.length === 0) return;
  }
}

/** A page of which a part cannot be read is read row by row, to come as far as possible. */
function pageAfter(connection: Connection, after: number, last: number): readonly Row[] {
  try {
    return growing(connection.rows(SELECT_EVENTS, after, last, PAGE), 'key', after);
  } catch {
    return growing(connection.rows(SELECT_EVENTS, after, last, 1), 'key', after);
  }
}

function* allEvents(connection: Connection, run: StatedRun): Generator<TraceEvent> {
  for (let after = 0; after < run.seq; ) {
    const events = readEvents(connection, run.id, after, Math.min(PAGE, run.seq - after));
    if (events.length === 0) return;
    yield* events;
    after += events.length;
  }
}

function* runsOfEvents(connection: Connection): Generator<number> {
  for (let key = 0; ; ) {
    const next = connection.row(SELECT_NEXT_KEY, key)?.['key'];
    if (typeof next !== 'number') return;
    if (next < key) throw outOfOrder('key');
    const no = Math.floor(next / SEQ_SPACE);
    yield no;
    key = (no + 1) * SEQ_SPACE;
  }
}

function* contentDigests(connection: Connection): Generator<string> {
  for (let after = 0; ; ) {
    const rows = growing(connection.rows(SELECT_CONTENTS, after), 'id', after);
    for (const row of rows) {
      after = integerOf(row, 'id');
      yield Buffer.from(bytesOf(row, 'digest')).toString('hex');
    }
    if (rows.length < PAGE) return;
  }
}

function isRun(connection: Connection, no: number): boolean {
  return connection.row('SELECT 1 FROM run WHERE no = ?', no) !== undefined;
}

/** What stops a check is a problem of the place that it had come to, never the end of the rest. */
function guarded(
  check: Check,
  place: { readonly run: string; readonly seq: number | (() => number) },
  body: () => void,
): void {
  try {
    body();
  } catch (error) {
    if (error instanceof WhaleFlowError && error.code === 'WF2004') throw error;
    const seq = typeof place.seq === 'number' ? place.seq : place.seq();
    report(check, place.run, seq, messageOf(error));
  }
}

function report(check: Check, run: string, seq: number, message: string): void {
  if (check.problems.length < MAX_PROBLEMS) check.problems.push({ run, seq, message });
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
