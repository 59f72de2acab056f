/**
 * The pure heart: what follows from the recorded facts. `advance` folds one fact in and returns it with
 * the decisions it leads to; running, resuming, replaying and forking are this function over the same
 * log. It reads no content, no clock and no chance, and costs what the fact touches, not what the run
 * holds.
 */

import { needsTree } from '../leaf/leaf-job.ts';
import { apply } from '../trace/apply.ts';
import type { Decision, EventBody, Fact, Loser, Slice } from '../trace/events.ts';
import { openNode } from '../trace/open-node.ts';
import type { CancelReason, Outcome } from '../trace/outcome.ts';
import { type Live, liveAt, type RunState, settledAt, treeKeyOf } from '../trace/run-state.ts';
import { parentPath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import { type Gate, gateOf } from './admission.ts';
import { Crowds } from './crowds.ts';
import { FlyingBelow } from './flying-below.ts';
import { harvestsOf, type Owner, owedAfter } from './harvests.ts';
import { instancesBelow } from './instances.ts';
import { inputAddresses, workDigest } from './leaf-request.ts';
import { compareWritten } from './ready-queue.ts';
import { startingCommit } from './rules/harvest.ts';
import { harvestsAll, leftBehind } from './rules/losers.ts';
import type { Rule, Step } from './rules/rule.ts';
import { rules } from './rules/rules.ts';
import { totalsOf } from './totals.ts';

/** Decides for one run; owns its state. */
export class Decider {
  readonly state: RunState;
  readonly #crowds: Crowds;
  #gate: Gate | undefined;
  /** Made when the first branch is lost. */
  #flying: FlyingBelow | undefined;
  #at = 0;
  #decisions: EventBody[] = [];

  /** @param state folded from all events of the run so far, or empty. */
  constructor(state: RunState) {
    this.state = state;
    this.#crowds = new Crowds({
      state,
      isReady: (plan, path) => !('blocked' in inputAddresses(state, plan, path)),
      make: (plan, path, parent, instance) => this.#makeReady(plan, path, parent, instance),
    });
    this.#findReady();
  }

  /** Folds a fact in; the fact and what follows from it, in the order to be recorded. */
  advance(fact: Fact, at: number): readonly EventBody[] {
    this.#at = at;
    this.#decisions = [fact];
    if (fact.type === 'leaf.cancelled' || fact.type === 'leaf.skipped') {
      this.#crowds.call(fact.path);
    }
    const owed = owedAfter(this.state, fact);
    this.#apply(fact);
    this.#follow(fact);
    for (const { owner, loser } of owed) this.#harvest(owner, [loser]);
    this.#end();
    this.#fill();
    return this.#decisions;
  }

  #emit(decision: Decision | Extract<Fact, { readonly type: 'run.stopped' }>): void {
    this.#apply(decision);
    this.#decisions.push(decision);
  }

  #apply(event: EventBody): void {
    const leaf = 'path' in event ? event.path : '';
    const before = this.#flying !== undefined && this.state.inFlight.has(leaf);
    apply(this.state, event, this.#at);
    if (this.#flying === undefined || this.state.inFlight.has(leaf) === before) return;
    this.#flying.add(leaf, before ? -1 : 1);
  }

  #follow(fact: Fact): void {
    switch (fact.type) {
      case 'run.started':
        this.#settle(this.#root());
        return;
      case 'run.cancelled': {
        const root = this.#root();
        if (root !== undefined) this.#finish(root, { status: 'cancelled', by: 'person' }, 'person');
        return;
      }
      case 'leaf.cancelled': {
        const live = liveAt(this.state, fact.path);
        if (live === undefined) return;
        const { parent, path } = live;
        if (this.state.inFlight.has(path)) this.#close(live, 'person');
        else this.#finish(live, { status: 'cancelled', by: 'person' }, 'person');
        this.#settle(parent);
        return;
      }
      case 'leaf.skipped': {
        const live = liveAt(this.state, fact.path);
        if (live?.parent === undefined) return;
        const { parent, path } = live;
        if (this.state.inFlight.has(path)) this.#emit({ type: 'leaf.aborted', path, by: 'skip' });
        else this.#finish(live, { status: 'skipped', because: 'person' }, 'person');
        this.#settle(parent);
        return;
      }
      case 'leaf.restarted': {
        const isAborted = this.state.inFlight.get(fact.path)?.aborted === true;
        const isRestart = liveAt(this.state, fact.path)?.restart === true;
        if (isRestart && !isAborted)
          this.#emit({ type: 'leaf.aborted', path: fact.path, by: 'person' });
        return;
      }
      case 'leaf.finished':
        this.#stopFor(fact);
        this.#touch(fact.path);
        return;
      case 'leaf.lost':
      case 'timer.fired':
      case 'approval.answered':
        this.#touch(fact.path);
        return;
      default:
        return;
    }
  }

  /** What a leaf could not be answered for stops the run before others are begun in vain. */
  #stopFor({ path, result, stop, late }: Extract<Fact, { readonly type: 'leaf.finished' }>): void {
    const isAsked = stop !== undefined && late !== true && liveAt(this.state, path) !== undefined;
    if (!isAsked || result.status !== 'failed' || this.state.stopped !== undefined) return;
    const { message } = result.failure;
    this.#emit({ type: 'run.stopped', because: stop, message });
  }

  #root(): Live | undefined {
    return liveAt(this.state, '');
  }

  /** Asks on from the node that a fact was about. */
  #touch(path: string): void {
    const entry = this.state.nodes.get(path);
    if (entry?.alive) {
      if (entry.plan.node.kind === 'leaf' && entry.stage === 'ready') this.#push(entry);
      this.#settle(entry);
    } else if (entry !== undefined) {
      this.#settle(liveAt(this.state, parentPath(path)));
    }
  }

  #settle(from: Live | undefined): void {
    const stack: Live[] = from === undefined ? [] : [from];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const step = ask(this.state, top);
      switch (step.do) {
        case 'wait':
          stack.pop();
          break;
        case 'timer':
          this.#emit({
            type: 'timer.requested',
            path: top.path,
            timer: step.timer,
            delayMs: step.delayMs,
          });
          break;
        case 'ask':
          this.#emit({ type: 'approval.requested', path: top.path, message: step.message });
          break;
        case 'rank':
          this.#emit({ type: 'candidates.ranked', path: top.path, ...step.verdict });
          this.#crowds.drop(top);
          for (const child of [...top.open].sort(compareWritten)) this.#close(child, 'sibling');
          break;
        case 'start': {
          const child = this.#start(top, step);
          if (child !== undefined) stack.push(child);
          break;
        }
        case 'finish': {
          stack.pop();
          const { parent } = top;
          this.#finish(top, step.outcome, 'sibling', step);
          if (stack.length === 0 && parent !== undefined) stack.push(parent);
          break;
        }
      }
    }
  }

  /** Starts a child; a leaf only becomes ready. Returns the control node to ask next. */
  #start(parent: Live, step: Extract<Step, { readonly do: 'start' }>): Live | undefined {
    const { child, path, instance } = step;
    if (child.node.kind !== 'leaf') {
      this.#emit({ type: 'node.started', path });
      const live = liveAt(this.state, path);
      if (live === undefined) return undefined;
      live.instance = instance;
      live.fruitfulBefore = this.state.fruitful.length;
      return live;
    }
    const found = inputAddresses(this.state, child, path);
    if ('blocked' in found) {
      this.#emit({ type: 'node.finished', path, outcome: { status: 'skipped', because: 'input' } });
      return undefined;
    }
    const live = this.#makeReady(child, path, parent, instance);
    if (step.fan !== undefined) this.#crowds.gather(live, parent, step.fan);
    return undefined;
  }

  #makeReady(plan: PlanNode, path: string, parent: Live, instance: number): Live {
    const live = openNode(this.state, plan, path, parent, this.#at);
    live.instance = instance;
    this.#push(live);
    return live;
  }

  #push(live: Live): void {
    this.#admission.push(live);
  }

  /** By the rules of the run, which its first fact names. */
  get #admission(): Gate {
    this.#gate ??= gateOf(this.state);
    return this.#gate;
  }

  /** Losers that are still in flight are harvested when they have reported. */
  #harvest(owner: Owner, losers: readonly Loser[]): void {
    if (losers.length === 0) return;
    this.#flying ??= new FlyingBelow(this.state.inFlight.keys());
    const flying = this.#flying;
    const harvests = harvestsOf(this.state, { owner, losers, flying });
    for (const harvest of harvests) this.#emit(harvest);
  }

  /** Ends a node and all below it; what its losers leave is harvested. */
  #finish(
    live: Live,
    outcome: Outcome,
    by: CancelReason,
    { adopted, losers }: Pick<Extract<Step, { readonly do: 'finish' }>, 'adopted' | 'losers'> = {},
  ): void {
    this.#crowds.drop(live);
    const isWhole = harvestsAll(this.state);
    const lost = losers ?? (isWhole ? leftBehind(this.state, live) : []);
    this.#harvest(live, lost);
    const unsettled = isWhole ? lost.filter(({ path }) => this.#flying?.has(path)) : [];
    for (const child of [...live.open].sort(compareWritten)) this.#close(child, by);
    if (live.timer !== undefined) {
      this.#emit({ type: 'timer.cancelled', path: live.path, timer: live.timer });
    }
    this.#emit({
      type: 'node.finished',
      path: live.path,
      outcome,
      ...(adopted === undefined ? {} : { adopted }),
      ...(unsettled.length === 0 ? {} : { unsettled }),
    });
    this.#crowds.leave(live);
  }

  /** Ends what is still open at and below a node, innermost first. */
  #close(live: Live, by: CancelReason): void {
    const pending: Live[] = [live];
    const order: Live[] = [];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      order.push(next);
      this.#crowds.drop(next);
      pending.push(...[...next.open].sort(compareWritten));
    }
    for (const node of order.reverse()) this.#closeOne(node, by);
  }

  #closeOne(live: Live, by: CancelReason): void {
    const { path } = live;
    if (live.timer !== undefined) {
      this.#emit({ type: 'timer.cancelled', path, timer: live.timer });
    }
    if (this.state.inFlight.has(path)) {
      this.#emit({ type: 'leaf.aborted', path, by });
    } else if (!hasBegun(live)) {
      this.state.nodes.delete(path);
      live.parent?.open.delete(live);
    } else {
      this.#emit({ type: 'node.finished', path, outcome: { status: 'cancelled', by } });
    }
  }

  #end(): void {
    const { state } = this;
    const root = settledAt(state, '');
    if (root === undefined || state.finished !== undefined || state.inFlight.size > 0) return;
    this.#emit({ type: 'run.finished', outcome: outcomeOf(root), totals: totalsOf(state) });
  }

  /** Turns ready leaves into requests while slots and budgets allow, and as many as one fact may bring. */
  #fill(): void {
    const { state } = this;
    let left = state.started?.config.atOnce ?? Number.POSITIVE_INFINITY;
    while (left > 0 && state.started !== undefined && isOpen(state)) {
      const next = this.#admission.next(state);
      switch (next?.do) {
        case undefined:
          return;
        case 'request':
          left -= 1;
          this.#request(next.live, next.slice);
          break;
        case 'fail':
          this.#overspent(next.scope, next.message);
          break;
        case 'stop':
          this.#emit({ type: 'run.stopped', because: 'budget', message: next.message });
          break;
      }
    }
  }

  #overspent(scope: Live, message: string): void {
    const { parent } = scope;
    this.#finish(scope, { status: 'failed', failure: { kind: 'budget', message } }, 'budget');
    this.#settle(parent);
    this.#end();
  }

  #request(live: Live, given: Slice | undefined): void {
    const { state } = this;
    const { plan, path } = live;
    if (plan.node.kind !== 'leaf') return;
    const found = inputAddresses(state, plan, path);
    const inputs =
      'inputs' in found && Object.keys(found.inputs).length > 0 ? { inputs: found.inputs } : {};
    const commit = needsTree(plan.node.task) ? startingCommit(state, plan, path) : undefined;
    const tree = commit === undefined ? {} : { tree: { key: treeKeyOf(path, plan), commit } };
    const digest = workDigest(state, plan, path, commit);
    const attempt = live.attempt + 1;
    const slice = given === undefined ? {} : { slice: given };
    this.#emit({ type: 'leaf.requested', path, attempt, ...slice, digest, ...inputs, ...tree });
    this.#crowds.leave(live);
  }

  /** After a fold: finds the leaves that were ready but not yet admitted, by asking all open nodes. */
  #findReady(): void {
    const root = this.#root();
    const pending: Live[] = root === undefined ? [] : [root];
    for (let live = pending.pop(); live !== undefined; live = pending.pop()) {
      if (live.plan.node.kind === 'leaf') {
        if (live.stage === 'ready') this.#push(live);
        continue;
      }
      for (;;) {
        const step = ask(this.state, live);
        if (step.do !== 'start' || step.child.node.kind !== 'leaf') break;
        const first = openNode(this.state, step.child, step.path, live, this.state.at);
        first.instance = step.instance;
        if (step.fan !== undefined) this.#crowds.gather(first, live, step.fan);
      }
      const instances = instancesBelow(this.state, live);
      for (const child of live.open) child.instance = instances(child);
      pending.push(...[...live.open].sort(compareWritten).reverse());
    }
  }
}

/** A leaf that no event names yet only waits for admission. */
function hasBegun(live: Live): boolean {
  return live.plan.node.kind !== 'leaf' || live.attempt > 0;
}

function ask(state: RunState, live: Live): Step {
  const { node } = live.plan;
  const rule = rules[node.kind] as Rule<typeof node.kind>;
  return rule(state, live, node as never);
}

/** The gate is closed while the run is paused, stopped, cancelled or over. */
function isOpen(state: RunState): boolean {
  return !state.paused && state.stopped === undefined && state.finished === undefined;
}

function outcomeOf(root: NonNullable<ReturnType<typeof settledAt>>): Outcome {
  switch (root.status) {
    case 'succeeded':
    case 'degraded':
      return { status: root.status, output: root.output ?? { type: 'none' } };
    case 'failed':
      return {
        status: 'failed',
        failure: root.failure ?? { kind: 'internal', message: 'failed without a reason' },
      };
    case 'skipped':
      return { status: 'skipped', because: root.because ?? 'input' };
    case 'cancelled':
      return { status: 'cancelled', by: root.by ?? 'person' };
  }
}
