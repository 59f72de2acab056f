/**
 * The one effect loop: drives a run from where its trace stands until it ends, stops or waits for a
 * person. Starting and resuming are the same: the trace says what is to be done.
 */

import { WhaleFlowError } from '../base/errors.ts';
import { canContinue, type PastEntry, pastWork } from '../leaf/past-work.ts';
import { type LeafWorld, runLeaf } from '../leaf/run-leaf.ts';
import { StrayError, strayFailure } from '../leaf/stray-error.ts';
import type { Leftovers, ProcessMark } from '../sandbox/process-mark.ts';
import type { Sandbox, SandboxLevel } from '../sandbox/sandbox.ts';
import type { Clock, TimerHandle, Timers } from '../system/clock.ts';
import type { Conceal } from '../trace/conceal.ts';
import type { ContentRef } from '../trace/content.ts';
import type { EventBody, Fact } from '../trace/events.ts';
import { OpenRecord } from '../trace/open-record.ts';
import { foldRun, viewRun } from '../trace/read-run.ts';
import { liveAt, triesOf } from '../trace/run-state.ts';
import type { Consent } from '../trace/run-terms.ts';
import { SnapshotWriter } from '../trace/snapshot-writer.ts';
import type { NewEvent, TraceStore } from '../trace/trace-store.ts';
import { attemptAddress } from '../workflow/node-path.ts';
import { factOfCommand } from './command-fact.ts';
import { type Deadlines, deadlines } from './deadlines.ts';
import { Decider } from './decide.ts';
import { HostOfLeaf, type HostParts } from './host-of-leaf.ts';
import { type LeafRequested, leafJob } from './leaf-work.ts';
import { LiveBoard } from './live-board.ts';
import { LiveLeaf, type LiveLeafParts } from './live-leaf.ts';
import { Mailbox } from './mailbox.ts';
import { MarkedSandbox } from './marked-sandbox.ts';
import { Questions, type StandingAnswers } from './questions.ts';
import type { BegunRun } from './start-run.ts';
import { type StrayErrors, UNHEARD } from './stray-errors.ts';
import { WaitingLine } from './waiting-line.ts';

/**
 * Answers a requested attempt from the record of another run, or says undefined. `nth` counts the
 * attempts of the leaf that were neither lost nor broken off, from 1.
 */
export type Reuse = (request: LeafRequested, nth: number) => ReusedLeaf | undefined;

export type ReusedLeaf = Extract<Fact, { readonly type: 'leaf.finished' }>;

export interface DriveRequest {
  readonly run: string;
  /** Epoch of the lease that the caller holds. */
  readonly epoch: number;
  readonly driver: {
    readonly pid: number;
    readonly host: string;
    readonly versions: Readonly<Record<string, string>>;
    /** Of its processes, and of no other driver’s. */
    readonly mark: string;
    /** Where it differs from what the run recorded. */
    readonly sandbox?: SandboxLevel;
    readonly consent?: Consent;
  };
  readonly store: TraceStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly world: Omit<LeafWorld, 'host'>;
  /**
   * Ends the processes that dead drivers of this run have left, or at once those of an attempt that is over;
   * resolves to how many, never rejects.
   */
  readonly endLeftovers?: (left: Leftovers) => Promise<number>;
  readonly reuse?: Reuse;
  /** Takes secret values out of what leaves hand over, before it is recorded. */
  readonly conceal?: Conceal;
  readonly standing?: StandingAnswers;
  /** Attributes what nobody catches to leaves; where absent it ends the process. */
  readonly strays?: StrayErrors;
  /** The run, where this process has just made it; it is folded from the store where absent. */
  readonly begun?: BegunRun;
  /** Facts to begin with, after `run.driven`: a raised budget, an answer. */
  readonly first?: readonly Fact[];
}

/** Why the loop ended. */
export type DriveEnd = 'finished' | 'stopped' | 'paused' | 'waiting' | 'interrupted';

const HEARTBEAT_MS = 2_000;
const COMMANDS_MS = 50;
/** So many leaves begin in one commit. */
const MAX_BEGINS = 64;
const ABORT_GRACE_MS = 10_000;
/** A sandbox gives its processes 5 s; what then takes longer still is left to the next driver. */
const INTERRUPT_LIMIT_MS = 5_600;

/**
 * Drives a run. An abort of `signal` stops it (`run.stopped{interrupted}`): leaves in flight are
 * aborted, have 5.6 s to hand over what they have, and are run again by the next driver.
 * @throws what the store threw: the run then stands where its trace ends, and another driver may go on.
 */
