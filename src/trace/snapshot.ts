/**
 * Snapshots of the fold of a run: a cache, rebuildable from the events, that spares readers of long runs
 * the way from the first event. Nothing decides on one that does not fit its events.
 */

/** A snapshot is made each time a run has grown by so many events. */
export const SNAPSHOT_EVENTS = 10_000;

/**
 * Of the fold and of what snapshots hold of it. Snapshots of another version are as good as none: a
 * change of `apply`, of `RunView` or of the parts adds one here.
 */
export const FOLD_VERSION = 9;

/** One snapshot, packed; `ended` and `attempts` hold what was added since the one before. */
export interface Snapshot {
  /** The last event in it. */
  readonly seq: number;
  readonly version: number;
  readonly ended: Uint8Array;
  /** Empty where too much was open to hold it whole: no fold begins there. */
  readonly open: Uint8Array;
  readonly attempts: Uint8Array;
}

/** What is read of a snapshot first. */
export type SnapshotHead = Pick<Snapshot, 'seq' | 'ended'> & {
  /** A fold may begin with it. */
  readonly isWhole: boolean;
};
