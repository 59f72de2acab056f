/**
 * Machine-wide places in a small SQLite file of the user. A place is a row that names its holder by pid,
 * start and boot, so that the rows of the dead are known and swept by whoever finds no place. Nothing is
 * synced: after a power cut all holders are dead. SQLite never waits for a lock here, so that the event
 * loop does not; who is refused comes again. Where the file cannot be used, runs go on by their own limits.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TimerHandle, Timers } from '../../system/clock.ts';
import { messageOf } from '../failure.ts';
import type { MachineSlots } from '../machine-slots.ts';

export interface SlotHolder {
  readonly pid: number;
  readonly bootId: string;
  /** Tells a process from a later one with its pid; empty where that cannot be known. */
  readonly start: string;
}

export interface SqliteSlotsParts {
  /** Absolute; made where it is not there. */
  readonly file: string;
  /** What the places are for: `command`, or `model NAME` for the calls of one provider. */
  readonly lane: string;
  /** Places of the lane on the whole machine, as this process sees it. */
  readonly limit: number;
  readonly holder: SlotHolder;
  readonly isAlive: (holder: SlotHolder) => boolean;
  readonly timers: Timers;
  /** Told once when the file cannot be used. */
  readonly complain: (message: string) => void;
}

/** How soon one that waits comes again. */
const RETRY_MS = 50;

interface Waiter {
  readonly take: (leave: () => void) => void;
  readonly signal: AbortSignal;
}

export function sqliteSlots(parts: SqliteSlotsParts): MachineSlots {
  return new SqliteSlots(parts);
}

class SqliteSlots implements MachineSlots {
  readonly #parts: SqliteSlotsParts;
  readonly #waiters: Waiter[] = [];
  #db: DatabaseSync | undefined;
  #isOff = false;
  #retry: TimerHandle | undefined;

  constructor(parts: SqliteSlotsParts) {
    this.#parts = parts;
  }

  async enter(signal: AbortSignal, waiting: () => void): Promise<() => void> {
    const leave = this.#waiters.length === 0 ? this.#take() : undefined;
    if (leave !== undefined) return leave;
    waiting();
    return new Promise((take) => {
      this.#waiters.push({ take, signal });
      this.#comeAgain();
    });
  }

  /** The first in line tries first; those that were aborted go on without a place. */
  #serve(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      const leave = first.signal.aborted ? () => {} : this.#take();
      if (leave === undefined) break;
      this.#waiters.shift();
      first.take(leave);
    }
    this.#comeAgain();
  }

  #comeAgain(): void {
    if (this.#waiters.length === 0 || this.#retry !== undefined) return;
    this.#retry = this.#parts.timers.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#serve();
    });
  }

  /** A place, or undefined when there is none now. */
  #take(): (() => void) | undefined {
    if (this.#isOff) return () => {};
    try {
      this.#db ??= open(this.#parts.file);
      const id = insert(this.#db, this.#parts);
      return id === undefined ? undefined : () => this.#leave(id);
    } catch (error) {
      if (isLocked(error)) return undefined;
      this.#turnOff(error);
      return () => {};
    }
  }

  #leave(id: number): void {
    try {
      this.#db?.prepare('DELETE FROM places WHERE id = ?').run(id);
    } catch (error) {
      if (isLocked(error)) {
        // Somebody writes just now: the row is given back a little later.
        this.#parts.timers.after(RETRY_MS, () => this.#leave(id));
        return;
      }
      this.#turnOff(error);
    }
    this.#serve();
  }

  /** What is held there is swept once this process has ended. */
  #turnOff(error: unknown): void {
    if (this.#isOff) return;
    this.#isOff = true;
    const { lane, file, complain } = this.#parts;
    complain(`no machine-wide limit of ${lane}s: ${file}: ${messageOf(error)}`);
  }
}

function open(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    db.exec(TABLE);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

const TABLE = `CREATE TABLE IF NOT EXISTS places (
  id INTEGER PRIMARY KEY, lane TEXT NOT NULL, pid INTEGER NOT NULL, boot TEXT NOT NULL, start TEXT NOT NULL
) STRICT`;

/** The number of the row; undefined when all places are held by the living. */
function insert(
  db: DatabaseSync,
  { lane, limit, holder, isAlive }: SqliteSlotsParts,
): number | undefined {
  db.exec('BEGIN IMMEDIATE');
  try {
    if (held(db, lane) >= limit) sweep(db, isAlive);
    const isFree = held(db, lane) < limit;
    const row = db.prepare('INSERT INTO places (lane, pid, boot, start) VALUES (?, ?, ?, ?)');
    const { pid, bootId, start } = holder;
    const id = isFree ? Number(row.run(lane, pid, bootId, start).lastInsertRowid) : undefined;
    db.exec('COMMIT');
    return id;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

function held(db: DatabaseSync, lane: string): number {
  const query = db.prepare('SELECT count(*) AS held FROM places WHERE lane = ?');
  return Number(query.get(lane)?.['held']);
}

function sweep(db: DatabaseSync, isAlive: (holder: SlotHolder) => boolean): void {
  const rows = db.prepare('SELECT id, pid, boot, start FROM places').all();
  for (const { id, pid, boot, start } of rows) {
    const holder = { pid: Number(pid), bootId: String(boot), start: String(start) };
    if (!isAlive(holder)) db.prepare('DELETE FROM places WHERE id = ?').run(Number(id));
  }
}

const isLocked = (error: unknown): boolean => {
  const code = (error as { readonly errcode?: number }).errcode ?? 0;
  return (code & 0xff) === SQLITE_BUSY || (code & 0xff) === SQLITE_LOCKED;
};

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