export async function drive(request: DriveRequest, signal: AbortSignal): Promise<DriveEnd> {
  return new Driver(request).run(signal);
}

class Driver {
  readonly #request: DriveRequest;
  readonly #decider: Decider;
  readonly #mailbox: Mailbox;
  readonly #questions: Questions;
  readonly #snapshots: SnapshotWriter;
  readonly #running = new Map<string, AbortController>();
  readonly #timers = new Map<string, TimerHandle>();
  readonly #periodic: TimerHandle[] = [];
  readonly #deadlines: Deadlines;
  readonly #consumed = new Set<number>();
  readonly #live: LiveBoard;
  readonly #lives: LiveLeafParts;
  readonly #hosts: HostParts;
  readonly #marks = new Set<string>();
  readonly #requests = new Map<string, LeafRequested>();
  readonly #beginners: WaitingLine<LeafRequested>;
  /** Of earlier drivers, for leaves that this one has not launched yet. */
  readonly #record = new OpenRecord();
  /** Requests that are not durable yet and whose leaves have begun, or wait for it. */
  readonly #early = new Set<EventBody>();
  readonly #due = new Map<string, { readonly at: number; readonly delayMs: number }>();
  readonly #ended = Promise.withResolvers<DriveEnd>();
  /** Timers of earlier drivers are armed again: what the run waits for is known. */
  #isReady = false;
  #isOver = false;
  /** The last event that is durable. */
  #seq: number;

