/** The leaves that this driver has launched: how each begins, is asked to end, and is given up. */
import { WhaleFlowError } from '../base/errors.ts';
import { canContinue, type PastEntry, pastWork } from '../leaf/past-work.ts';
import { type LeafWorld, runLeaf } from '../leaf/run-leaf.ts';
import { StrayError, strayFailure } from '../leaf/stray-error.ts';
import type { ProcessMark } from '../sandbox/process-mark.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Clock, Timers } from '../system/clock.ts';
import type { Conceal } from '../trace/conceal.ts';
import type { ContentRef } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';
import type { OpenRecord } from '../trace/open-record.ts';
import { viewRun } from '../trace/read-run.ts';
import { liveAt, triesOf } from '../trace/run-state.ts';
import type { Consent } from '../trace/run-terms.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { type Deadlines, deadlines } from './deadlines.ts';
import type { Decider } from './decide.ts';
import { HostOfLeaf, type HostParts } from './host-of-leaf.ts';
import type { EndedProcesses, LeafProcesses } from './leaf-processes.ts';
import { type LeafRequested, leafJob } from './leaf-work.ts';
import { LiveBoard } from './live-board.ts';
import { LiveLeaf, type LiveLeafParts } from './live-leaf.ts';
import type { Mailbox } from './mailbox.ts';
import { MarkedSandbox } from './marked-sandbox.ts';
import type { Questions } from './questions.ts';
import type { Reuse } from './reuse.ts';
import type { RunTimers } from './run-timers.ts';
import type { StrayErrors } from './stray-errors.ts';

export interface LeavesAtWorkParts {
  readonly run: string;
  readonly store: TraceStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly world: Omit<LeafWorld, 'host'>;
  /** Instead of what the run recorded. */
  readonly consent: Consent | undefined;
  readonly reuse: Reuse | undefined;
  readonly conceal: Conceal | undefined;
  readonly strays: StrayErrors;
  readonly decider: Decider;
  readonly mailbox: Mailbox;
  readonly questions: Questions;
  readonly processes: LeafProcesses;
  readonly limits: RunTimers;
  /** Of earlier drivers, for leaves that this one has not launched yet. */
  readonly record: OpenRecord;
  /** Something of ours has failed, not the leaf. */
  readonly fail: (error: unknown) => void;
}

const ABORT_GRACE_MS = 10_000;

export class LeavesAtWork {
  readonly #parts: LeavesAtWorkParts;
  readonly #running = new Map<string, AbortController>();
  readonly #deadlines: Deadlines;
  readonly #board: LiveBoard;
  readonly #lives: LiveLeafParts;
  readonly #hosts: HostParts;
  #isClosed = false;

  constructor(parts: LeavesAtWorkParts) {
    this.#parts = parts;
    const { run, store, clock, timers, mailbox, questions, strays, conceal } = parts;
    this.#deadlines = deadlines(parts, (path) => this.abort(path));
    this.#board = new LiveBoard(store, timers);
    this.#lives = { run, board: this.#board, clock, conceal };
    const read = (ref: ContentRef): Uint8Array => this.#read(ref);
    this.#hosts = { mailbox, questions, read, strays, conceal };
  }

