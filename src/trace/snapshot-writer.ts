/**
 * Makes the snapshots of a run while it is driven, beside its appends: it reads the events again in short
 * slices, packs off the main thread, and writes in transactions of its own. A run that stays short costs
 * nothing. What goes wrong here ends the making, never the run: snapshots are a cache. Each holds whole
 * what is open: where that is more than it would spare, it holds only what has ended, and folds begin at
 * the last whole one before.
 */
import type { Timers } from '../system/clock.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import type { KeptAttempts } from './attempt-book.ts';
import type { TraceEvent } from './events.ts';
import { handedOver, loadSnapshots } from './fold/load-snapshots.ts';
import { packPart } from './fold/pack.ts';
import { type Cut, type Link, SnapshotFold } from './fold/snapshot-fold.ts';
import { FOLD_VERSION, SNAPSHOT_EVENTS } from './snapshot.ts';
import type { TraceStore } from './trace-store.ts';

/** Events in one turn of the event loop: 1 ms. */
const SLICE = 250;
/** Open nodes that a snapshot may hold: they are made into text in one turn, 30 ms. More in flight are a crowd. */
const MAX_OPEN = 5_000;

export interface SnapshotWriterParts {
  readonly store: TraceStore;
  readonly run: string;
  readonly timers: Timers;
  /** The spec as the driver has it: one in memory is enough. */
  readonly spec: () => WorkflowSpec | undefined;
  /** How many leaves are in flight: while they are a crowd a second fold would cost its memory again. */
  readonly inFlight: () => number;
}

export class SnapshotWriter {
  readonly #store: TraceStore;
  readonly #run: string;
  readonly #timers: Timers;
  readonly #spec: SnapshotWriterParts['spec'];
  readonly #inFlight: SnapshotWriterParts['inFlight'];
  #fold: SnapshotFold | undefined;
  /** The seq that the next snapshot is made at; none before the first look. */
  #next = SNAPSHOT_EVENTS;
  /** The last seq that is known to be durable. */
  #seq = 0;
  #work: Promise<void> | undefined;
  #isOff = false;

  constructor({ store, run, timers, spec, inFlight }: SnapshotWriterParts) {
    this.#store = store;
    this.#run = run;
    this.#timers = timers;
    this.#spec = spec;
    this.#inFlight = inFlight;
  }

  /** The run’s events are durable up to `seq`. */
  advance(seq: number): void {
    this.#seq = seq;
    if (seq < this.#next || this.#work !== undefined || this.#isOff || this.#isCrowded) return;
    this.#work = this.#catchUp()
      .catch(() => {
        this.#isOff = true;
      })
      .finally(() => {
        this.#work = undefined;
      });
  }

  /** Resolves when all snapshots that are due have been made, or cannot be. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #catchUp(): Promise<void> {
    if (this.#fold === undefined) {
      const start = loadSnapshots(this.#store, this.#run);
      const kept: KeptAttempts = {
        // Seldom asked: for reports that come when their leaf has long ended.
        of: (path) => handedOver(this.#store, this.#run, this.#fold?.seq ?? 0).of(path),
        all: () => [],
      };
      const from = start === undefined ? undefined : { ...start, first: this.#shared(start.first) };
      this.#fold = new SnapshotFold(kept, from);
      this.#next = this.#fold.seq + SNAPSHOT_EVENTS;
    }
    while (this.#next <= this.#seq) {
      await this.#foldOn(this.#fold);
      if (this.#isCrowded) {
        this.#fold = undefined;
        return;
      }
      const isWhole = this.#fold.open <= MAX_OPEN;
      const cut: Link & Partial<Cut> = isWhole ? this.#fold.cut() : this.#fold.link();
      const { ended, open, attempts } = cut;
      // All three are made into text at once, before the fold goes on.
      const packed = [
        packPart(ended),
        open === undefined ? new Uint8Array() : packPart(open),
        packPart(attempts),
      ] as const;
      const [endedBytes, openBytes, attemptsBytes] = await Promise.all(packed);
      await this.#store.putSnapshot(this.#run, {
        seq: this.#next,
        version: FOLD_VERSION,
        ended: endedBytes,
        open: openBytes,
        attempts: attemptsBytes,
      });
      this.#next += SNAPSHOT_EVENTS;
    }
  }

  /** Snapshots wait until it is over; then what has come meanwhile is folded. */
  get #isCrowded(): boolean {
    return this.#inFlight() > MAX_OPEN;
  }

  #shared(event: TraceEvent): TraceEvent {
    const spec = event.type === 'run.started' ? this.#spec() : undefined;
    return event.type === 'run.started' && spec !== undefined ? { ...event, spec } : event;
  }

  async #foldOn(fold: SnapshotFold): Promise<void> {
    while (fold.seq < this.#next && !this.#isCrowded) {
      const limit = Math.min(SLICE, this.#next - fold.seq);
      for (const event of this.#store.read(this.#run, fold.seq, limit)) {
        fold.see(this.#shared(event));
      }
      await new Promise<void>((resolve) => this.#timers.nextTurn(resolve));
    }
  }
}