  constructor(request: DriveRequest) {
    this.#request = request;
    const { store, run, epoch, clock, timers } = request;
    // The first append may fail before anybody waits for the end.
    this.#ended.promise.catch(() => {});
    this.#deadlines = deadlines(request, (path) => this.#abort(path));
    const { standing, begun } = request;
    this.#questions = new Questions({
      post: (fact) => this.#mailbox.post(fact),
      timers,
      ...(standing === undefined ? {} : { standing }),
    });
    this.#live = new LiveBoard(store, timers);
    const { conceal, strays = UNHEARD } = request;
    this.#lives = { run, board: this.#live, clock, conceal };
    this.#beginners = new WaitingLine((leaf) => this.#isDue(leaf));
    const remember = (event: NewEvent): void => this.#remember(event);
    begun?.events.forEach(remember);
    this.#decider = begun?.decider ?? new Decider(foldRun(store, run, remember, this.#record));
    const spec = () => this.#decider.state.started?.spec;
    this.#snapshots = new SnapshotWriter({ store, run, timers, spec });
    this.#seq = this.#decider.state.seq;
    this.#mailbox = new Mailbox({
      store,
      run,
      epoch,
      after: this.#decider.state.seq,
      decider: this.#decider,
      clock,
      timers,
      begin: (events) => this.#begin(events),
      waits: () => this.#beginners.size > 0,
      perform: (events) => this.#perform(events),
      fail: (error) => this.#fail(error),
    });
    this.#hosts = {
      mailbox: this.#mailbox,
      questions: this.#questions,
      read: (ref) => this.#read(ref),
      strays,
      conceal,
    };
  }

  async run(signal: AbortSignal): Promise<DriveEnd> {
    const { state } = this.#decider;
    if (state.finished !== undefined) return 'finished';
    const requested = [...state.inFlight.values()];
    const waiting = [...state.nodes.values()].flatMap((node) =>
      node.alive && node.timer !== undefined ? [node] : [],
    );
    const onAbort = (): void => this.#interrupt();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const { epoch, driver, first } = this.#request;
      const ended = await this.#endLeftovers();
      const posts = [this.#mailbox.post({ type: 'run.driven', epoch, ...driver, ...ended })];
      for (const fact of first ?? []) posts.push(this.#mailbox.post(fact));
      // In the same commit: a run that stops at once again, or waits, has heard them before it ends.
      this.#readCommands();
      for (const flight of requested) {
        if (flight.started || flight.aborted) posts.push(this.#lose(flight.path, flight.attempt));
      }
      for (const one of this.#requests.values()) {
        if (this.#recordsFirst(one.path)) this.#beginners.add(one);
      }
      await Promise.all(posts);
      for (const { path } of requested) {
        const request = this.#requests.get(path);
        if (request === undefined || this.#recordsFirst(path)) continue;
        if (this.#isDue(request)) this.#launch(request);
      }
      this.#requests.clear();
      this.#forgetLive();
      for (const { path, timer } of waiting) this.#rearm(path, timer ?? '');
      this.#every(HEARTBEAT_MS, () => this.#heartbeat());
      this.#every(COMMANDS_MS, () => this.#readCommands());
      if (signal.aborted) onAbort();
      this.#isReady = true;
      this.#checkEnd();
      const end = await this.#ended.promise;
      await this.#snapshots.settled();
      return end;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#dispose();
    }
  }

  /** Before their work begins again: two of one command must not run side by side. */
  async #endLeftovers(): Promise<{ readonly ended?: number }> {
    const { run, store, endLeftovers } = this.#request;
    if (endLeftovers === undefined || this.#marks.size === 0) return {};
    const processes = store.live(run).flatMap((row) => row.processes ?? []);
    const ended = await endLeftovers({ drivers: this.#marks, processes });
    return ended === 0 ? {} : { ended };
  }

  #lose(path: string, attempt: number): Promise<void> {
    const node = this.#decider.state.nodes.get(path)?.plan.node;
    const type = node?.kind === 'leaf' ? node.task.type : 'model';
    const maybeRepeated = type !== 'model' && type !== 'search' && type !== 'merge';
    return this.#mailbox.post({ type: 'leaf.lost', path, attempt, maybeRepeated });
  }

  /** What a resumed run may have to launch or arm again. */
  #remember(event: NewEvent): void {
    this.#questions.see(event);
    if (event.type === 'run.driven' && event.mark !== undefined) this.#marks.add(event.mark);
    if (event.type === 'leaf.requested') this.#requests.set(event.path, event);
    else if (event.type === 'leaf.finished') {
      const isSame = this.#requests.get(event.path)?.attempt === event.attempt;
      if (isSame) this.#requests.delete(event.path);
    } else if (event.type === 'timer.requested') {
      const { at, delayMs } = event;
      this.#due.set(`${event.path} ${event.timer}`, { at: at + delayMs, delayMs });
    }
  }

  /** What leaves of a driver that died were doing. */
  #forgetLive(): void {
    const { store, run, begun } = this.#request;
    if (begun !== undefined) return;
    for (const { path } of store.live(run)) store.clearLive(run, path);
  }

  #rearm(path: string, timer: string): void {
    if (liveAt(this.#decider.state, path)?.timer !== timer) return;
    const now = this.#request.clock.now();
    const due = this.#due.get(`${path} ${timer}`) ?? { at: now, delayMs: 0 };
    // A clock that went back makes no wait longer than it was to be.
    this.#arm(path, timer, Math.min(due.delayMs, Math.max(0, due.at - now)));
  }

  /**
   * Launches leaves whose runners do nothing in the world before a record of theirs is durable: their first
   * record then shares a commit with what was decided last. Of many a few each time, so that the first of
   * them are sent while the rest begin.
   */
  #begin(events: readonly EventBody[]): readonly string[] {
    for (const event of events) {
      if (event.type === 'leaf.restarted') this.#record.startAnew(event.path);
      if (event.type !== 'leaf.requested' || !this.#recordsFirst(event.path)) continue;
      this.#beginners.add(event);
      this.#early.add(event);
    }
    const begun = this.#isOver ? [] : this.#beginners.take(MAX_BEGINS);
    for (const request of begun) this.#launch(request);
    return begun.map(({ path }) => path);
  }

  /** Nobody has launched or ended it. */
  #isDue({ path, attempt }: LeafRequested): boolean {
    const flight = this.#decider.state.inFlight.get(path);
    return flight?.attempt === attempt && !flight.started && !flight.aborted;
  }

  #recordsFirst(path: string): boolean {
    const node = this.#decider.state.nodes.get(path)?.plan.node;
    if (node?.kind !== 'leaf') return false;
    return this.#request.world.runners[node.task.type]?.recordsFirst === true;
  }

  #perform(events: readonly EventBody[]): void {
    this.#seq += events.length;
    this.#snapshots.advance(this.#seq);
    for (const event of events) {
      this.#questions.see(event);
      this.#questions.answerStanding(event);
      if (event.type === 'leaf.requested') {
        if (!this.#early.delete(event)) this.#launch(event);
      } else if (event.type === 'leaf.aborted') this.#abort(event.path);
      else if (event.type === 'timer.requested') this.#arm(event.path, event.timer, event.delayMs);
      else if (event.type === 'timer.cancelled') this.#disarm(event.path);
    }
    this.#checkEnd();
  }

  #launch(request: LeafRequested): void {
    const { path } = request;
    const live = liveAt(this.#decider.state, path);
    const nth = live === undefined ? request.attempt : triesOf(live);
    const reused = this.#request.reuse?.(request, nth);
    if (reused !== undefined) {
      this.#post(reused);
      return;
    }
    const stop = new AbortController();
    this.#running.set(path, stop);
    const { ms } = request.slice ?? {};
    if (ms !== undefined) this.#deadlines.set(path, ms);
    const done = (): void => {
      if (this.#running.get(path) === stop) {
        this.#running.delete(path);
        this.#deadlines.clear(path);
      }
      this.#live.clear(this.#request.run, path);
    };
    const { strays = UNHEARD } = this.#request;
    const running = strays.during(
      (error) => this.#endStrayed(request, stop, error),
      () => this.#runLeaf(request, stop.signal),
    );
    void running.then(done, (error: unknown) => {
      done();
      this.#fail(error);
    });
  }

  /** It is asked to hand over what it has; one that does not is given up. False when it has ended. */
  #endStrayed({ path, attempt }: LeafRequested, stop: AbortController, error: unknown): boolean {
    if (this.#isOver || this.#running.get(path) !== stop) return false;
    stop.abort(new StrayError(error));
    const why = strayFailure(stop.signal);
    if (why !== undefined) {
      const result = { status: 'failed', failure: why } as const;
      const end = { type: 'leaf.finished', path, attempt, result } as const;
      this.#giveUp(path, attempt, (ended) => ({ ...end, ...ended }));
    }
    return true;
  }

  async #runLeaf(request: LeafRequested, signal: AbortSignal): Promise<void> {
    const { run, world, driver, strays = UNHEARD } = this.#request;
    const recorded = leafJob(run, this.#decider.state, request, this.#hosts.read);
    const { consent = recorded.consent } = driver;
    const past = this.#pastOf(request);
    const job = { ...recorded, consent, ...(past.length === 0 ? {} : { past }) };
    const { path, attempt } = request;
    const live = new LiveLeaf(request, this.#lives);
    const toMark = (): ProcessMark => this.#markOf(path, attempt);
    const marked = (sandbox: Sandbox): Sandbox =>
      new MarkedSandbox(sandbox, toMark, (running) => strays.outside(() => live.runs(running)));
    const sandbox = marked(world.sandbox);
    const hooks =
      world.hooks === undefined
        ? {}
        : { hooks: { ...world.hooks, sandbox: marked(world.hooks.sandbox) } };
    const host = new HostOfLeaf(this.#hosts, live, signal);
    await runLeaf(job, { ...world, sandbox, ...hooks, host }, signal);
  }

  /** What the attempts before one recorded that it goes on with. */
  #pastOf({ path, attempt }: LeafRequested): readonly PastEntry[] {
    const live = liveAt(this.#decider.state, path);
    // What this attempt records comes on top: it counts for this one only.
    const recorded = this.#record.take(path);
    // A retry begins anew: for those nothing is read.
    if (live === undefined || live.lost + live.brokenOff === live.restarts) return [];
    const { store, run, world } = this.#request;
    const { node } = live.plan;
    if (node.kind !== 'leaf' || !canContinue(node.task)) return [];
    if (world.runners[node.task.type]?.continues === false) return [];
    return pastWork(recorded ?? viewRun(store, run).attemptsOf(path), attempt);
  }

  #read(ref: ContentRef): Uint8Array {
    const data = this.#mailbox.pending(ref.digest) ?? this.#request.store.blob(ref.digest);
    if (data === undefined) {
      throw new WhaleFlowError(
        'WF5003',
        `content ${ref.digest} of ${this.#request.run} is missing`,
      );
    }
    return data;
  }

  /** Ends a leaf: it is asked to hand over what it has; one that does not, or is not here, is given up. */
  #abort(path: string): void {
    const stop = this.#running.get(path);
    const attempt = this.#decider.state.inFlight.get(path)?.attempt;
    if (attempt === undefined) return;
    if (stop === undefined) {
      this.#lose(path, attempt).catch(() => {});
      return;
    }
    stop.abort();
    const end = {
      type: 'leaf.lost',
      path,
      attempt,
      because: 'grace',
      maybeRepeated: true,
    } as const;
    this.#giveUp(path, attempt, (ended) => ({ ...end, ...ended }));
  }

  /** Kills what is left of an attempt that does not say in time how it has ended, and says it for it. */
  #giveUp(path: string, attempt: number, toEnd: (ended: { ended?: number }) => Fact): void {
    const isOpen = (): boolean =>
      !this.#isOver && this.#decider.state.inFlight.get(path)?.attempt === attempt;
    const handle = this.#request.timers.after(ABORT_GRACE_MS, () => {
      if (!isOpen()) return;
      void this.#endProcesses(path, attempt).then((ended) => {
        if (isOpen()) this.#postFact(toEnd(ended === 0 ? {} : { ended }));
      });
    });
    this.#periodic.push(handle);
  }

  /** Its sandbox ought to have done so: this is for one that could not. */
  async #endProcesses(path: string, attempt: number): Promise<number> {
    const { run, store, driver, endLeftovers } = this.#request;
    if (endLeftovers === undefined) return 0;
    const row = store.live(run).find((one) => one.path === path && one.attempt === attempt);
    const leaf = this.#markOf(path, attempt).leaf;
    return endLeftovers({ drivers: new Set([driver.mark]), leaf, processes: row?.processes ?? [] });
  }

  #markOf(path: string, attempt: number): ProcessMark {
    const { run, driver } = this.#request;
    return { leaf: `${run}/${attemptAddress(path, attempt)}`, driver: driver.mark };
  }

  #arm(path: string, timer: string, delayMs: number): void {
    this.#disarm(path);
    const handle = this.#request.timers.after(delayMs, () => {
      this.#timers.delete(path);
      this.#postFact({ type: 'timer.fired', path, timer });
    });
    this.#timers.set(path, handle);
  }

  #disarm(path: string): void {
    this.#timers.get(path)?.cancel();
    this.#timers.delete(path);
  }

  #every(periodMs: number, action: () => void): void {
    const { timers } = this.#request;
    const place = this.#periodic.length;
    const again = (): void => {
      if (this.#isOver) return;
      try {
        action();
      } catch (error) {
        this.#fail(error);
        return;
      }
      this.#periodic[place] = timers.after(periodMs, again);
    };
    this.#periodic[place] = timers.after(periodMs, again);
  }

  #heartbeat(): void {
    const { store, run, epoch, clock } = this.#request;
    store.heartbeat(run, epoch, clock.now()).then(
      (isOurs) => {
        const message = `another driver has taken over ${run}`;
        if (!isOurs) this.#fail(new WhaleFlowError('WF7006', message));
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Words from other processes become facts; the fact consumes the word. */
  #readCommands(): void {
    const { store, run } = this.#request;
    for (const { id, by, command } of store.commands(run)) {
      if (this.#consumed.has(id)) continue;
      this.#consumed.add(id);
      const fact = factOfCommand(command, by);
      if (fact !== undefined) this.#post(fact, id);
    }
  }

  #postFact(fact: Fact): void {
    this.#post(fact);
  }

  /** Posts without waiting; the mailbox reports its own failure. */
  #post(fact: Fact, command?: number): void {
    this.#mailbox.post(fact, command).catch(() => {});
  }

  #interrupt(): void {
    if (this.#isOver) return;
    this.#postFact({ type: 'run.stopped', because: 'interrupted' });
    // Those that wait to begin end as the others do.
    for (const request of this.#beginners.take(this.#beginners.size)) this.#launch(request);
    for (const stop of this.#running.values()) stop.abort();
    const end = (): void => this.#end('interrupted');
    this.#periodic.push(this.#request.timers.after(INTERRUPT_LIMIT_MS, end));
  }

  #checkEnd(): void {
    const { state } = this.#decider;
    if (state.finished !== undefined) this.#end('finished');
    // What has been posted may wake the run again: the end is looked for after it.
    else if (state.inFlight.size > 0 || !this.#isReady || !this.#mailbox.isIdle) return;
    else if (state.stopped?.because === 'interrupted') this.#end('interrupted');
    else if (state.stopped !== undefined) this.#end('stopped');
    else if (state.paused) this.#end('paused');
    else if (state.waiting.size > 0 && this.#timers.size === 0) this.#end('waiting');
  }

  #end(end: DriveEnd): void {
    this.#isOver = true;
    this.#ended.resolve(end);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const stop of this.#running.values()) stop.abort();
    this.#ended.reject(error);
  }

  #dispose(): void {
    this.#isOver = true;
    this.#live.stop();
    this.#deadlines.close();
    for (const handle of this.#timers.values()) handle.cancel();
    for (const handle of this.#periodic) handle.cancel();
  }
}
