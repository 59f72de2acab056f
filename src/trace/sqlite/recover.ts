/**
 * Saves what can be saved of a damaged store: of each run the longest prefix of events whose chain holds,
 * byte for byte, in a new store that takes the place of the old one. The old files are moved aside and
 * never changed; contents in files stay where they are. Reads a copy, so that even a log of SQLite that
 * has to be rolled in first does not touch the original.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Chance, randomId } from '../../system/chance.ts';
import type { TraceEvent } from '../events.ts';
import type { RunRow } from '../run-row.ts';
import { isDriven } from '../store-refusals.ts';
import type { Lease } from '../trace-store.ts';
import { bytesOf, integerOf, type Row, textOf } from './columns.ts';
import { chainHash, FIRST_PREV, unpackBody } from './event-codec.ts';
import { type Head, linesOf, readHeads } from './heads.ts';
import { toLease } from './leases.ts';
import { MIGRATIONS, versionOf } from './migrate.ts';
import { databasePath, openDatabase } from './open-database.ts';
import { SEQ_SPACE } from './run-log.ts';
import { newerStore, noStore, storeError } from './store-errors.ts';
import { syncFolder } from './sync-folder.ts';

export interface RecoverRequest {
  readonly stateFolder: string;
  readonly chance: Chance;
  /** Folds a run’s events to its row. */
  readonly rebuildRow: (run: string, events: readonly TraceEvent[]) => RunRow;
  /** Says whether the holder of a lease may still be at work. */
  readonly isHeld: (lease: Lease) => boolean;
}

export interface RecoveredRun {
  readonly run: string;
  /** Events that were saved, from the first on. */
  readonly kept: number;
  /** The last seq that the damaged store or its heads name; more than `kept` where events are lost. */
  readonly known: number;
}

export interface Recovery {
  /** Where the damaged files are now. */
  readonly movedTo: string;
  readonly runs: readonly RecoveredRun[];
  /** Runs that only the heads know: none of their events could be read. */
  readonly lostRuns: readonly string[];
}

interface SavedRun {
  readonly run: string;
  readonly no: number;
  readonly events: readonly Row[];
  readonly hash: Uint8Array;
  readonly known: number;
}

const PAGE_BYTES = 4096;
const STORE_FILES = ['whaleflow.db', 'whaleflow.db-wal', 'whaleflow.db-shm', 'heads', 'live.db'];

/**
 * Recovers the store of a folder that nobody drives.
 * @throws {WhaleFlowError} WF7007 no store, WF7002 a newer one, WF5005 a run is driven, WF7003, WF7004.
 */
export function recoverStore(request: RecoverRequest): Recovery {
  const { stateFolder: folder, chance } = request;
  const heads = readHeads(folder);
  if (!existsSync(databasePath(folder)) && heads.length === 0) throw noStore(folder);
  try {
    const work = mkdtempSync(join(folder, 'recover-'));
    try {
      const old = openCopy(folder, work);
      const saved = old === undefined ? [] : salvage(old, heads, request);
      const fresh = join(work, 'fresh');
      writeFresh(fresh, saved, old, request);
      old?.close();
      const movedTo = replaceStore(folder, fresh, `damaged-${randomId(chance, 6)}`);
      return summary(movedTo, saved, heads);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  } catch (error) {
    throw storeError(error, folder);
  }
}

function summary(movedTo: string, saved: readonly SavedRun[], heads: readonly Head[]): Recovery {
  const runs = saved.map(({ run, events, known }) => ({ run, kept: events.length, known }));
  const names = new Set(runs.map(({ run }) => run));
  const lost = new Set(heads.map(({ run }) => run).filter((run) => !names.has(run)));
  return { movedTo, runs, lostRuns: [...lost] };
}

/** A copy of the damaged store, as far as SQLite can open it. */
function openCopy(folder: string, work: string): DatabaseSync | undefined {
  const copy = join(work, 'whaleflow.db');
  if (!existsSync(databasePath(folder))) return undefined;
  copyFileSync(databasePath(folder), copy);
  const log = `${databasePath(folder)}-wal`;
  if (existsSync(log)) copyFileSync(log, `${copy}-wal`);
  return opened(copy, folder) ?? openedByOtherHead(copy, work, folder);
}

function opened(path: string, folder: string): DatabaseSync | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON');
    const version = versionOf(db);
    if (version > MIGRATIONS.length) throw newerStore(folder, version, MIGRATIONS.length);
    db.prepare('SELECT key FROM event LIMIT 1').get();
    return db;
  } catch (error) {
    db?.close();
    if ((error as { code?: string }).code === 'WF7002') throw error;
    return undefined;
  }
}