  launch(request: LeafRequested): void {
    const { run, decider, reuse, strays, fail } = this.#parts;
    const { path } = request;
    const live = liveAt(decider.state, path);
    const nth = live === undefined ? request.attempt : triesOf(live);
    const reused = reuse?.(request, nth);
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
      this.#board.clear(run, path);
    };
    const running = strays.during(
      (error) => this.#endStrayed(request, stop, error),
      () => this.#runLeaf(request, stop.signal),
    );
    void running.then(done, (error: unknown) => {
      done();
      fail(error);
    });
  }

  /** Ends a leaf: it is asked to hand over what it has; one that does not, or is not here, is given up. */
  abort(path: string): void {
    const stop = this.#running.get(path);
    const attempt = this.#parts.decider.state.inFlight.get(path)?.attempt;
    if (attempt === undefined) return;
    if (stop === undefined) {
      this.lose(path, attempt).catch(() => {});
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

  /** Asks all of them to end, and gives none of them up. */
  abortAll(): void {
    for (const stop of this.#running.values()) stop.abort();
  }

  /** Nobody knows how an attempt has ended: its driver is gone. */
  lose(path: string, attempt: number): Promise<void> {
    const { decider, mailbox } = this.#parts;
    const node = decider.state.nodes.get(path)?.plan.node;
    const type = node?.kind === 'leaf' ? node.task.type : 'model';
    const maybeRepeated = type !== 'model' && type !== 'search' && type !== 'merge';
    return mailbox.post({ type: 'leaf.lost', path, attempt, maybeRepeated });
  }

  /** The driver has ended: what leaves still do is told to nobody. */
  close(): void {
    this.#isClosed = true;
    this.#board.stop();
    this.#deadlines.close();
  }

  /** It is asked to hand over what it has; one that does not is given up. False when it has ended. */
  #endStrayed({ path, attempt }: LeafRequested, stop: AbortController, error: unknown): boolean {
    if (this.#isClosed || this.#running.get(path) !== stop) return false;
    stop.abort(new StrayError(error));
    const why = strayFailure(stop.signal);
    if (why !== undefined) {
      const result = { status: 'failed', failure: why } as const;
      const end = { type: 'leaf.finished', path, attempt, result } as const;
      this.#giveUp(path, attempt, (ended) => ({ ...end, ...ended }));
    }
    return true;
  }

  /** Kills what is left of an attempt that does not say in time how it has ended, and says it for it. */
  #giveUp(path: string, attempt: number, toEnd: (ended: EndedProcesses) => Fact): void {
    const { decider, limits, processes } = this.#parts;
    const isOpen = (): boolean =>
      !this.#isClosed && decider.state.inFlight.get(path)?.attempt === attempt;
    limits.after(ABORT_GRACE_MS, () => {
      if (!isOpen()) return;
      void processes.endOf(path, attempt).then((ended) => {
        if (isOpen()) this.#post(toEnd(ended));
      });
    });
  }

  async #runLeaf(request: LeafRequested, signal: AbortSignal): Promise<void> {
    const { run, world, decider, strays, processes } = this.#parts;
    const recorded = leafJob(run, decider.state, request, this.#hosts.read);
    const { consent = recorded.consent } = this.#parts;
    const past = this.#pastOf(request);
    const job = { ...recorded, consent, ...(past.length === 0 ? {} : { past }) };
    const { path, attempt } = request;
    const live = new LiveLeaf(request, this.#lives);
    const toMark = (): ProcessMark => processes.markOf(path, attempt);
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
    const { store, run, world, decider, record } = this.#parts;
    const live = liveAt(decider.state, path);
    // What this attempt records comes on top: it counts for this one only.
    const recorded = record.take(path);
    // A retry begins anew: for those nothing is read.
    if (live === undefined || live.lost + live.brokenOff === live.restarts) return [];
    const { node } = live.plan;
    if (node.kind !== 'leaf' || !canContinue(node.task)) return [];
    if (world.runners[node.task.type]?.continues === false) return [];
    return pastWork(recorded ?? viewRun(store, run).attemptsOf(path), attempt);
  }

  #read(ref: ContentRef): Uint8Array {
    const { mailbox, store, run } = this.#parts;
    const data = mailbox.pending(ref.digest) ?? store.blob(ref.digest);
    if (data === undefined) {
      throw new WhaleFlowError('WF5003', `content ${ref.digest} of ${run} is missing`);
    }
    return data;
  }

  /** Posts without waiting; the mailbox reports its own failure. */
  #post(fact: Fact): void {
    this.#parts.mailbox.post(fact).catch(() => {});
  }
}
