/**
 * The one writer of a run. Facts arrive from leaves, timers and other processes; what arrives in one
 * turn of the event loop is folded, decided on and appended in one transaction; then those who posted
 * are told, and what was decided is performed. State in memory may be ahead of the disk, effects never:
 * what begins before that is only what has no effect until a record of its own is durable, and that
 * record goes into the same transaction.
 */
import type { Clock, Timers } from '../system/clock.ts';
import { type Blob, type ContentRef, DigestedBlob } from '../trace/content.ts';
import type { EventBody, Fact } from '../trace/events.ts';
import type { NewEvent, TraceStore } from '../trace/trace-store.ts';
import type { Decider } from './decide.ts';
import { runRowOf } from './run-row-of.ts';
import { WaitingLine } from './waiting-line.ts';

interface Letter {
  readonly fact: Fact;
  readonly command: number | undefined;
}

/** What one leaf, or everybody else, posted since the last commit, and waits for. */
interface Post {
  /** Posts are folded in this order. */
  readonly place: number;
  readonly path: string;
  readonly letters: Letter[];
  readonly durable: PromiseWithResolvers<void>;
}

/** What is committed together. */
interface Group {
  readonly at: number;
  readonly events: EventBody[];
  readonly consumes: number[];
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
  /**
   * Begins what was decided and may begin before it is durable. The paths of what has: what they post in
   * the next turn is committed along.
   */
  readonly begin: (events: readonly EventBody[]) => readonly string[];
  /** More is to begin: the next group follows, whether or not something is posted for it. */
  readonly waits: () => boolean;
  /** Performs decisions, after they are durable. */
  readonly perform: (events: readonly EventBody[]) => void;
  /** The mailbox cannot go on: its driver must end. Called once. */
  readonly fail: (error: unknown) => void;
}

/** So many leaves end in one commit while others wait for their slots. */
const MAX_ENDS = 16;
/** A rest of fewer is taken along: it is not worth a commit of its own. */
const MIN_ENDS = 8;
/** And so many where none waits: a crowd of any size holds nobody up for longer than some 30 ms. */
const MAX_CROWD = 500;
/** What is posted when a commit holds so many events waits for the next: one fact may bring a thousand more. */
const MAX_EVENTS = 1_000;

export class Mailbox {
  readonly #parts: MailboxParts;
  /** By path, those of no leaf under `''`; without those that hold the end of a leaf. */
  #posts = new Map<string, Post>();
  readonly #ends = new Map<string, Post>();
  /** Those ends in the order in which they came; some may have been taken. */
  readonly #line = new WaitingLine<Post>((post) => this.#ends.get(post.path) === post);
  #places = 0;
  /** Ends of leaves are taken a few at a time. */
  #isStaggering = true;
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
    const path = 'path' in fact ? fact.path : '';
    const post = this.#posts.get(path) ?? this.#ends.get(path) ?? this.#newPost(path);
    post.letters.push({ fact, command });
    if (fact.type === 'leaf.finished' && this.#posts.delete(path)) {
      this.#ends.set(path, post);
      this.#line.add(post);
    }
    this.#wake();
    return post.durable.promise;
  }

  #newPost(path: string): Post {
    const place = this.#places++;
    const post = { place, path, letters: [], durable: Promise.withResolvers<void>() };
    this.#posts.set(path, post);
    return post;
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
    return this.#posts.size === 0 && this.#ends.size === 0;
  }

  #wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#parts.timers.nextTurn(() => void this.#run());
  }

  async #run(): Promise<void> {
    const posts: Post[] = [];
    try {
      const group = this.#fold(posts);
      const begun = this.#parts.begin(group.events);
      if (begun.length > 0) {
        await new Promise<void>((resume) => this.#parts.timers.nextTurn(resume));
        this.#foldOn(group, posts, begun);
      }
      if (group.events.length > 0) await this.#append(group);
      for (const { durable } of posts) durable.resolve();
      this.#parts.perform(group.events);
      const isLaunching = group.events.some(({ type }) => type === 'leaf.requested');
      this.#isStaggering = isLaunching || this.isIdle;
    } catch (error) {
      this.#break(error, posts);
    }
    this.#isRunning = false;
    if (!this.isIdle || (this.#failure === undefined && this.#parts.waits())) this.#wake();
  }

  /**
   * What to commit now: all there is, but of many ends only the first few as long as other leaves take
   * their slots. Those begin while the rest is committed; taken together, a crowd of equal leaves would
   * stay in step and wait for each other’s records, turn after turn.
   */
  #take(): Post[] {
    const taken = [...this.#posts.values()];
    this.#posts = new Map();
    if (this.#ends.size === 0) return taken;
    const few = this.#ends.size < MAX_ENDS + MIN_ENDS ? this.#ends.size : MAX_ENDS;
    const ends = this.#line.take(this.#isStaggering ? few : MAX_CROWD);
    for (const { path } of ends) this.#ends.delete(path);
    return [...taken, ...ends].sort((one, other) => one.place - other.place);
  }

  /** Folds what was posted, with what follows from it; `posts` is filled with what was taken. */
  #fold(posts: Post[]): Group {
    const { decider, clock } = this.#parts;
    const at = clock.now();
    const group: Group = { at, events: [], consumes: [] };
    const byMs = this.#jump(at);
    if (byMs !== 0) group.events.push(...decider.advance({ type: 'clock.jumped', byMs }, at));
    const taken = this.#take();
    try {
      while (posts.length < taken.length && group.events.length < MAX_EVENTS) {
        const post = taken[posts.length] as Post;
        posts.push(post);
        this.#foldPost(group, post);
      }
    } finally {
      this.#putBack(taken.slice(posts.length));
    }
    return group;
  }

  /** What was taken and is left for the next commit. */
  #putBack(posts: readonly Post[]): void {
    const ends: Post[] = [];
    for (const post of posts) {
      const isEnd = post.letters.some(({ fact }) => fact.type === 'leaf.finished');
      if (isEnd) ends.push(post);
      (isEnd ? this.#ends : this.#posts).set(post.path, post);
    }
    this.#line.putBack(ends);
  }

  /** Takes the posts of these paths along. */
  #foldOn(group: Group, posts: Post[], paths: readonly string[]): void {
    for (const path of paths) {
      if (group.events.length >= MAX_EVENTS) return;
      const post = this.#posts.get(path) ?? this.#ends.get(path);
      if (post === undefined) continue;
      this.#posts.delete(path);
      this.#ends.delete(path);
      posts.push(post);
      this.#foldPost(group, post);
    }
  }

  #foldPost({ at, events, consumes }: Group, { letters }: Post): void {
    for (const { fact, command } of letters) {
      events.push(...this.#parts.decider.advance(fact, at));
      if (command !== undefined) consumes.push(command);
    }
  }

  async #append({ at, events, consumes }: Group): Promise<void> {
    const { store, run, epoch, decider } = this.#parts;
    const blobs = [...this.#blobs.values()];
    this.#blobs = new Map();
    const row = runRowOf(run, decider.state, this.#after + events.length);
    const stamped = events.map((event): NewEvent => ({ ...event, at }));
    const request = { run, epoch, after: this.#after, events: stamped, blobs, consumes, row };
    this.#after = await store.append(request);
    decider.state.seq = this.#after;
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

  #break(error: unknown, posts: readonly Post[]): void {
    this.#failure = { error };
    const waiting = [...this.#posts.values(), ...this.#ends.values()];
    this.#posts = new Map();
    this.#ends.clear();
    for (const { durable } of [...posts, ...waiting]) durable.reject(error);
    this.#parts.fail(error);
  }
}
