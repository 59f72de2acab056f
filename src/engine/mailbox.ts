/**
 * The one writer of a run. Facts arrive from leaves, timers and other processes; what arrives in one
 * turn of the event loop is folded, decided on and appended in one transaction; then those who posted
 * are told, and what was decided is performed. State in memory may be ahead of the disk, effects never.
 */
import type { Clock, Timers } from '../system/clock.ts';
import { type Blob, type ContentRef, DigestedBlob } from '../trace/content.ts';
import type { EventBody, Fact } from '../trace/events.ts';
import type { NewEvent, TraceStore } from '../trace/trace-store.ts';
import type { Decider } from './decide.ts';
import { runRowOf } from './run-row-of.ts';

interface Letter {
  readonly fact: Fact;
  readonly command: number | undefined;
}

/** What arrived in one turn of the event loop, and what all who posted it wait for. */
interface Post {
  readonly letters: Letter[];
  readonly durable: PromiseWithResolvers<void>;
}

/** What an unsteady clock may add to the time of a run at most, before it is set right. */
const MIN_JUMP_MS = 50;

export interface MailboxParts {
  readonly store: TraceStore;
  readonly run: string;
  readonly epoch: number;
  /** The last seq that is in the store. */
  readonly after: number;
  readonly decider: Decider;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Performs decisions, after they are durable. */
  readonly perform: (events: readonly EventBody[]) => void;
  /** The mailbox cannot go on: its driver must end. Called once. */
  readonly fail: (error: unknown) => void;
}

export class Mailbox {
  readonly #parts: MailboxParts;
  #post: Post | undefined;
  #blobs = new Map<string, Blob>();
  #after: number;
  #skewMs: number | undefined;
  #isRunning = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: MailboxParts) {
    this.#parts = parts;
    this.#after = parts.after;
  }

  /** Resolves when the fact and what follows from it are durable. */
  post(fact: Fact, command?: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    this.#post ??= { letters: [], durable: Promise.withResolvers() };
    const { letters, durable } = this.#post;
    letters.push({ fact, command });
    this.#wake();
    return durable.promise;
  }

  /** Takes a content along with the next append. */
  keep(data: Uint8Array | string, type: ContentRef['type']): ContentRef {
    const blob = new DigestedBlob(data, type);
    this.#blobs.set(blob.ref.digest, blob);
    return blob.ref;
  }

  /** A content that has not been appended yet. */
  pending(digest: string): Uint8Array | undefined {
    return this.#blobs.get(digest)?.data;
  }

  /** Says whether all that was posted has been committed or is just being performed. */
  get isIdle(): boolean {
    return this.#post === undefined;
  }

  #wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#parts.timers.nextTurn(() => void this.#run());
  }

  async #run(): Promise<void> {
    const post = this.#post;
    this.#post = undefined;
    try {
      const events = await this.#commit(post?.letters ?? []);
      post?.durable.resolve();
      this.#parts.perform(events);
    } catch (error) {
      this.#break(error, post);
    }
    this.#isRunning = false;
    if (this.#post !== undefined) this.#wake();
  }

  async #commit(letters: readonly Letter[]): Promise<readonly EventBody[]> {
    const { store, run, epoch, decider, clock } = this.#parts;
    const at = clock.now();
    const events: EventBody[] = [];
    const byMs = this.#jump(at);
    if (byMs !== 0) events.push(...decider.advance({ type: 'clock.jumped', byMs }, at));
    for (const { fact } of letters) events.push(...decider.advance(fact, at));
    const blobs = [...this.#blobs.values()];
    this.#blobs = new Map();
    const consumes = letters.flatMap(({ command }) => (command === undefined ? [] : [command]));
    const row = runRowOf(run, decider.state, this.#after + events.length);
    const stamped = events.map((event): NewEvent => ({ ...event, at }));
    const request = { run, epoch, after: this.#after, events: stamped, blobs, consumes, row };
    this.#after = await store.append(request);
    decider.state.seq = this.#after;
    return events;
  }

  /** By how much wall time has moved against time since this driver began, or since it was last recorded. */
  #jump(at: number): number {
    const skewMs = at - this.#parts.clock.monotonic();
    // What lies before the first word of a driver is no time of the run.
    this.#skewMs ??= skewMs;
    const byMs = Math.round(skewMs - this.#skewMs);
    if (Math.abs(byMs) < MIN_JUMP_MS) return 0;
    this.#skewMs += byMs;
    return byMs;
  }

  #break(error: unknown, post: Post | undefined): void {
    this.#failure = { error };
    post?.durable.reject(error);
    this.#post?.durable.reject(error);
    this.#post = undefined;
    this.#parts.fail(error);
  }
}
