/**
 * One connection to `whaleflow.db`: cached statements, short reads, and write transactions that wait
 * for other writers without holding up the event loop for longer than SQLite’s own 50 ms.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { WhaleFlowError } from '../../base/errors.ts';
import type { Chance } from '../../system/chance.ts';
import type { Clock, TimerHandle, Timers } from '../../system/clock.ts';
import { integerOf, type Row } from './columns.ts';
import { versionOf } from './migrate.ts';
import { isBusy, newerStore, notWritable, storeBusy, storeError } from './store-errors.ts';

/** How long SQLite itself waits for a lock, with the event loop blocked. */
export const BUSY_TIMEOUT_MS = 50;
const BUSY_LIMIT_MS = 5000;
const MAX_PAUSE_MS = 50;
/** Readers wait only while another process recovers or closes the store: 20 × 50 ms at most. */
const MAX_READ_TRIES = 20;
/** Whoever waits for the end of a run does not wait for housekeeping, and several ends share it. */
const CHECKPOINT_DELAY_MS = 100;
/** Runs that a process follows at once; past it their numbers are looked up again. */
const MAX_NUMBERS = 1000;

/** After these nothing more is written: what the disk then keeps nobody knows. */
const FINAL: ReadonlySet<string> = new Set(['WF7001', 'WF7003', 'WF7004', 'WF7009']);

export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly chance: Chance;
}

type Attempt<Result> =
  | { readonly isDone: true; readonly result: Result }
  | { readonly isDone: false; readonly cause: unknown };

export class Connection {
  readonly folder: string;
  readonly #db: DatabaseSync;
  readonly #world: World;
  readonly #isReadOnly: boolean;
  readonly #version: number;
  readonly #statements = new Map<string, StatementSync>();
  readonly #numbers = new Map<string, number>();
  #checkpoint: TimerHandle | undefined;
  /** What made writing impossible; sticky, since a smaller write may fit where a larger one did not. */
  #broken: WhaleFlowError | undefined;

  constructor(
    db: DatabaseSync,
    place: { readonly folder: string; readonly isReadOnly: boolean; readonly world: World },
  ) {
    this.#db = db;
    this.folder = place.folder;
    this.#isReadOnly = place.isReadOnly;
    this.#world = place.world;
    this.#version = versionOf(db);
  }

  /** The statement for `sql`, compiled once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The rows of a query, which is a short read transaction of its own outside of `transact`. */
  rows(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#read(() => this.prepare(sql).all(...values));
  }

  /** The first row of a query. */
  row(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#read(() => this.prepare(sql).get(...values));
  }

  /**
   * Runs `body` in one write transaction and resolves after its commit. `body` may run again when the
   * store was busy. The first try is made before this returns.
   */
  transact<Result>(body: () => Result): Promise<Result> {
    return this.#transact(body, (once) => this.#tryTransaction(once));
  }

  /**
   * The same for what only living processes ask each other: it survives the death of this one, but not a
   * power cut, unless a `transact` comes after it.
   */
  transactLightly<Result>(body: () => Result): Promise<Result> {
    return this.#transact(body, (once) => {
      this.#db.exec('PRAGMA synchronous = NORMAL');
      try {
        return this.#tryTransaction(once);
      } finally {
        this.#db.exec('PRAGMA synchronous = FULL');
      }
    });
  }

  async #transact<Result>(
    body: () => Result,
    tryOnce: (body: () => Result) => Attempt<Result>,
  ): Promise<Result> {
    const { clock, timers, chance } = this.#world;
    const deadline = clock.monotonic() + BUSY_LIMIT_MS;
    for (;;) {
      this.assertWritable();
      const attempt = tryOnce(body);
      if (attempt.isDone) return attempt.result;
      if (clock.monotonic() >= deadline) throw storeBusy(this.folder, attempt.cause);
      const pauseMs = 1 + ((chance.bytes(1)[0] ?? 0) * MAX_PAUSE_MS) / 256;
      await new Promise<void>((resume) => timers.after(pauseMs, resume));
    }
  }

  #tryTransaction<Result>(body: () => Result): Attempt<Result> {
    try {
      this.prepare('BEGIN IMMEDIATE').run();
      this.#assertVersion();
      const result = body();
      this.prepare('COMMIT').run();
      return { isDone: true, result };
    } catch (error) {
      this.#rollback();
      if (isBusy(error)) return { isDone: false, cause: error };
      throw this.fail(error);
    }
  }

  assertWritable(): void {
    if (this.#isReadOnly) throw notWritable(this.folder, new Error('it was opened for reading'));
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Maps an error of a write. After a full disk or a disk error nothing more is written. */
  fail(error: unknown): WhaleFlowError {
    const failure = storeError(error, this.folder);
    if (FINAL.has(failure.code)) this.#broken ??= failure;
    return failure;
  }

  /**
   * Moves what the write-ahead log holds into the store file, as far as readers let it: in a moment, and
   * at the latest when the store is closed.
   */
  checkpointSoon(): void {
    const { timers } = this.#world;
    this.#checkpoint ??= timers.after(CHECKPOINT_DELAY_MS, () => this.#checkpointNow());
  }

  close(): void {
    if (this.#checkpoint !== undefined) this.#checkpointNow();
    this.#db.close();
  }

  #checkpointNow(): void {
    this.#checkpoint?.cancel();
    this.#checkpoint = undefined;
    try {
      this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Housekeeping: the log is as durable as the file, and the next commit tries again.
    }
  }

  /** The number that events name a run by. Numbers are never given twice, so they can be kept. */
  numberOf(run: string): number | undefined {
    const known = this.#numbers.get(run);
    if (known !== undefined) return known;
    const row = this.row('SELECT no FROM run WHERE id = ?', run);
    if (row === undefined) return undefined;
    const no = integerOf(row, 'no');
    if (this.#numbers.size === MAX_NUMBERS) this.#numbers.clear();
    this.#numbers.set(run, no);
    return no;
  }

  #read<Result>(query: () => Result): Result {
    for (let tries = 1; ; tries += 1) {
      try {
        return query();
      } catch (error) {
        if (!isBusy(error) || tries === MAX_READ_TRIES) throw storeError(error, this.folder);
      }
    }
  }

  /** A newer build may have upgraded the store while we had it open. */
  #assertVersion(): void {
    const version = Number(this.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version !== this.#version) throw newerStore(this.folder, version, this.#version);
  }

  #rollback(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // The first error says more than this one.
    }
  }
}
