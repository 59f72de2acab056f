/**
 * The one effect loop: drives a run from where its trace stands until it ends, stops or waits for a
 * person. Starting and resuming are the same: the trace says what is to be done.
 */

import { WhaleFlowError } from '../base/errors.ts';
import type { LeafWorld } from '../leaf/run-leaf.ts';
import type { Leftovers } from '../sandbox/process-mark.ts';
import type { SandboxLevel } from '../sandbox/sandbox.ts';
import type { Clock, Timers } from '../system/clock.ts';
import type { Conceal } from '../trace/conceal.ts';
import type { EventBody, Fact } from '../trace/events.ts';
import { OpenRecord } from '../trace/open-record.ts';
import { foldRun } from '../trace/read-run.ts';
import { type Live, liveAt, type RunState } from '../trace/run-state.ts';
import type { Consent } from '../trace/run-terms.ts';
import { SnapshotWriter } from '../trace/snapshot-writer.ts';
import type { NewEvent, TraceStore } from '../trace/trace-store.ts';
import { factOfCommand } from './command-fact.ts';
import { Decider } from './decide.ts';
import { LeafProcesses } from './leaf-processes.ts';
import type { LeafRequested } from './leaf-work.ts';
import { LeavesAtWork } from './leaves-at-work.ts';
import { Mailbox } from './mailbox.ts';
import { Questions, type StandingAnswers } from './questions.ts';
import type { Reuse } from './reuse.ts';
import { RunTimers, type WaitingNode } from './run-timers.ts';
import type { BegunRun } from './start-run.ts';
import { type StrayErrors, UNHEARD } from './stray-errors.ts';
import { WaitingLine } from './waiting-line.ts';

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
  /** Shown the run as the loop has left it: it need not be folded again. */
  readonly atEnd?: (state: RunState) => void;
  /** Facts to begin with, after `run.driven`: a raised budget, an answer. */
  readonly first?: readonly Fact[];
}

/** Why the loop ended. */
export type DriveEnd = 'finished' | 'stopped' | 'paused' | 'waiting' | 'interrupted';

