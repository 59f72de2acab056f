/**
 * `heads`, an append-only file of `run seq hash` lines beside the store, so that a store whose tail was
 * lost or cut can be told from one that never had it. A line is written and fsynced at the end of a
 * run, when a lease is released, when the store is closed, and else at most a second after a commit:
 * an fsync a commit would double its cost. What `verify` can promise is therefore: any event that is
 * older than a second before its writer died is missed when it is gone; younger ones may not be.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TimerHandle, Timers } from '../../system/clock.ts';
import { syncFolder } from './sync-folder.ts';

export interface Head {
  readonly run: string;
  readonly seq: number;
  /** Hex sha256 of the run’s chain up to seq. */
  readonly hash: string;
}

const FLUSH_DELAY_MS = 1000;
/** Past this size, only the last line of each run is kept when a writer opens the store. */
const MAX_FILE_BYTES = 1024 * 1024;
/** A torn line, from a crash or a full disk, fits nothing and is passed over. */
const LINE = /^(\S+) (\d{1,10}) ([0-9a-f]{64})$/;

/** No event has this seq: a line with it says that the run was removed. */
const TOMBSTONE_SEQ = 0;
const NO_HASH = '0'.repeat(64);

export class HeadsWriter {
  readonly #folder: string;
  readonly #timers: Timers;
  readonly #unwritten = new Map<string, Head>();
  #timer: TimerHandle | undefined;

  constructor(folder: string, timers: Timers) {
    this.#folder = folder;
    this.#timers = timers;
    try {
      shorten(folder);
    } catch {
      // A long file does no harm; the next opening tries again.
    }
  }

  /** Notes a head that is durable in the store. */
  note(head: Head): void {
    this.#unwritten.set(head.run, head);
    this.#timer ??= this.#timers.after(FLUSH_DELAY_MS, () => this.flush());
  }

  /** Says durably that runs are about to be removed. @throws what the disk says. */
  forget(runs: readonly string[]): void {
    for (const run of runs) this.#unwritten.delete(run);
    const tombstones = runs.map((run): Head => ({ run, seq: TOMBSTONE_SEQ, hash: NO_HASH }));
    appendDurably(this.#folder, linesOf(tombstones));
  }

  /**
   * Writes and fsyncs what was noted. A failure does not surface, for the events themselves are safe;
   * the lines are tried again with the next ones.
   */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#unwritten.size === 0) return;
    try {
      appendDurably(this.#folder, linesOf(this.#unwritten.values()));
      this.#unwritten.clear();
    } catch {
      // See above.
    }
  }
}

/** All heads, oldest first; those of removed runs end with a tombstone. */
export function readHeads(folder: string): readonly Head[] {
  return readLines(folder).flatMap(parseLine);
}

/** What a crash may leave of a line. */
const TORN = /^[a-z0-9_-]{0,64}(?: \d{0,10}| \d{1,10} [0-9a-f]{0,64})?$/;

/** Numbers of the lines, from 1, that nobody of ours has written, whole or torn; 0 for what is no file. */
export function foreignLines(folder: string): readonly number[] {
  const path = headsPath(folder);
  if (existsSync(path) && !statSync(path).isFile()) return [0];
  return readLines(folder).flatMap((line, at) =>
    LINE.test(line) || TORN.test(line) ? [] : [at + 1],
  );
}

function readLines(folder: string): readonly string[] {
  const path = headsPath(folder);
  const isThere = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isThere ? readFileSync(path, 'latin1').split('\n') : [];
}

/** Says whether a run was removed on purpose, by the heads that name it, oldest first. */
export function isRemoved(heads: readonly Head[]): boolean {
  return heads.at(-1)?.seq === TOMBSTONE_SEQ;
}

/** Says whether a store had committed events here before. */
export function headsNameRuns(folder: string): boolean {
  const heads = Map.groupBy(readHeads(folder), ({ run }) => run);
  return [...heads.values()].some((some) => !isRemoved(some));
}

function parseLine(line: string): Head[] {
  const [, run, seq, hash] = LINE.exec(line) ?? [];
  if (run === undefined || seq === undefined || hash === undefined) return [];
  return [{ run, seq: Number(seq), hash }];
}

/** A writer that appends in the same instant loses its line; its next one makes up for it. */
function shorten(folder: string): void {
  const path = headsPath(folder);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= MAX_FILE_BYTES) return;
  const last = new Map(readHeads(folder).map((head) => [head.run, head]));
  const shorter = `${path}.new`;
  const file = openSync(shorter, 'w', 0o600);
  try {
    writeSync(file, linesOf(last.values()));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(shorter, path);
}

/** Lines begin with a line break too, so that a torn line spoils only itself. */
export function linesOf(heads: Iterable<Head>): string {
  return Array.from(heads, ({ run, seq, hash }) => `\n${run} ${seq} ${hash}\n`).join('');
}

function appendDurably(folder: string, text: string): void {
  const path = headsPath(folder);
  const isNew = !existsSync(path);
  const file = openSync(path, 'a', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (isNew) syncFolder(folder);
}

/** Where the heads of a state folder lie. */
export const headsPath = (folder: string): string => join(folder, 'heads');
