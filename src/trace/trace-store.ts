/**
 * The store of traces. It keeps events in order and decides nothing: one writer per run, fenced by a
 * lease with an epoch; any number of readers. What an append acknowledged survives process death and
 * power loss (in implementations that are durable).
 */

import type { StartedProcess } from '../sandbox/process-mark.ts';
import type { Blob } from './content.ts';
import type { EventBody, TraceEvent } from './events.ts';
import type { RunRow } from './run-row.ts';
import type { Snapshot, SnapshotHead } from './snapshot.ts';

/** An event before it has a place in the run. */
export type NewEvent = EventBody & { readonly at: number };

export interface AppendRequest {
  readonly run: string;
  /** The writer’s epoch, from `acquire`. */
  readonly epoch: number;
  /** The last seq that the writer knows; 0 for the first append. */
  readonly after: number;
  readonly events: readonly NewEvent[];
  /** Contents that the events refer to; stored before or with the events. */
  readonly blobs?: readonly Blob[];
  /** Ids of `commands` rows that these events consume, in the same transaction. */
  readonly consumes?: readonly number[];
  /** The run’s summary after these events, so that `ls` folds nothing. */
  readonly row: RunRow;
}

export interface Lease {
  readonly run: string;
  readonly epoch: number;
  readonly pid: number;
  /** Tells it from a later process with the same id; absent where nothing tells it. */
  readonly start?: string;
  readonly host: string;
  /** Where a pid means something: on one host the boot, and the namespace of process ids. */
  readonly bootId: string;
  /** Wall time of the last heartbeat, ms. */
  readonly heartbeatAt: number;
}

/** Who wants to drive. */
export type LeaseHolder = Pick<Lease, 'pid' | 'start' | 'host' | 'bootId'>;

/** A word from another process to the driver of a run. */
export type Command =
  | { readonly type: 'cancel'; readonly path?: string; readonly reason?: string }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'retry'; readonly path: string }
  | { readonly type: 'skip'; readonly path: string }
  | { readonly type: 'budget'; readonly budget: Readonly<Record<string, number>> }
  | {
      readonly type: 'answer';
      readonly path: string;
      readonly approved: boolean;
      readonly reason?: string;
    };

export interface CommandRow {
  readonly id: number;
  readonly run: string;
  readonly by: string;
  readonly at: number;
  readonly command: Command;
}

/** What a running leaf is doing now. Never decided on; may be lost. */
export interface LiveRow {
  readonly run: string;
  readonly path: string;
  readonly attempt: number;
  readonly kind: string;
  readonly startedAt: number;
  readonly lastActivityAt: number;
  /** The last 8 KiB of its text at most. */
  readonly text: string;
  /** What it runs just now: ended by the next driver, should this one die. */
  readonly processes?: readonly StartedProcess[];
}

export interface VerifyProblem {
  readonly run: string;
  readonly seq: number;
  readonly message: string;
}

export interface TraceStore extends Disposable {
  /**
   * Makes a run with its first events; the caller holds its lease afterwards, at epoch 1.
   * @throws {WhaleFlowError} WF7008 when the run exists, WF7003, WF7004, WF7005.
   */
  create(
    request: Omit<AppendRequest, 'after' | 'epoch'> & { readonly holder: LeaseHolder },
  ): Promise<void>;
  /**
   * Appends in one durable transaction; resolves to the last seq. One caller a run, one append at a
   * time: appends that overlap may change places while the store is busy, and the later one conflicts.
   * @throws {WhaleFlowError} WF2004, WF7006 when a newer epoch exists or the lease was released, WF7008
   * when `after` is not the last seq or a command has been consumed before, WF7003, WF7004 (sticky until
   * the store is opened again), WF7005.
   */
  append(request: AppendRequest): Promise<number>;
  /**
   * Events after `after` (0 for all), in order, at most `limit` (all where absent: page long runs).
   * Nothing for a run that is not there. Strings come back exactly, lone surrogates and NUL too.
   * @throws {WhaleFlowError} WF5003 naming run and seq of an event that is damaged.
   */
  read(run: string, after: number, limit?: number): readonly TraceEvent[];
  /**
   * A content, or undefined where it is not in the store.
   * @throws {WhaleFlowError} WF5003 when what is stored is not what the digest says.
   */
  blob(digest: string): Uint8Array | undefined;
  /** Puts contents that no event refers to yet. */
  putBlobs(blobs: readonly Blob[]): Promise<void>;