const HEARTBEAT_MS = 2_000;
const COMMANDS_MS = 50;
/** So many leaves begin in one commit. */
const MAX_BEGINS = 64;
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
  readonly #timers: RunTimers;
  readonly #consumed = new Set<number>();
  readonly #leaves: LeavesAtWork;
  readonly #processes: LeafProcesses;
  readonly #requests = new Map<string, LeafRequested>();
  readonly #beginners: WaitingLine<LeafRequested>;
  readonly #record = new OpenRecord();
  /** Requests that are not durable yet and whose leaves have begun, or wait for it. */
  readonly #early = new Set<EventBody>();
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
    this.#timers = new RunTimers({
      clock,
      timers,
      fire: (path, timer) => this.#postFact({ type: 'timer.fired', path, timer }),
      fail: (error) => this.#fail(error),
    });
    this.#processes = new LeafProcesses(request);
    const { standing, begun, world, driver, reuse, conceal, strays = UNHEARD } = request;
    this.#questions = new Questions({
      post: (fact) => this.#mailbox.post(fact),
      timers,
      ...(standing === undefined ? {} : { standing }),
    });
    this.#beginners = new WaitingLine((leaf) => this.#isDue(leaf));
    const remember = (event: NewEvent): void => this.#remember(event);
    begun?.events.forEach(remember);
    this.#decider = begun?.decider ?? new Decider(foldRun(store, run, remember, this.#record));
    const spec = () => this.#decider.state.started?.spec;
    const inFlight = () => this.#decider.state.inFlight.size;
    this.#snapshots = new SnapshotWriter({ store, run, timers, spec, inFlight });
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
    this.#leaves = new LeavesAtWork({
      run,
      store,
      clock,
      timers,
      world,
      consent: driver.consent,
      reuse,
      conceal,
      strays,
      decider: this.#decider,
      mailbox: this.#mailbox,
      questions: this.#questions,
      processes: this.#processes,
      limits: this.#timers,
      record: this.#record,
      fail: (error) => this.#fail(error),
    });
  }

  async run(signal: AbortSignal): Promise<DriveEnd> {
    const { state } = this.#decider;
    if (state.finished !== undefined) {
      this.#request.atEnd?.(state);
      return 'finished';
    }
    const requested = [...state.inFlight.values()];
    const waiting = [...state.nodes.values()].flatMap((node) =>
      node.alive && node.timer !== undefined ? [node] : [],
    );
    const onAbort = (): void => this.#interrupt();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const { epoch, driver, first } = this.#request;
      const ended = await this.#processes.endOfDeadDrivers();
      const posts = [this.#mailbox.post({ type: 'run.driven', epoch, ...driver, ...ended })];
      for (const fact of first ?? []) posts.push(this.#mailbox.post(fact));
      // In the same commit: a run that stops at once again, or waits, has heard them before it ends.
      this.#readCommands();
      for (const flight of requested) {
        const { path, attempt } = flight;
        if (flight.started || flight.aborted) posts.push(this.#leaves.lose(path, attempt));
      }
      for (const one of this.#requests.values()) {
        if (this.#recordsFirst(one.path)) this.#beginners.add(one);
      }
      await Promise.all(posts);
      for (const { path } of requested) {
        const request = this.#requests.get(path);
        if (request === undefined || this.#recordsFirst(path)) continue;
        if (this.#isDue(request)) this.#leaves.launch(request);
      }
      this.#requests.clear();
      this.#forgetLive();
      this.#timers.armAgain(waiting.flatMap((node) => this.#stillWaiting(node)));
      this.#timers.every(HEARTBEAT_MS, () => this.#heartbeat());
      this.#timers.every(COMMANDS_MS, () => this.#readCommands());
      if (signal.aborted) onAbort();
      this.#isReady = true;
      this.#checkEnd();
      const end = await this.#ended.promise;
      await this.#snapshots.settled();
      this.#request.atEnd?.(state);
      return end;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#close();
    }
  }

  /** What a resumed run may have to launch or arm again. */
  #remember(event: NewEvent): void {
    this.#questions.see(event);
    this.#processes.see(event);
    this.#timers.see(event);
    if (event.type === 'leaf.requested') this.#requests.set(event.path, event);
    else if (event.type === 'leaf.finished') {
      const isSame = this.#requests.get(event.path)?.attempt === event.attempt;
      if (isSame) this.#requests.delete(event.path);
    }
  }

  /** What leaves of a driver that died were doing. */
  #forgetLive(): void {
    const { store, run, begun } = this.#request;
    if (begun !== undefined) return;
    for (const { path } of store.live(run)) store.clearLive(run, path);
  }

  #stillWaiting({ path, timer }: Live): readonly WaitingNode[] {
    if (timer === undefined || liveAt(this.#decider.state, path)?.timer !== timer) return [];
    return [{ path, timer }];
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
    for (const request of begun) this.#leaves.launch(request);
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
        if (!this.#early.delete(event)) this.#leaves.launch(event);
      } else if (event.type === 'leaf.aborted') this.#leaves.abort(event.path);
      else if (event.type === 'timer.requested') {
        this.#timers.arm(event.path, event.timer, event.delayMs);
      } else if (event.type === 'timer.cancelled') this.#timers.disarm(event.path);
    }
    this.#checkEnd();
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
    for (const request of this.#beginners.take(this.#beginners.size)) this.#leaves.launch(request);
    this.#leaves.abortAll();
    this.#timers.after(INTERRUPT_LIMIT_MS, () => this.#end('interrupted'));
  }

  #checkEnd(): void {
    const { state } = this.#decider;
    if (state.finished !== undefined) this.#end('finished');
    // What has been posted may wake the run again: the end is looked for after it.
    else if (state.inFlight.size > 0 || !this.#isReady || !this.#mailbox.isIdle) return;
    else if (state.stopped?.because === 'interrupted') this.#end('interrupted');
    else if (state.stopped !== undefined) this.#end('stopped');
    else if (state.paused) this.#end('paused');
    else if (state.waiting.size > 0 && !this.#timers.isArmed) this.#end('waiting');
  }

  #end(end: DriveEnd): void {
    this.#close();
    this.#ended.resolve(end);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#close();
    this.#leaves.abortAll();
    this.#ended.reject(error);
  }

  #close(): void {
    this.#isOver = true;
    this.#timers.close();
    this.#leaves.close();
  }
}
