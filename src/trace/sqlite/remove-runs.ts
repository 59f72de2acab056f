/**
 * Takes runs out of the store, with the contents that nobody else refers to. What others refer to is
 * only known by reading their events: most of that is done before the transaction, and in it what has
 * come since, so that drivers wait for a moment only.
 */
import { contentRefs } from '../content-refs.ts';
import { isHeld } from '../lease-rule.ts';
import { isDriven, noSuchRun } from '../store-refusals.ts';
import type { AcquireOptions, LeaseHolder } from '../trace-store.ts';
import { bytesOf, growing, integerOf, textOf } from './columns.ts';
import type { Connection } from './connection.ts';
import { isFile } from './contents.ts';
import { leaseOf } from './leases.ts';
import { readEvents, SEQ_SPACE } from './run-log.ts';

export interface Removal {
  readonly runs: readonly string[];
  readonly holder: LeaseHolder;
  readonly options: AcquireOptions;
}

/** What the runs that stay refer to, as far as they have been read. */
export interface ContentScan {
  readonly gone: ReadonlySet<string>;
  readonly kept: Set<string>;
  readonly seen: Map<string, number>;
}

const PAGE = 1000;
const SELECT_RUNS = 'SELECT id FROM run ORDER BY no';
const SELECT_RUN = 'SELECT no FROM run WHERE id = ?';
const SELECT_CONTENTS = `SELECT id, digest, packing FROM content WHERE id > ? ORDER BY id LIMIT ${PAGE}`;
const DELETE_EVENTS = 'DELETE FROM event WHERE key > ? AND key < ?';
const DELETE_SNAPSHOTS = 'DELETE FROM snapshot WHERE key > ? AND key < ?';
const DELETE_COMMANDS = 'DELETE FROM command WHERE run = ?';
const DELETE_LEASE = 'DELETE FROM lease WHERE run = ?';
const DELETE_RUN = 'DELETE FROM run WHERE no = ?';
const DELETE_CONTENT = 'DELETE FROM content WHERE id = ?';

/** @throws {WhaleFlowError} WF2004, WF5005. */
export function assertRemovable(connection: Connection, removal: Removal): void {
  const { runs, holder, options } = removal;
  for (const run of runs) {
    if (connection.row(SELECT_RUN, run) === undefined) throw noSuchRun(run);
    const lease = leaseOf(connection, run);
    if (lease !== undefined && isHeld(lease, holder, options)) throw isDriven(lease);
  }
}

/** Reads what the other runs refer to; undefined when one of them cannot be read. */
export function scanContents(
  connection: Connection,
  gone: ReadonlySet<string>,
): ContentScan | undefined {
  return goOn(connection, { gone, kept: new Set(), seen: new Map() });
}

/**
 * Within a transaction: removes the runs and their contents. Returns the digests of contents that are
 * files: those are removed one by one, after the commit.
 */
export function removeRuns(
  connection: Connection,
  removal: Removal,
  scan: ContentScan | undefined,
): readonly string[] {
  assertRemovable(connection, removal);
  for (const run of removal.runs) removeRun(connection, run);
  const others = otherRuns(connection, new Set(removal.runs));
  const isBusy = others.some((run) => {
    const lease = leaseOf(connection, run);
    return lease !== undefined && isHeld(lease, removal.holder, removal.options);
  });
  const whole = scan === undefined || isBusy ? undefined : goOn(connection, scan);
  return whole === undefined ? [] : removeContents(connection, whole.kept);
}

function removeRun(connection: Connection, run: string): void {
  const row = connection.row(SELECT_RUN, run);
  if (row === undefined) return;
  const no = integerOf(row, 'no');
  for (const sql of [DELETE_EVENTS, DELETE_SNAPSHOTS]) {
    connection.prepare(sql).run(no * SEQ_SPACE, (no + 1) * SEQ_SPACE);
  }
  for (const sql of [DELETE_COMMANDS, DELETE_LEASE, DELETE_RUN]) connection.prepare(sql).run(no);
}

function otherRuns(connection: Connection, gone: ReadonlySet<string>): readonly string[] {
  const ids = connection.rows(SELECT_RUNS).map((row) => textOf(row, 'id'));
  return ids.filter((id) => !gone.has(id));
}

/** Reads on from where the scan stands. */
function goOn(connection: Connection, scan: ContentScan): ContentScan | undefined {
  const { gone, kept, seen } = scan;
  try {
    for (const run of otherRuns(connection, gone)) {
      for (let after = seen.get(run) ?? 0; ; seen.set(run, after)) {
        const events = readEvents(connection, run, after, PAGE);
        for (const event of events) {
          for (const { digest } of contentRefs(event)) kept.add(digest);
          after = event.seq;
        }
        if (events.length === 0) break;
      }
    }
    return scan;
  } catch {
    // What a damaged run refers to is not known: everything stays, for `verify` and `recover` to see.
    return undefined;
  }
}

function removeContents(connection: Connection, kept: ReadonlySet<string>): readonly string[] {
  const files: string[] = [];
  for (let after = 0; ; ) {
    const rows = growing(connection.rows(SELECT_CONTENTS, after), 'id', after);
    for (const row of rows) {
      after = integerOf(row, 'id');
      const digest = Buffer.from(bytesOf(row, 'digest')).toString('hex');
      if (kept.has(digest)) continue;
      connection.prepare(DELETE_CONTENT).run(after);
      if (isFile(integerOf(row, 'packing'))) files.push(digest);
    }
    if (rows.length < PAGE) return files;
  }
}
