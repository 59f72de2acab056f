/**
 * The durable store: one SQLite file with a write-ahead log that is fsynced at each commit. What an
 * append acknowledged survives `kill -9` and power loss.
 */
import type { Chance } from '../../system/chance.ts';
import type { Clock, Timers } from '../../system/clock.ts';
import type { Blob } from '../content.ts';
import type { EventBody } from '../events.ts';
import type { TraceStore } from '../trace-store.ts';
import { insertCommand, readCommands } from './commands.ts';
import { Connection } from './connection.ts';
import {
  insertContents,
  isLarge,
  type PackedContent,
  packSmall,
  readContent,
  removeFile,
  writeLarge,
} from './contents.ts';
import { type Head, HeadsWriter } from './heads.ts';
import { beatLease, leaseOf, releaseLease, takeLease } from './leases.ts';
import { LiveFile } from './live-file.ts';
import { type OpenMode, openDatabase } from './open-database.ts';
import { RecentContents } from './recent-contents.ts';
import { assertRemovable, removeRuns, scanContents } from './remove-runs.ts';
import { appendEvents, insertRun, readEvents, readRun, readRuns } from './run-log.ts';
import { insertSnapshot, readSnapshotPart, readSnapshots } from './snapshots.ts';
import { verifyStore } from './verify.ts';

export interface StorePlace {
  /** `.whaleflow/state`, or wherever the store lies. */
  readonly stateFolder: string;
  readonly mode: OpenMode;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly chance: Chance;
}

/** @throws {WhaleFlowError} WF7001, WF7002, WF7003, WF7004, WF7005, WF7007. */
export function openStore(place: StorePlace): TraceStore {
  const { stateFolder: folder, mode } = place;
  const isReadOnly = mode === 'read';
  const db = openDatabase(folder, mode);
  const parts: Parts = {
    connection: new Connection(db, { folder, isReadOnly, world: place }),
    heads: isReadOnly ? undefined : new HeadsWriter(folder, place.timers),
    live: new LiveFile(folder, isReadOnly),
    recent: new RecentContents(),
    chance: place.chance,
  };
  let isClosed = false;
  return {
    ...writing(parts),
    ...reading(parts),
    ...driving(parts),
    ...caching(parts),
    [Symbol.dispose]() {
      if (isClosed) return;
      isClosed = true;
      parts.heads?.flush();
      parts.live.close();
      parts.connection.close();
    },
  };
}

interface Parts {
  readonly connection: Connection;
  /** Absent in a store that is only read. */
  readonly heads: HeadsWriter | undefined;
  readonly live: LiveFile;
  readonly recent: RecentContents;
  readonly chance: Chance;
}

function writing(parts: Parts): Pick<TraceStore, 'create' | 'append' | 'putBlobs' | 'remove'> {
  const { connection } = parts;
  return {
    async create(request) {
      const contents = packSmall(request.blobs ?? []);
      contents.push(...(await largeOf(parts, request.blobs)));
      const head = await connection.transact(() => insertRun(connection, request, contents));
      noteHead(parts, head, request.events);
    },
    async append(request) {
      const contents = packSmall(request.blobs ?? []);
      if (request.blobs?.some(isLarge)) contents.push(...(await largeOf(parts, request.blobs)));
      const head = await connection.transact(() => appendEvents(connection, request, contents));
      noteHead(parts, head, request.events);
      if (request.blobs !== undefined) parts.recent.note(request.blobs);
      return head.seq;
    },
    async putBlobs(blobs) {
      const contents = [...packSmall(blobs), ...(await largeOf(parts, blobs))];
      await connection.transact(() => insertContents(connection, contents));
    },
    async remove(runs, holder, options) {
      const removal = { runs, holder, options };
      assertRemovable(connection, removal);
      // First: if this process dies in between, the run is there and its heads still hold.
      parts.heads?.forget(runs);
      parts.recent.clear();
      const scan = scanContents(connection, new Set(runs));
      const files = await connection.transact(() => removeRuns(connection, removal, scan));
      for (const run of runs)
        for (const { path } of parts.live.rows(run)) parts.live.clear(run, path);
      for (const digest of files) {
        await connection.transact(() => removeFile(connection, digest));
      }
    },
  };
}

function reading(
  parts: Parts,
): Pick<TraceStore, 'read' | 'blob' | 'runs' | 'run' | 'lease' | 'commands' | 'live' | 'verify'> {
  const { connection, live, recent } = parts;
  return {
    read: (run, after, limit) => readEvents(connection, run, after, limit),
    blob: (digest) => recent.get(digest) ?? readContent(connection, digest),
    runs: (query) => readRuns(connection, query?.limit),
    run: (id) => readRun(connection, id),
    lease: (run) => leaseOf(connection, run),
    commands: (run) => readCommands(connection, run),
    live: (run) => live.rows(run),
    verify(run, options) {
      parts.heads?.flush();
      return verifyStore(connection, run, options);
    },
  };
}

function driving(
  parts: Parts,
): Pick<TraceStore, 'acquire' | 'heartbeat' | 'release' | 'send' | 'putLive' | 'clearLive'> {
  const { connection, live } = parts;
  return {
    acquire: (run, holder, options) =>
      connection.transactLightly(() => takeLease(connection, run, holder, options)),
    heartbeat: (run, epoch, at) =>
      connection.transactLightly(() => beatLease(connection, run, epoch, at)),
    async release(run, epoch) {
      await connection.transactLightly(() => releaseLease(connection, run, epoch));
      parts.heads?.flush();
      connection.checkpointSoon();
    },
    send: (run, by, at, command) =>
      connection.transact(() => insertCommand(connection, { run, by, at, command })),
    putLive: (rows) => live.put(rows),
    clearLive: (run, path) => live.clear(run, path),
  };
}

function caching({
  connection,
}: Parts): Pick<TraceStore, 'putSnapshot' | 'snapshots' | 'snapshotPart'> {
  return {
    putSnapshot: (run, snapshot) =>
      connection.transact(() => insertSnapshot(connection, run, snapshot)),
    snapshots: (run, version) => readSnapshots(connection, run, version),
    snapshotPart: (run, seq, part) => readSnapshotPart(connection, run, { seq, part }),
  };
}

async function largeOf(
  parts: Parts,
  blobs: readonly Blob[] | undefined,
): Promise<readonly PackedContent[]> {
  if (blobs === undefined) return [];
  parts.connection.assertWritable();
  return writeLarge(parts.connection, parts.chance, blobs);
}

function noteHead(parts: Parts, head: Head, events: readonly EventBody[]): void {
  parts.heads?.note(head);
  if (events.some((event) => event.type === 'run.finished')) parts.heads?.flush();
}