  /** Newest first, by when they were made in this store: clocks may jump. */
  /**
   * Keeps a snapshot of a run’s fold in place of one that stands there; does nothing where the one before
   * it is missing, or the event that it stands for.
   * @throws {WhaleFlowError} WF2004, WF7003, WF7004, WF7005.
   */
  putSnapshot(run: string, snapshot: Snapshot): Promise<void>;
  /**
   * Snapshots of one version that fit the events, `SNAPSHOT_EVENTS` apart from the first on. What is
   * missing, older, or does not fit ends them: they are a cache.
   */
  snapshots(run: string, version: number): readonly SnapshotHead[];
  /** Another part of one of those; undefined where it is gone, or is not what it was. */
  snapshotPart(run: string, seq: number, part: 'open' | 'attempts'): Uint8Array | undefined;

  runs(query?: { readonly limit?: number }): readonly RunRow[];
  run(id: string): RunRow | undefined;

  /**
   * Takes the lease of a run with a new epoch, unless a living holder has it.
   * @throws {WhaleFlowError} WF5005 naming pid and host of the living holder, WF2004.
   */
  acquire(run: string, holder: LeaseHolder, options: AcquireOptions): Promise<Lease>;
  /** Says that the holder lives. Resolves to false when a newer epoch exists. */
  heartbeat(run: string, epoch: number, at: number): Promise<boolean>;
  /** Gives the lease back; does nothing when a newer epoch exists. */
  release(run: string, epoch: number): Promise<void>;
  /** The lease that somebody holds, dead or alive; undefined once it was released. */
  lease(run: string): Lease | undefined;

  /**
   * Leaves a word for the driver. Resolves to the row’s id, which is never used again.
   * @throws {WhaleFlowError} WF2004, WF7003, WF7004, WF7005.
   */
  send(run: string, by: string, at: number, command: Command): Promise<number>;
  /** Words that no append has consumed yet, oldest first. */
  commands(run: string): readonly CommandRow[];

  /**
   * Removes runs with their events, words and live rows, all or none, and the contents that no event of
   * another run refers to. While a living holder drives any other run its contents may be about to be
   * referred to: then all contents stay, and a later removal takes them. `verify` is sound afterwards;
   * ids are never used again. Whether a run may go is the caller’s decision.
   * @throws {WhaleFlowError} WF2004 naming the run; WF5005 when a living holder drives one of them;
   * WF7003, WF7004, WF7005.
   */
  remove(runs: readonly string[], holder: LeaseHolder, options: AcquireOptions): Promise<void>;

  /** At most 4 writes a second and leaf are worth making. */
  putLive(rows: readonly LiveRow[]): void;
  clearLive(run: string, path: string): void;
  live(run: string): readonly LiveRow[];

  /**
   * Checks hash chains, heads, contents and summaries; of one run or all. Collects problems, in no
   * order, at most 1,000. A problem that belongs to no run names `''` and seq 0.
   * @throws {WhaleFlowError} WF2004 when neither the store nor its heads know the run.
   */
  verify(run?: string, options?: VerifyOptions): readonly VerifyProblem[];
}

export interface VerifyOptions {
  /** Folds a run’s events to the row that ought to be stored; without it rows are not compared. */
  readonly rebuildRow?: (run: string, events: Iterable<TraceEvent>) => RunRow;
}

export interface AcquireOptions {
  readonly now: number;
  /** A holder whose heartbeat is older is dead. */
  readonly staleMs: number;
  /** Says whether a process of this boot and host lives; another one with its pid is not it. */
  readonly isAlive: (process: Pick<Lease, 'pid' | 'start'>) => boolean;
}

/** The chain’s head after some events; for exports. */
export interface ChainHead {
  readonly seq: number;
  /** Hex sha256. */
  readonly hash: string;
}