/**
 * The first page holds header and schema, which are the same in every store of one version but for the
 * number of pages: where it is damaged, that of a new store takes its place.
 */
function openedByOtherHead(copy: string, work: string, folder: string): DatabaseSync | undefined {
  const model = join(work, 'model');
  openDatabase(model, 'create').close();
  const first = readFileSync(databasePath(model)).subarray(0, PAGE_BYTES);
  const bytes = readFileSync(copy);
  if (bytes.length < 2 * PAGE_BYTES) return undefined;
  first.copy(bytes);
  bytes.writeUInt32BE(Math.floor(bytes.length / PAGE_BYTES), PAGES_OFFSET);
  writeFileSync(copy, bytes);
  return opened(copy, folder);
}

/** https://sqlite.org/fileformat.html#the_database_header */
const PAGES_OFFSET = 28;

function salvage(
  db: DatabaseSync,
  heads: readonly Head[],
  { isHeld, chance }: RecoverRequest,
): readonly SavedRun[] {
  for (const lease of leasesIn(db)) if (isHeld(lease)) throw isDriven(lease);
  const stated = new Map(
    rowsOf(db, 'SELECT no, id, seq, hash FROM run ORDER BY no').map((row) => [row['no'], row]),
  );
  const numbers = new Set([...stated.keys(), ...numbersOfEvents(db)]);
  const saved: SavedRun[] = [];
  for (const no of [...numbers].filter((each) => typeof each === 'number').sort((a, b) => a - b)) {
    const row = stated.get(no);
    const end =
      row === undefined ? undefined : { seq: integerOf(row, 'seq'), hash: bytesOf(row, 'hash') };
    const prefix = soundPrefix(db, no, (seq, hash) => {
      if (end?.seq === seq && Buffer.compare(end.hash, hash) === 0) return true;
      const hex = Buffer.from(hash).toString('hex');
      return heads.some((head) => head.seq === seq && head.hash === hex);
    });
    const run = row === undefined ? nameOf(prefix, heads, chance) : textOf(row, 'id');
    const own = heads.filter((head) => head.run === run).map(({ seq }) => seq);
    const known = Math.max(end?.seq ?? 0, prefix.events.length, ...own);
    if (prefix.events.length > 0) saved.push({ run, no, known, ...prefix });
  }
  return saved;
}

interface Prefix {
  readonly events: readonly Row[];
  readonly hash: Uint8Array;
}

/** Events from the first on whose bytes something else vouches for: the next link, the row or a head. */
function soundPrefix(
  db: DatabaseSync,
  no: number,
  isVouched: (seq: number, hash: Uint8Array) => boolean,
): Prefix {
  const sound: Row[] = [];
  let hash = FIRST_PREV;
  let last: { readonly row: Row; readonly hash: Uint8Array } | undefined;
  for (const row of eventsOf(db, no)) {
    const seq = integerOf(row, 'key') - no * SEQ_SPACE;
    const link = bytesOf(row, 'prev');
    if (seq !== sound.length + (last === undefined ? 1 : 2)) break;
    if (Buffer.compare(link, last?.hash ?? hash) !== 0) break;
    if (last !== undefined) {
      sound.push(last.row);
      hash = last.hash;
    }
    last = { row, hash: chainHash(link, seq, integerOf(row, 'at'), bytesOf(row, 'body')) };
  }
  if (last !== undefined && isVouched(sound.length + 1, last.hash)) {
    sound.push(last.row);
    hash = last.hash;
  }
  return { events: sound, hash };
}

/** As far as they can be read, one by one: a page that is damaged ends them. */
function* eventsOf(db: DatabaseSync, no: number): Generator<Row> {
  const next = db.prepare(
    'SELECT key, at, prev, body FROM event WHERE key > ? AND key < ? ORDER BY key LIMIT 1',
  );
  for (let key = no * SEQ_SPACE; ; ) {
    try {
      const row = next.get(key, (no + 1) * SEQ_SPACE);
      if (row === undefined) return;
      key = integerOf(row, 'key');
      unpackBody(bytesOf(row, 'body'), key - no * SEQ_SPACE, integerOf(row, 'at'));
      yield row;
    } catch {
      return;
    }
  }
}

function* numbersOfEvents(db: DatabaseSync): Generator<number> {
  for (let key = 0; ; ) {
    const [row] = rowsOf(db, `SELECT min(key) AS key FROM event WHERE key >= ${key}`);
    const found = row?.['key'];
    if (typeof found !== 'number' || found < key) return;
    const no = Math.floor(found / SEQ_SPACE);
    yield no;
    key = (no + 1) * SEQ_SPACE;
  }
}

/** A run without a row is known by a head that fits; else it gets a name of its own. */
function nameOf({ events, hash }: Prefix, heads: readonly Head[], chance: Chance): string {
  const hashes = new Set(events.map((row) => Buffer.from(bytesOf(row, 'prev')).toString('hex')));
  hashes.add(Buffer.from(hash).toString('hex'));
  return heads.find((head) => hashes.has(head.hash))?.run ?? randomId(chance, 12);
}

function leasesIn(db: DatabaseSync): readonly Lease[] {
  // An older store has fewer columns.
  const sql = 'SELECT id, lease.* FROM lease JOIN run ON run.no = lease.run WHERE pid IS NOT NULL';
  return rowsOf(db, sql).map(toLease);
}

/** What can be read of a query: a damaged page ends it. */
function* eachRow(db: DatabaseSync, sql: string): Generator<Row> {
  try {
    yield* db.prepare(sql).iterate();
  } catch {
    // What came before is what there is.
  }
}

const rowsOf = (db: DatabaseSync, sql: string): readonly Row[] => [...eachRow(db, sql)];

function writeFresh(
  folder: string,
  saved: readonly SavedRun[],
  old: DatabaseSync | undefined,
  { rebuildRow }: RecoverRequest,
): void {
  const db = openDatabase(folder, 'create');
  const insert = {
    run: db.prepare('INSERT INTO run (no, id, seq, hash, row) VALUES (?, ?, ?, ?, ?)'),
    event: db.prepare('INSERT INTO event (key, at, prev, body) VALUES (?, ?, ?, ?)'),
    lease: db.prepare(
      "INSERT INTO lease (run, epoch, pid, host, boot_id, heartbeat_at) VALUES (?, ?, NULL, '', '', 0)",
    ),
  };
  db.exec('BEGIN IMMEDIATE');
  for (const { run, no, events, hash } of saved) {
    const folded = events.map((row, index) =>
      unpackBody(bytesOf(row, 'body'), index + 1, integerOf(row, 'at')),
    );
    const { run: _run, seq: _seq, ...row } = rebuildRow(run, folded);
    insert.run.run(no, run, events.length, hash, JSON.stringify(row));
    for (const event of events) {
      const [key, at] = [integerOf(event, 'key'), integerOf(event, 'at')];
      insert.event.run(key, at, bytesOf(event, 'prev'), bytesOf(event, 'body'));
    }
    const epochs = folded.map((event) => (event.type === 'run.driven' ? event.epoch : 1));
    insert.lease.run(no, Math.max(...epochs));
  }
  if (old !== undefined) copyContents(old, db);
  db.exec('COMMIT');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const heads = saved.map(({ run, events, hash }) => {
    return { run, seq: events.length, hash: Buffer.from(hash).toString('hex') };
  });
  writeFileSync(join(folder, 'heads'), linesOf(heads), { mode: 0o600, flush: true });
}

/**
 * From both ends, since a damaged page ends a walk. Whether a content is what its digest says is for
 * `verify` and for those who read it.
 */
function copyContents(old: DatabaseSync, db: DatabaseSync): void {
  const insert = db.prepare(
    'INSERT INTO content (digest, bytes, packing, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const order of ['ASC', 'DESC']) {
    for (const row of eachRow(old, `SELECT * FROM content ORDER BY id ${order}`)) {
      const data = row['data'] === null ? null : bytesOf(row, 'data');
      insert.run(bytesOf(row, 'digest'), integerOf(row, 'bytes'), integerOf(row, 'packing'), data);
    }
  }
}

/** Moves the damaged files aside, then the new ones in. */
function replaceStore(folder: string, fresh: string, name: string): string {
  const aside = join(folder, name);
  mkdirSync(aside, { mode: 0o700 });
  for (const file of STORE_FILES) {
    if (existsSync(join(folder, file))) renameSync(join(folder, file), join(aside, file));
  }
  syncFolder(aside);
  for (const file of ['whaleflow.db', 'heads']) renameSync(join(fresh, file), join(folder, file));
  syncFolder(folder);
  return aside;
}
