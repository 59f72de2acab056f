/**
 * The specification of `decide`, as plainly as it can be said: after every fact it walks the whole tree
 * from the root, again and again until nothing more follows, then requests ready leaves one by one. It
 * keeps no cursors, reads full outputs instead of inline values, finds references from the root down,
 * and shares no code with the engine but types, the layout of the plan and paths. Long because a
 * specification is read in one piece.
 */
import canonicalize from 'canonicalize';
import { isJsonObject, type Json } from '../../src/base/json.ts';
import type { ContentRef } from '../../src/trace/content.ts';
import type { Decision, Fact, Loser, Shortage, Slice, Verdict } from '../../src/trace/events.ts';
import type { CancelReason, Failure, Outcome, OutputRef } from '../../src/trace/outcome.ts';
import type { Budget, FailureKind } from '../../src/workflow/limits.ts';
import { encodeKey } from '../../src/workflow/node-path.ts';
import { leavesBelow, type Plan, type PlanNode, planOf } from '../../src/workflow/plan.ts';
import type { Predicate, Reference } from '../../src/workflow/reference.ts';
import { widthOf } from '../../src/workflow/width.ts';
import type { LeafNode, NodeOf } from '../../src/workflow/workflow-spec.ts';

type Decided = Decision | Extract<Fact, { readonly type: 'run.stopped' }>;

interface Place {
  readonly plan: PlanNode;
  readonly path: string;
  /** With the iteration or key that the node stands in. */
  readonly scope: string;
  readonly parent: Place | undefined;
}

interface Entry {
  readonly place: Place;
  begun: boolean;
  startedAt: number;
  endedAt: number;
  outcome: Outcome | undefined;
  content: ContentRef | undefined;
  hasFruit: boolean;
  /** Leaves: */
  stage: 'ready' | 'requested' | 'waiting';
  attempt: number;
  lost: number;
  brokenOff: number;
  short: Shortage;
  startedActiveMs: number;
  restart: boolean;
  timer: string | undefined;
  answer:
    | { readonly approved: boolean; readonly by: string; readonly reason: string | null }
    | undefined;
  asked: boolean;
  /** Of an expand: its items as it found them. */
  items: Items | undefined;
  /** Of a node whose losers are being harvested: who won. */
  verdict: Verdict | undefined;
  /** Of a cond: which side it took. */
  side: readonly PlanNode[] | undefined;
}

type Items = readonly { readonly key: string }[] | { readonly fail: FailureKind };

interface Tree {
  readonly from: string;
  readonly at: string;
  readonly touched: boolean;
  readonly before?: string;
}

interface Flight {
  readonly path: string;
  readonly attempt: number;
  aborted: boolean;
  readonly slice: Slice;
  readonly used: { tokens: number; cost: number; steps: number };
}

type Slot = 'model' | 'command';

type Admitted =
  | { readonly do: 'request'; readonly entry: Entry; readonly slice: Slice }
  | { readonly do: 'fail'; readonly path: string }
  | { readonly do: 'stop' };

type Cut = { readonly slice: Slice } | { readonly path: string; readonly isBack: boolean };

/** What has to be free, what is enough, and what one gets that was short before. */
interface Need {
  readonly tokens: number;
  readonly cost: number;
  readonly steps: number;
  readonly most: { readonly tokens?: number; readonly cost?: number; readonly steps?: number };
  readonly again: { readonly tokens: number; readonly cost: number; readonly steps: number };
}

const CEILINGS = { tokens: 'maxTokens', cost: 'maxCostMicroUsd', steps: 'maxSteps' } as const;
const SLICED = { tokens: 'tokens', cost: 'costMicroUsd', steps: 'steps' } as const;

interface Use {
  readonly path: string;
  readonly leaves?: number;
  readonly steps?: number;
  readonly cost?: number;
  readonly tokens?: number;
  readonly lines?: number;
}

const isGood = (outcome: Outcome | undefined): boolean =>
  outcome?.status === 'succeeded' || outcome?.status === 'degraded';
const isBad = (outcome: Outcome | undefined): boolean =>
  outcome?.status === 'failed' || outcome?.status === 'cancelled';
const within = (path: string, node: string): boolean =>
  node === '' || path === node || path.startsWith(`${node}/`) || path.startsWith(`${node}[`);
const join = (scope: string, segment: string): string =>
  scope === '' ? segment : `${scope}/${segment}`;

export class NaiveWalk {
  readonly #contents: ReadonlyMap<string, Json>;
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();
  readonly #trees = new Map<string, Tree>();
  readonly #uses: Use[] = [];
  readonly #calls = new Map<
    string,
    { path: string; attempt: number; cost: number; tokens: number }
  >();
  readonly #fruitful: string[] = [];
  #owed: readonly { readonly owner: Entry; readonly loser: Loser }[] = [];
  #plan: Plan | undefined;
  #limits = { model: 0, command: 0 };
  #atOnce = 0;
  #raised: Budget = {};
  #paused = false;
  #stopped: string | undefined;
  #finished = false;
  #at = 0;
  #activeMs = 0;
  #decided: Decided[] = [];

  constructor(contents: ReadonlyMap<string, Json>) {
    this.#contents = contents;
  }

  /** What follows from a fact: what settles, in no order, and what is requested, in order. */
  step(fact: Fact, at: number): readonly Decided[] {
    const isActive = this.#plan !== undefined && fact.type !== 'run.driven' && !this.#paused;
    if (isActive) this.#activeMs += Math.max(0, at - this.#at);
    this.#at = at;
    this.#decided = [];
    this.#take(fact);
    this.#walk();
    this.#end();
    this.#fill();
    return this.#decided;
  }

  #say(decision: Decided): void {
    this.#decided.push(decision);
  }

  // What a fact says by itself.

  #take(fact: Fact): void {
    switch (fact.type) {
      case 'run.started': {
        this.#plan = planOf(fact.spec);
        this.#limits = fact.config.concurrency;
        this.#atOnce = fact.config.atOnce ?? Number.POSITIVE_INFINITY;
        const base = fact.base?.commit;
        if (base !== undefined) this.#trees.set('', { from: base, at: base, touched: false });
        this.#open({ plan: this.#plan.root, path: '', scope: '', parent: undefined });
        return;
      }
      case 'run.driven':
        this.#stopped = undefined;
        return;
      case 'run.paused':
        this.#paused = true;
        return;
      case 'run.resumed':
        this.#paused = false;
        return;
      case 'run.stopped':
        this.#stopped = fact.because;
        return;
      case 'budget.raised':
        this.#raised = { ...this.#raised, ...fact.budget };
        if (this.#stopped === 'budget') this.#stopped = undefined;
        return;
      case 'run.cancelled': {
        const root = this.#entries.get('');
        if (root !== undefined && root.outcome === undefined) {
          this.#finish(root, { status: 'cancelled', by: 'person' }, 'person');
        }
        return;
      }
      case 'leaf.cancelled': {
        const entry = this.#entries.get(fact.path);
        if (entry === undefined || entry.outcome !== undefined) return;
        if (this.#flights.has(fact.path)) this.#abort(entry, 'person');
        else this.#finish(entry, { status: 'cancelled', by: 'person' }, 'person');
        return;
      }
      case 'leaf.skipped': {
        const entry = this.#entries.get(fact.path);
        if (entry === undefined || entry.outcome !== undefined || fact.path === '') return;
        const outcome = { status: 'skipped', because: 'person' } as const;
        const flight = this.#flights.get(fact.path);
        if (flight === undefined) this.#finish(entry, outcome, 'person');
        else {
          flight.aborted = true;
          this.#say({ type: 'leaf.aborted', path: fact.path, by: 'skip' });
          this.#settle(entry, outcome);
        }
        return;
      }
      case 'leaf.restarted': {
        const flight = this.#flights.get(fact.path);
        const entry = this.#entries.get(fact.path);
        if (flight === undefined || flight.aborted || entry?.outcome !== undefined) return;
        flight.aborted = true;
        if (entry !== undefined) entry.restart = true;
        this.#say({ type: 'leaf.aborted', path: fact.path, by: 'person' });
        return;
      }
      case 'model.requested': {
        const { path, attempt, reserved } = fact;
        if (this.#flights.get(path)?.attempt !== attempt) return;
        const { costMicroUsd: cost, tokens } = reserved;
        this.#calls.set(`${path} ${fact.call} ${fact.try}`, { path, attempt, cost, tokens });
        return;
      }
      case 'model.called': {
        const { usage, path } = fact;
        this.#calls.delete(`${path} ${fact.call} ${fact.try}`);
        const tokens = Object.values(usage.tokens).reduce((sum, count) => sum + count, 0);
        this.#uses.push({ path, steps: 1, cost: usage.costMicroUsd, tokens });
        const flight = this.#flights.get(path);
        if (flight?.attempt !== fact.attempt) return;
        flight.used.steps += 1;
        flight.used.cost += usage.costMicroUsd;
        flight.used.tokens += tokens;
        return;
      }
      case 'tree.merged': {
        const merge = this.#entries.get(fact.path);
        const isHeld = this.#flights.get(fact.path)?.aborted === false;
        const hasResolver = merge?.place.parent?.plan.conflict !== undefined;
        const tree = this.#trees.get(fact.into.key);
        if (!isHeld || !hasResolver || fact.conflicts.length === 0 || tree === undefined) return;
        this.#trees.set(fact.into.key, { ...tree, at: fact.into.commit, before: tree.at });
        return;
      }
      case 'leaf.finished':
        this.#takeReport(fact);
        return;
      case 'leaf.lost':
        this.#takeLoss(fact.path, fact.attempt);
        return;
      case 'timer.fired': {
        const entry = this.#entries.get(fact.path);
        if (entry === undefined || entry.timer !== fact.timer) return;
        entry.timer = undefined;
        if (entry.stage === 'waiting') entry.stage = 'ready';
        const { node } = entry.place.plan;
        if (node.kind === 'approve') {
          entry.answer = { approved: node.onTimeout === 'approve', by: 'timeout', reason: null };
        }
        return;
      }
      case 'approval.answered': {
        const entry = this.#entries.get(fact.path);
        if (entry?.place.plan.node.kind !== 'approve' || entry.outcome !== undefined) return;
        entry.answer = { approved: fact.approved, by: fact.by, reason: fact.reason ?? null };
        return;
      }
      default:
        return;
    }
  }

  #takeReport(fact: Extract<Fact, { readonly type: 'leaf.finished' }>): void {
    const { path, attempt, result } = fact;
    const entry = this.#land(path, attempt);
    if (entry === undefined) return;
    const { added = 0, removed = 0 } = fact.patch ?? {};
    this.#uses.push({ path, lines: added + removed });
    if (fact.fruit !== undefined || fact.patch !== undefined) this.#fruitful.push(path);
    if (entry.outcome !== undefined) {
      entry.hasFruit ||= fact.fruit !== undefined;
      this.#harvestOwed();
      return;
    }
    const isStop = fact.stop !== undefined && fact.late !== true;
    if (entry.restart || fact.late === true || fact.short !== undefined || isStop) {
      if (fact.late !== true && !isStop) entry.short = fact.short ?? {};
      if (isStop && this.#stopped === undefined) {
        this.#stopped = 'credentials';
        this.#say({ type: 'run.stopped', because: 'credentials' });
      }
      this.#undoMarks(entry);
      entry.restart = false;
      entry.brokenOff += 1;
      entry.stage = 'ready';
      return;
    }
    if (fact.tree !== undefined) this.#move(fact.tree.key, fact.tree.commit);
    const { retry } = entry.place.plan.node as LeafNode;
    if (result.status === 'failed') {
      const tries = entry.attempt - entry.lost - entry.brokenOff;
      if (tries < retry.maxAttempts && retry.on.includes(result.failure.kind)) {
        entry.stage = 'waiting';
        entry.timer = `retry ${entry.attempt + 1}`;
        const delayMs = Math.min(retry.maxBackoffMs, retry.backoffMs * 2 ** (tries - 1));
        this.#say({ type: 'timer.requested', path, timer: entry.timer, delayMs });
        return;
      }
    }
    entry.content = result.output;
    entry.hasFruit = fact.fruit !== undefined;
    this.#settle(
      entry,
      result.status === 'failed'
        ? { status: 'failed', failure: result.failure }
        : { status: result.status, output: { type: 'none' } },
    );
  }

  #takeLoss(path: string, attempt: number): void {
    const entry = this.#land(path, attempt);
    if (entry === undefined) return;
    if (entry.outcome !== undefined) {
      this.#harvestOwed();
    } else if (entry.restart) {
      this.#undoMarks(entry);
      entry.restart = false;
      entry.brokenOff += 1;
      entry.stage = 'ready';
    } else {
      this.#undoMarks(entry);
      entry.lost += 1;
      entry.stage = 'ready';
      const failure = { kind: 'lost', message: '' } as const;
      if (entry.lost === 3) this.#settle(entry, { status: 'failed', failure });
    }
  }

  /** Gives the slot of an attempt back; undefined when it holds none. */
  #land(path: string, attempt: number): Entry | undefined {
    if (this.#flights.get(path)?.attempt !== attempt) return undefined;
    this.#flights.delete(path);
    for (const [key, call] of this.#calls) {
      if (call.path !== path || call.attempt !== attempt) continue;
      this.#uses.push({ path, steps: 1, cost: call.cost, tokens: call.tokens });
      this.#calls.delete(key);
    }
    return this.#entries.get(path);
  }

  // The walk.

  #walk(): void {
    for (let before = -1; before !== this.#count(); ) {
      before = this.#count();
      const root = this.#entries.get('');
      if (root !== undefined && root.outcome === undefined) this.#visit(root.place);
    }
  }

  #count(): number {
    return this.#decided.length + this.#entries.size;
  }

  /** Starts a node if it has not been, goes on with it, and says how it ended, if it has. */
  #visit(place: Place): Outcome | undefined {
    const entry = this.#entries.get(place.path) ?? this.#begin(place);
    if (entry.outcome !== undefined) return entry.outcome;
    const { node } = place.plan;
    if (node.kind === 'leaf') return undefined;
    const ended = this.#ask(entry);
    if (ended === undefined || entry.outcome !== undefined) return entry.outcome;
    const { losers, adopted, ...outcome } = ended;
    this.#finish(entry, outcome as Outcome, 'sibling', { losers, adopted });
    return entry.outcome;
  }

  #begin(place: Place): Entry {
    const { plan, path } = place;
    if (plan.node.kind !== 'leaf') {
      this.#say({ type: 'node.started', path });
      return this.#open(place);
    }
    const entry = this.#open(place);
    const isBlocked = Object.values(plan.node.inputs).some((input) => this.#blocks(place, input));
    if (isBlocked) this.#finish(entry, { status: 'skipped', because: 'input' }, 'sibling');
    return entry;
  }

  #open(place: Place): Entry {
    const isLeaf = place.plan.node.kind === 'leaf';
    const entry: Entry = {
      place,
      begun: !isLeaf,
      startedAt: this.#at,
      endedAt: 0,
      outcome: undefined,
      content: undefined,
      hasFruit: false,
      stage: 'ready',
      attempt: 0,
      lost: 0,
      brokenOff: 0,
      short: {},
      startedActiveMs: this.#activeMs,
      restart: false,
      timer: undefined,
      answer: undefined,
      asked: false,
      items: undefined,
      verdict: undefined,
      side: undefined,
    };
    this.#entries.set(place.path, entry);
    if (!isLeaf) this.#fork(place);
    return entry;
  }

  #blocks(place: Place, input: Reference & { readonly optional?: boolean; readonly as?: string }) {
    if (input.optional) return false;
    const found = this.#targets(place.scope, input);
    if (found.type === 'first') return false;
    if (found.type === 'absent') return true;
    const good = found.paths.filter((path) => isGood(this.#entries.get(path)?.outcome));
    return found.isMany ? found.paths.length > 0 && good.length === 0 : good.length === 0;
  }

  #ask(entry: Entry): Ended | undefined {
    const { plan } = entry.place;
    const { node } = plan;
    switch (node.kind) {
      case 'leaf':
        return undefined;
      case 'sequence':
        return this.#line(entry, plan.children, entry.place.path, node.onFailure);
      case 'branch_set':
        return this.#branchSet(entry, node);
      case 'loop_until':
        return this.#loop(entry, node);
      case 'cond':
        return this.#cond(entry, node);
      case 'expand':
        return this.#expand(entry, node);
      case 'reduce':
      case 'teacher_review':
        return this.#byLeaf(entry, node);
      case 'tournament':
        return this.#tournament(entry, node);
      case 'pareto':
        return this.#pareto(entry, node);
      case 'approve':
        return this.#approve(entry, node);
    }
  }

  #below(entry: Entry, plan: PlanNode, scope: string = entry.place.path): Place {
    return { plan, scope, path: join(scope, plan.segment), parent: entry.place };
  }

  #line(
    entry: Entry,
    children: readonly PlanNode[],
    scope: string,
    onFailure: 'stop' | 'continue',
  ): Ended | undefined {
    const ended: { readonly path: string; readonly outcome: Outcome }[] = [];
    for (const child of children) {
      const place = this.#below(entry, child, scope);
      const outcome = this.#visit(place);
      if (outcome === undefined) return undefined;
      if (onFailure === 'stop' && isBad(outcome)) return like(outcome);
      ended.push({ path: place.path, outcome });
    }
    const good = ended.filter(({ outcome }) => isGood(outcome));
    const bad = ended.find(({ outcome }) => isBad(outcome));
    if (good.length === 0 && ended.length > 0) {
      return bad === undefined ? { status: 'skipped', because: 'input' } : like(bad.outcome);
    }
    const last = ended.at(-1);
    return {
      status: ended.every(({ outcome }) => outcome.status === 'succeeded')
        ? 'succeeded'
        : 'degraded',
      output:
        last === undefined || last.outcome.status === 'skipped'
          ? { type: 'none' }
          : { type: 'node', path: last.path },
    };
  }

  #loop(entry: Entry, node: NodeOf<'loop_until'>): Ended | undefined {
    const { plan, path } = entry.place;
    for (let iteration = 1; ; iteration += 1) {
      const scope = `${path}[${iteration}]`;
      const ended: { readonly path: string; readonly outcome: Outcome }[] = [];
      for (const child of plan.children) {
        const place = this.#below(entry, child, scope);
        const outcome = this.#visit(place);
        if (outcome === undefined) return undefined;
        ended.push({ path: place.path, outcome });
        if (isBad(outcome)) break;
      }
      if (plan.derived !== undefined) {
        const judge = this.#visit(this.#below(entry, plan.derived, scope));
        if (judge === undefined) return undefined;
        if (isBad(judge)) return like(judge);
      }
      const isDone = this.#holds(scope, node.until);
      if (!isDone && iteration < node.maxIterations) continue;
      if (!isDone && node.onExhausted === 'fail') return fail('loop_exhausted');
      const last = ended.at(-1);
      const isWhole = ended.every(({ outcome }) => outcome.status === 'succeeded');
      const hasLast =
        ended.length === plan.children.length &&
        last !== undefined &&
        last.outcome.status !== 'skipped';
      return {
        status: isWhole && isDone ? 'succeeded' : 'degraded',
        output: hasLast ? { type: 'node', path: last.path } : { type: 'none' },
      };
    }
  }

  #cond(entry: Entry, node: NodeOf<'cond'>): Ended | undefined {
    const { plan, path, scope } = entry.place;
    if (plan.derived !== undefined) {
      const judge = this.#visit(this.#below(entry, plan.derived));
      if (judge === undefined) return undefined;
      if (isBad(judge)) return like(judge);
    }
    const holds = this.#holds(plan.derived === undefined ? scope : path, node.test);
    entry.side ??= holds ? plan.children : plan.otherwise;
    if (entry.side.length === 0) return { status: 'succeeded', output: { type: 'none' } };
    return this.#line(entry, entry.side, path, 'stop');
  }

  #branchSet(entry: Entry, node: NodeOf<'branch_set'>): Ended | undefined {
    const places = entry.place.plan.children.map((child) => this.#below(entry, child));
    const isFirst = node.join === 'first_success';
    const winnerOf = (): Place | undefined =>
      places
        .filter(({ path }) => isGood(this.#entries.get(path)?.outcome))
        .sort((a, b) => this.#endOrder(a.path) - this.#endOrder(b.path))[0];
    const conclude = (winner: Place): Ended | undefined => {
      const started = places
        .filter(({ path }) => path !== winner.path && this.#entries.has(path))
        .map(({ plan, path }) => ({ name: plan.segment, path }));
      const verdict = { winner: winner.path, losers: started, value: null };
      const losers = this.#harvestLosers(entry, verdict);
      if (losers === undefined) return undefined;
      const outcome = this.#entries.get(winner.path)?.outcome;
      const status = outcome?.status === 'degraded' ? 'degraded' : 'succeeded';
      const output = { type: 'node', path: winner.path } as const;
      return this.#adopt(entry, winner, { status, output, losers });
    };
    if (isFirst && winnerOf() !== undefined) return conclude(winnerOf() as Place);
    for (const place of places) {
      if (!this.#entries.has(place.path) && this.#isFull(entry, places, node.maxParallel)) break;
      this.#visit(place);
      const winner = isFirst ? winnerOf() : undefined;
      if (winner !== undefined) return conclude(winner);
    }
    const entries = Object.fromEntries(
      places
        .filter(({ path }) => isGood(this.#entries.get(path)?.outcome))
        .map(({ plan, path }) => [plan.segment, path]),
    );
    return this.#joinAll(entry, places, { type: 'record', entries }, node.join !== 'all');
  }

  #isFull(entry: Entry, places: readonly Place[], maxParallel = Infinity): boolean {
    const open = places.filter(({ path }) => {
      const child = this.#entries.get(path);
      return child !== undefined && child.outcome === undefined;
    });
    return entry.outcome === undefined && open.length >= maxParallel;
  }

  #joinAll(
    entry: Entry,
    places: readonly Place[],
    output: OutputRef,
    isOneEnough: boolean,
  ): Ended | undefined {
    const { plan } = entry.place;
    const outcomes = places.map(({ path }) => this.#entries.get(path)?.outcome);
    if (outcomes.some((outcome) => outcome === undefined)) return undefined;
    if (plan.derived !== undefined && this.#sources(places).length > 0) {
      const merge = this.#visit(this.#below(entry, plan.derived));
      if (merge === undefined) return undefined;
      const isConflict = merge.status === 'failed' && merge.failure.kind === 'merge_conflict';
      if (isBad(merge)) {
        if (!isConflict || plan.conflict === undefined) return like(merge);
        const resolver = this.#visit(this.#below(entry, plan.conflict));
        if (resolver === undefined) return undefined;
        if (!isGood(resolver)) return like(resolver.status === 'skipped' ? merge : resolver);
      }
      const winner = this.#below(entry, isBad(merge) ? (plan.conflict as PlanNode) : plan.derived);
      const losers = this.#leftBehind(entry);
      const isMerged = isGood(this.#entries.get(winner.path)?.outcome);
      const verdict = { winner: winner.path, losers, value: null };
      if (isMerged && this.#harvestLosers(entry, verdict) === undefined) return undefined;
    }
    const good = outcomes.filter(isGood);
    if (good.length === 0 && places.length > 0) {
      const bad = places.find(({ path }) => isBad(this.#entries.get(path)?.outcome));
      const first = bad === undefined ? undefined : this.#entries.get(bad.path)?.outcome;
      return first === undefined ? { status: 'skipped', because: 'input' } : like(first);
    }
    const whole = outcomes.filter((outcome) => outcome?.status === 'succeeded');
    const isWhole = isOneEnough ? whole.length > 0 : whole.length === places.length;
    return { status: isWhole ? 'succeeded' : 'degraded', output };
  }

  #sources(places: readonly Place[]): readonly Place[] {
    return places.filter(
      ({ plan, path }) =>
        plan.node.isolation === 'worktree' &&
        isGood(this.#entries.get(path)?.outcome) &&
        this.#trees.get(path)?.touched === true,
    );
  }

  #expand(entry: Entry, node: NodeOf<'expand'>): Ended | undefined {
    entry.items ??= this.#readItems(entry.place, node);
    const { items } = entry;
    if (!Array.isArray(items)) return fail((items as { readonly fail: FailureKind }).fail);
    const total = this.#valueAt(entry.place.scope, node.source) as readonly Json[];
    if (items.length === 0) return { status: 'succeeded', output: { type: 'value', value: [] } };
    const template = entry.place.plan.children[0] as PlanNode;
    const places = items.map(({ key }) =>
      this.#below(entry, template, `${entry.place.path}[${key}]`),
    );
    for (const place of places) {
      if (!this.#entries.has(place.path) && this.#isFull(entry, places, node.maxParallel)) break;
      this.#visit(place);
    }
    const list = places.map(({ path }) => (isGood(this.#entries.get(path)?.outcome) ? path : null));
    const ended = this.#joinAll(entry, places, { type: 'list', items: list }, false);
    const isCut = ended?.status === 'succeeded' && total.length > items.length;
    return isCut ? { ...ended, status: 'degraded' } : ended;
  }

  #readItems(place: Place, node: NodeOf<'expand'>): Items {
    const list = this.#valueAt(place.scope, node.source);
    if (!Array.isArray(list)) return { fail: 'schema' };
    if (list.length > node.maxChildren && node.overflow === 'fail') {
      return { fail: 'value_too_large' };
    }
    const keys = list.slice(0, node.maxChildren).map((item, index) => {
      const named = node.key === undefined ? item : digJson(item, node.key);
      if (typeof named === 'string') return encodeKey(named);
      if (typeof named === 'number') return encodeKey(String(named));
      return node.key === undefined ? String(index + 1) : undefined;
    });
    const isUsable = keys.every((key) => key !== undefined) && new Set(keys).size === keys.length;
    return isUsable ? keys.map((key) => ({ key: key as string })) : { fail: 'schema' };
  }

  #byLeaf(entry: Entry, node: NodeOf<'reduce'> | NodeOf<'teacher_review'>): Ended | undefined {
    const { place } = entry;
    let taken: readonly (Outcome | undefined)[];
    if (node.kind === 'reduce') {
      taken = Object.values(node.inputs).flatMap((input) => {
        const found = this.#targets(place.scope, input);
        if (found.type === 'first') return [];
        if (found.type === 'absent') return [undefined];
        return found.paths.map((path) => this.#entries.get(path)?.outcome);
      });
    } else {
      taken = this.#candidates(entry, node.candidates).map(({ outcome }) => outcome);
    }
    if (taken.length > 0 && !taken.some(isGood)) return fail('no_candidate');
    const leaf = this.#below(entry, place.plan.derived as PlanNode);
    const outcome = this.#visit(leaf);
    if (outcome === undefined || outcome.status === 'skipped') return outcome;
    if (isBad(outcome)) return like(outcome);
    return { status: outcome.status, output: { type: 'node', path: leaf.path } } as Ended;
  }

  #approve(entry: Entry, node: NodeOf<'approve'>): Ended | undefined {
    const { path } = entry.place;
    if (entry.answer !== undefined) {
      const output = { type: 'value', value: { ...entry.answer } } as const;
      if (entry.answer.approved) return { status: 'succeeded', output };
      return { status: 'failed', failure: { kind: 'refused', message: '' }, output };
    }
    if (entry.asked) return undefined;
    entry.asked = true;
    this.#say({ type: 'approval.requested', path, message: node.message });
    if (node.timeoutMs !== undefined) {
      entry.timer = 'answer';
      this.#say({ type: 'timer.requested', path, timer: 'answer', delayMs: node.timeoutMs });
    }
    return undefined;
  }

  #candidates(entry: Entry, ids: readonly string[]): readonly Candidate[] {
    return ids.flatMap((id) => {
      const found = this.#targets(entry.place.scope, { node: id });
      if (found.type !== 'found') return [];
      const isList = found.isMany;
      const group = found.paths.flatMap(
        (path): { path: string; name: string; isItem: boolean }[] => {
          const target = this.#entries.get(path);
          if (target?.outcome === undefined || target.place.plan.node.kind !== 'expand') {
            return [{ path, name: isList ? path : id, isItem: isList }];
          }
          const items = Array.isArray(target.items) ? target.items : [];
          const [template] = target.place.plan.children;
          return items.map(({ key }) => {
            const at = join(`${path}[${key}]`, template?.segment ?? '');
            return { path: at, name: ids.length === 1 && !isList ? key : at, isItem: true };
          });
        },
      );
      return group.map(({ path, name, isItem }, index) => {
        const number = ids.length === 1 ? String(index) : `${id}.${index}`;
        const outcome = this.#entries.get(path)?.outcome;
        return { path, name, judgedAs: isItem ? number : id, outcome };
      });
    });
  }

  #tournament(entry: Entry, node: NodeOf<'tournament'>): Ended | undefined {
    if (entry.verdict !== undefined) return this.#crown(entry, node, entry.verdict);
    const candidates = this.#candidates(entry, node.candidates);
    const eligible = candidates.filter(({ outcome }) => isGood(outcome));
    if (eligible.length === 0) return fail('no_candidate');
    const pairs = (node.rank.by === 'pairwise' ? eligible : []).flatMap((a, index) =>
      eligible.slice(index + 1).map((b) => ({ a, b, places: this.#pairPlaces(entry, a, b) })),
    );
    const isAlone = eligible.length === 1;
    if (node.rank.by === 'judge' && (!isAlone || node.minScore !== undefined)) {
      const judge = this.#visit(this.#below(entry, entry.place.plan.derived as PlanNode));
      if (judge === undefined) return undefined;
      if (!isGood(judge)) return like(judge);
    }
    if (node.rank.by === 'pairwise') {
      const ended = pairs.flatMap(({ places }) => places.map((place) => this.#visit(place)));
      if (ended.some((outcome) => outcome === undefined)) return undefined;
      const bad = ended.find((outcome) => !isGood(outcome));
      if (bad !== undefined) return like(bad);
    }
    const scores = eligible.map((one) => ({ one, score: this.#score(entry, node, one, pairs) }));
    const highest = scores.reduce<number | undefined>(
      (most, { score }) => (score !== undefined && (most ?? -Infinity) < score ? score : most),
      undefined,
    );
    const leaders = scores.filter(({ score }) => score === highest);
    let best = leaders[0] as (typeof scores)[number];
    if (node.rank.by === 'tests') {
      // Of equals, where all were counted, the one of which more tests passed.
      const passed = leaders.map(({ one }) => this.#testsPassed(one));
      const most = Math.max(...passed.map((count) => count ?? -1));
      const isCounted = passed.every((count) => count !== undefined);
      if (isCounted) best = leaders[passed.indexOf(most)] as typeof best;
    }
    const isTooLow = node.minScore !== undefined && !((best.score ?? -1e300) >= node.minScore);
    if (isTooLow) return fail('no_candidate');
    const losers = candidates
      .filter(({ path }) => path !== best.one.path)
      .map(({ name, path }) => ({ name, path }));
    return this.#crown(entry, node, { winner: best.one.path, losers, value: best.one.name });
  }

  #crown(entry: Entry, node: NodeOf<'tournament'>, verdict: Verdict): Ended | undefined {
    const losers = this.#harvestLosers(entry, verdict);
    if (losers === undefined) return undefined;
    const winner = this.#entries.get(verdict.winner)?.place as Place;
    const { value } = verdict;
    const output = {
      type: 'value',
      value,
      parts: { output: winner.path },
      ...this.#fruit(entry, verdict),
    } as const;
    const outcome: Ended = { status: 'succeeded', output, losers };
    return node.adopt === 'winner' ? this.#adopt(entry, winner, outcome) : outcome;
  }

  // Harvest.

  /** Tries on the winner what each loser left in a tree; the losers when all of that has ended. */
  #harvestLosers(entry: Entry, said: Verdict): Verdict['losers'] | undefined {
    const { place } = entry;
    const losers = (entry.verdict ?? said).losers;
    const left = losers.filter(
      ({ path }, index) =>
        this.#trees.get(path)?.touched === true &&
        losers.findIndex((other) => other.path === path) === index,
    );
    if (place.plan.harvest === undefined || left.length === 0) return losers;
    if (entry.verdict === undefined) {
      entry.verdict = said;
      this.#say({ type: 'candidates.ranked', path: place.path, ...said });
      this.#closeBelow(entry, 'sibling');
    }
    const ended = left.map(({ name }) => this.#visit(this.#harvestPlace(entry, name)));
    return ended.includes(undefined) ? undefined : losers;
  }

  #harvestPlace({ place }: Entry, name: string): Place {
    const plan = place.plan.harvest as PlanNode;
    const path = `${join(place.path, plan.segment)}[${encodeName(name)}]`;
    return { plan, scope: place.path, path, parent: place };
  }

  #leavesOf(owner: Entry, { name, path }: Loser): readonly string[] {
    const hasOwn = owner.place.plan.harvest !== undefined;
    const own = hasOwn ? this.#harvestPlace(owner, name).path : undefined;
    return this.#fruitful.filter((leaf) => within(leaf, path) || leaf === own);
  }

  #fruit(owner: Entry, { losers }: Verdict): { readonly fruit?: readonly string[] } {
    if (owner.place.plan.harvest === undefined) return {};
    const leaves = new Set(losers.flatMap((loser) => this.#leavesOf(owner, loser)));
    return { fruit: [...leaves].filter((leaf) => this.#entries.get(leaf)?.hasFruit).sort() };
  }

  /** Where a leaf begins that tries something on a winner. */
  #winnersCommit({ path, parent }: Place): string | undefined {
    const verdict = this.#entries.get(parent?.path ?? '')?.verdict;
    const winner = this.#entries.get(verdict?.winner ?? '')?.place;
    return this.#trees.get(path)?.from ?? this.#trees.get(this.#treeKey(winner))?.at;
  }

  /** Each pair is asked in both orders. */
  #pairPlaces(entry: Entry, a: Candidate, b: Candidate): readonly [Place, Place] {
    const plan = entry.place.plan.derived as PlanNode;
    const scope = entry.place.path;
    const place = (one: Candidate, other: Candidate): Place => {
      const path = `${join(scope, plan.segment)}[${encodeName(one.name)},${encodeName(other.name)}]`;
      return { plan, scope, path, parent: entry.place };
    };
    return [place(a, b), place(b, a)];
  }

  /** The test commands of a candidate, as they ended in the last iterations. */
  #testsOf(one: Candidate): readonly (Entry | undefined)[] {
    const place = this.#entries.get(one.path)?.place as Place;
    const tests = leavesBelow(place.plan).filter(
      ({ node }) => node.task.type === 'command' && node.task.purpose === 'test',
    );
    return tests.flatMap(({ node }) => {
      const found = this.#targets(`${one.path}/`, { node: node.id });
      return found.type === 'found' ? found.paths.map((path) => this.#entries.get(path)) : [];
    });
  }

  #countsOf(test: Entry | undefined): { passed: number; failed: number } | undefined {
    const said = test === undefined ? undefined : digJson(this.#value(test.place.path), 'tests');
    if (!isJsonObject(said) || said['status'] !== 'found') return undefined;
    return { passed: Number(said['passed']), failed: Number(said['failed']) };
  }

  /** Over all test commands; undefined where one was not counted. */
  #testsPassed(one: Candidate): number | undefined {
    const counts = this.#testsOf(one).map((test) => this.#countsOf(test));
    if (counts.length === 0 || counts.includes(undefined)) return undefined;
    return counts.reduce((sum, count) => sum + (count?.passed ?? 0), 0);
  }

  #score(
    entry: Entry,
    { rank }: NodeOf<'tournament'>,
    one: Candidate,
    pairs: readonly {
      readonly a: Candidate;
      readonly b: Candidate;
      readonly places: readonly [Place, Place];
    }[],
  ): number | undefined {
    switch (rank.by) {
      case 'field': {
        const value = digJson(this.#value(one.path), rank.field ?? '');
        return typeof value === 'number' ? value : undefined;
      }
      case 'cost':
        return -this.#spent(one.path).cost;
      case 'tests': {
        const worth = this.#testsOf(one).map((test) => {
          if (isGood(test?.outcome)) return 1;
          const counts = this.#countsOf(test);
          return counts === undefined
            ? 0
            : counts.passed / (counts.passed + (counts.failed === 0 ? 1 : counts.failed));
        });
        if (worth.length === 0) return undefined;
        return worth.reduce<number>((sum, share) => sum + share, 0) / worth.length;
      }
      case 'judge': {
        const judge = join(entry.place.path, entry.place.plan.derived?.segment ?? '');
        const ranking = digJson(this.#value(judge), 'ranking');
        if (!Array.isArray(ranking)) return undefined;
        const said = ranking.find(
          (place) => isJsonObject(place) && place['candidate'] === one.judgedAs,
        );
        const score = digJson(said, 'score');
        return typeof score === 'number' ? score : undefined;
      }
      case 'pairwise': {
        let points = 0;
        const mine = pairs.filter(({ a, b }) => a === one || b === one);
        for (const { a, places } of mine) {
          const [forth, back] = places.map((place) => digJson(this.#value(place.path), 'winner'));
          const [first, second] = a === one ? ['a', 'b'] : ['b', 'a'];
          if (forth === first && back === second) points += 1;
          else if (forth !== second || back !== first) points += 0.5;
        }
        return mine.length === 0 ? 1 : points / mine.length;
      }
    }
  }

  #pareto(entry: Entry, node: NodeOf<'pareto'>): Ended | undefined {
    if (entry.verdict !== undefined) return this.#keep(entry, entry.verdict);
    const candidates = this.#candidates(entry, node.candidates);
    const eligible = candidates.filter(({ outcome }) => isGood(outcome));
    if (eligible.length === 0) return fail('no_candidate');
    const measured = eligible.map((one) => ({
      name: one.name,
      path: one.path,
      values: node.objectives.map(({ by, field }) => {
        const target = this.#entries.get(one.path);
        const spent = this.#spent(one.path);
        if (by === 'cost') return spent.cost;
        if (by === 'tokens') return spent.tokens;
        if (by === 'diffSize') return spent.lines;
        if (by === 'duration') return (target?.endedAt ?? 0) - (target?.startedAt ?? 0);
        const value = digJson(this.#value(one.path), field ?? '');
        return typeof value === 'number' ? value : undefined;
      }),
    }));
    const worth = (value: number | undefined, index: number): number => {
      if (value === undefined) return Number.NEGATIVE_INFINITY;
      return node.objectives[index]?.goal === 'max' ? value : -value;
    };
    const front = measured.filter(({ values }) =>
      measured.every((other) => {
        const gains = other.values.map(
          (value, index) => [worth(value, index), worth(values[index], index)] as const,
        );
        const isNoWorse = gains.every(([theirs, mine]) => theirs >= mine);
        return !(isNoWorse && gains.some(([theirs, mine]) => theirs > mine));
      }),
    );
    const kept = front.slice(0, node.maxItems);
    const items = kept.map(({ name, values }) => ({
      candidate: name,
      values: values.map((one) => one ?? null),
    }));
    const losers = candidates
      .filter(({ path }) => !kept.some((one) => one.path === path))
      .map(({ name, path }) => ({ name, path }));
    return this.#keep(entry, { winner: kept[0]?.path ?? '', losers, value: { items } });
  }

  #keep(entry: Entry, verdict: Verdict): Ended | undefined {
    const losers = this.#harvestLosers(entry, verdict);
    if (losers === undefined) return undefined;
    const { value } = verdict;
    const output = { type: 'value', value, ...this.#fruit(entry, verdict) } as const;
    return { status: 'succeeded', output, losers };
  }

  // References and values.

  #targets(readerScope: string, reference: Reference): Targets {
    const plan = this.#plan?.nodes.get(reference.node);
    if (plan === undefined) return { type: 'absent' };
    const chain: PlanNode[] = [];
    for (let node = plan; node.parent !== undefined; node = node.parent) chain.unshift(node);
    const instanceAt = (path: string): string | undefined => {
      if (!readerScope.startsWith(`${path}[`)) return undefined;
      return readerScope.slice(path.length + 1).split(']')[0];
    };
    let previousLoop: string | undefined;
    if (reference.previous) {
      let scope = '';
      for (const node of chain.slice(0, -1)) {
        const path = join(scope, node.segment);
        const instance = instanceAt(path);
        if (node.node.kind === 'loop_until' && instance !== undefined) previousLoop = path;
        scope = instance === undefined ? path : `${path}[${instance}]`;
      }
      if (previousLoop === undefined) return { type: 'absent' };
      if (instanceAt(previousLoop) === '1') return { type: 'first' };
    }
    let scopes = [''];
    let isMany = false;
    for (const node of chain) {
      const paths = scopes.map((scope) => join(scope, node.segment));
      if (node === plan) return { type: 'found', paths, isMany };
      let isKnown = paths.length === 0;
      scopes = paths.flatMap((path) => {
        const around = this.#entries.get(path);
        const mine = instanceAt(path);
        if (node.node.kind === 'loop_until') {
          const last = path === previousLoop ? Number(mine) - 1 : (mine ?? this.#lastOf(path));
          if (last === 0) return [];
          isKnown = true;
          // Behind the loop that `previous` goes back in, the reader is nowhere.
          return [`${path}[${last}]`];
        }
        if (node.node.kind !== 'expand') {
          isKnown = true;
          return [path];
        }
        if (mine !== undefined) {
          isKnown = true;
          return [`${path}[${mine}]`];
        }
        isMany = true;
        if (around === undefined || !Array.isArray(around.items)) return [];
        isKnown = true;
        return around.items.map(({ key }) => `${path}[${key}]`);
      });
      if (!isKnown) return { type: 'absent' };
    }
    return { type: 'absent' };
  }

  /** The last iteration of a loop in which anything has begun. */
  #lastOf(path: string): number {
    let last = 0;
    for (const [at, entry] of this.#entries) {
      if (!entry.begun || !at.startsWith(`${path}[`)) continue;
      last = Math.max(last, Number(at.slice(path.length + 1).split(']')[0]));
    }
    return last;
  }

  #valueAt(scope: string, reference: Reference): Json | undefined {
    const found = this.#targets(scope, reference);
    if (found.type !== 'found') return undefined;
    const value = found.isMany
      ? found.paths.map((path) => this.#value(path) ?? null)
      : this.#value(found.paths[0] ?? '');
    return digJson(value, reference.field ?? '');
  }

  /** The whole output of an ended node. */
  #value(path: string): Json | undefined {
    const entry = this.#entries.get(path);
    if (entry?.outcome === undefined) return undefined;
    if (entry.place.plan.node.kind === 'leaf') {
      return entry.content === undefined ? undefined : this.#contents.get(entry.content.digest);
    }
    const output = 'output' in entry.outcome ? entry.outcome.output : undefined;
    switch (output?.type) {
      case undefined:
      case 'none':
        return undefined;
      case 'node':
        return this.#value(output.path);
      case 'list':
        return output.items.map((at) => (at === null ? null : (this.#value(at) ?? null)));
      case 'record':
        return this.#values(output.entries);
      case 'value':
        if (output.parts === undefined && output.fruit === undefined) return output.value;
        return { winner: output.value, ...this.#values(output.parts ?? {}) };
    }
  }

  #values(entries: Readonly<Record<string, string>>): Readonly<Record<string, Json>> {
    return Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [name, this.#value(path) ?? null]),
    );
  }

  #holds(scope: string, predicate: Predicate): boolean {
    switch (predicate.op) {
      case 'all_of':
        return predicate.of.every((part) => this.#holds(scope, part));
      case 'any_of':
        return predicate.of.some((part) => this.#holds(scope, part));
      case 'negate':
        return !this.#holds(scope, predicate.of);
      case 'succeeded':
      case 'failed': {
        const found = this.#targets(scope, predicate);
        if (found.type !== 'found' || found.paths.length === 0) return false;
        const outcomes = found.paths.map((path) => this.#entries.get(path)?.outcome);
        return predicate.op === 'succeeded'
          ? outcomes.every(isGood)
          : outcomes.every((outcome) => outcome?.status === 'failed');
      }
      default: {
        const value = this.#valueAt(scope, predicate);
        if (value === undefined) return false;
        if (predicate.op === 'equals') return canonicalize(value) === canonicalize(predicate.value);
        if (typeof value !== 'number') return false;
        return predicate.op === 'at_least' ? value >= predicate.value : value <= predicate.value;
      }
    }
  }

  // Ends.

  #ends: string[] = [];

  #endOrder(path: string): number {
    return this.#ends.indexOf(path);
  }

  #settle(entry: Entry, outcome: Outcome): void {
    entry.outcome = outcome;
    entry.endedAt = this.#at;
    entry.begun = true;
    this.#ends.push(entry.place.path);
  }

  #finish(
    entry: Entry,
    outcome: Outcome,
    by: CancelReason,
    { losers = this.#leftBehind(entry), adopted }: Pick<Ended, 'losers' | 'adopted'> = {},
  ): void {
    const { path, plan } = entry.place;
    const unsettled = losers.filter((loser) => this.#isFlying(loser.path));
    for (const loser of losers) if (!unsettled.includes(loser)) this.#harvest(entry, loser);
    this.#owed = [...this.#owed, ...unsettled.map((loser) => ({ owner: entry, loser }))];
    this.#closeBelow(entry, by);
    this.#dropTimer(entry);
    if (entry.attempt === 0 && plan.node.kind === 'leaf') entry.startedAt = this.#at;
    this.#say({
      type: 'node.finished',
      path,
      outcome,
      ...(adopted === undefined ? {} : { adopted }),
      ...(unsettled.length === 0 ? {} : { unsettled }),
    });
    if (adopted !== undefined) this.#move(adopted.into, adopted.from.commit);
    if (plan.conflict !== undefined) this.#endConflict(entry, isGood(outcome));
    this.#settle(entry, outcome);
  }

  #closeBelow(entry: Entry, by: CancelReason): void {
    for (const other of [...this.#entries.values()].reverse()) {
      if (other === entry || other.outcome !== undefined) continue;
      if (within(other.place.path, entry.place.path)) this.#closeOne(other, by);
    }
  }

  #closeOne(entry: Entry, by: CancelReason): void {
    const { path, plan } = entry.place;
    if (this.#flights.has(path)) {
      this.#abort(entry, by);
    } else if (plan.node.kind === 'leaf' && entry.attempt === 0) {
      this.#entries.delete(path);
    } else {
      this.#dropTimer(entry);
      this.#say({ type: 'node.finished', path, outcome: { status: 'cancelled', by } });
      if (plan.conflict !== undefined) this.#endConflict(entry, false);
      this.#settle(entry, { status: 'cancelled', by });
    }
  }

  #abort(entry: Entry, by: CancelReason): void {
    const flight = this.#flights.get(entry.place.path);
    if (flight !== undefined) flight.aborted = true;
    this.#say({ type: 'leaf.aborted', path: entry.place.path, by });
    this.#settle(entry, { status: 'cancelled', by });
  }

  #dropTimer(entry: Entry): void {
    const { timer } = entry;
    if (timer === undefined) return;
    entry.timer = undefined;
    this.#say({ type: 'timer.cancelled', path: entry.place.path, timer });
  }

  /** Whose work goes into no output where nobody was chosen. */
  #leftBehind(entry: Entry): readonly Loser[] {
    const { node } = entry.place.plan;
    if (node.kind === 'tournament' || node.kind === 'pareto') {
      return this.#candidates(entry, node.candidates).map(({ name, path }) => ({ name, path }));
    }
    if (node.kind !== 'branch_set' && node.kind !== 'expand') return [];
    return [...this.#entries.values()]
      .filter(({ place: { parent, plan }, outcome }) => {
        const isBranch = plan.side === 'child' || plan.side === 'template';
        return parent?.path === entry.place.path && isBranch && !isGood(outcome);
      })
      .map(({ place: { plan, path, scope } }) => {
        const key = scope.slice(entry.place.path.length + 1, -1);
        return { name: node.kind === 'expand' ? key : plan.segment, path };
      })
      .sort((a, b) => this.#branchIndex(entry, a) - this.#branchIndex(entry, b));
  }

  #branchIndex({ place, items }: Entry, { name }: Loser): number {
    if (Array.isArray(items)) return items.findIndex(({ key }) => key === name);
    return place.plan.children.findIndex(({ segment }) => segment === name);
  }

  #isFlying(path: string): boolean {
    return [...this.#flights.keys()].some((leaf) => within(leaf, path));
  }

  /** A branch is harvested once by each node that it lost in, when nothing of it is in flight. */
  #harvest(owner: Entry, loser: Loser): void {
    const leaves = [...new Set(this.#leavesOf(owner, loser))];
    const { path } = owner.place;
    if (leaves.length > 0)
      this.#say({ type: 'branch.harvested', path: loser.path, leaves, owner: path });
  }

  #harvestOwed(): void {
    const due = this.#owed.filter(({ loser }) => !this.#isFlying(loser.path));
    this.#owed = this.#owed.filter((one) => !due.includes(one));
    for (const { owner, loser } of due) this.#harvest(owner, loser);
  }

  #end(): void {
    const root = this.#entries.get('');
    if (root?.outcome === undefined || this.#finished || this.#flights.size > 0) return;
    this.#finished = true;
    const totals = { leaves: 0, modelCalls: 0, reused: 0 } as never;
    this.#say({ type: 'run.finished', outcome: root.outcome, totals });
  }

  // Trees.

  #fork(place: Place): void {
    const { plan, path } = place;
    if (plan.node.isolation !== 'worktree' || this.#trees.has(path)) return;
    if (plan.side === 'harvest') {
      const from = this.#winnersCommit(place);
      if (from !== undefined) this.#trees.set(path, { from, at: from, touched: false });
      return;
    }
    const from = this.#trees.get(this.#treeKey(this.#entries.get(path)?.place, true))?.at;
    if (from !== undefined) this.#trees.set(path, { from, at: from, touched: false });
  }

  /** The nearest isolated node at or above, or above only. */
  #treeKey(place: Place | undefined, isAbove = false): string {
    let at = isAbove ? place?.parent : place;
    while (at?.parent !== undefined && at.plan.node.isolation !== 'worktree') at = at.parent;
    return at?.path ?? '';
  }

  #move(key: string, commit: string): void {
    const tree = this.#trees.get(key);
    const from = tree?.from ?? commit;
    this.#trees.set(key, { ...tree, from, at: commit, touched: true });
  }

  #undoMarks({ place: { plan, parent } }: Entry): void {
    const around = parent === undefined ? undefined : this.#entries.get(parent.path);
    const isMerge = plan.side === 'derived' && parent?.plan.conflict !== undefined;
    if (isMerge && around !== undefined) this.#endConflict(around, false);
  }

  #endConflict(entry: Entry, isResolved: boolean): void {
    const key = this.#treeKey(entry.place);
    const tree = this.#trees.get(key);
    if (tree?.before === undefined) return;
    const { before, ...rest } = tree;
    this.#trees.set(key, isResolved ? rest : { ...rest, at: before });
  }

  #adopt(entry: Entry, winner: Place, outcome: Ended): Ended {
    const tree = this.#trees.get(winner.path);
    if (winner.plan.node.isolation !== 'worktree' || tree?.touched !== true) return outcome;
    const into = this.#treeKey(entry.place);
    if (this.#trees.get(into)?.at !== tree.from) return fail('merge_conflict');
    return { ...outcome, adopted: { from: { key: winner.path, commit: tree.at }, into } };
  }

  // Admission.

  #fill(): void {
    while (!this.#paused && this.#stopped === undefined && !this.#finished) {
      const requests = this.#decided.filter(({ type }) => type === 'leaf.requested');
      if (requests.length === this.#atOnce) return;
      const found = this.#firstAdmitted();
      if (found === undefined) return;
      if (found.do === 'request') this.#request(found.entry, found.slice);
      else if (found.do === 'fail') {
        const failure: Failure = { kind: 'budget', message: '' };
        const scope = this.#entries.get(found.path) as Entry;
        this.#finish(scope, { status: 'failed', failure }, 'budget');
        this.#walk();
        this.#end();
      } else {
        this.#stopped = 'budget';
        this.#say({ type: 'run.stopped', because: 'budget' });
      }
    }
  }

  /** Looks at ready leaves as written; who waits holds those of its slot up that are under its budget. */
  #firstAdmitted(): Admitted | undefined {
    const waiting = { model: new Set<string>(), command: new Set<string>() };
    for (const entry of this.#ready()) {
      const slot = slotOf(entry.place.plan);
      if (this.#isBehind(entry.place, waiting[slot])) continue;
      const cut = this.#cut(entry);
      if ('slice' in cut) return { do: 'request', entry, slice: cut.slice };
      const { path, plan } = entry.place;
      if (!cut.isBack && plan.side === 'harvest') return { do: 'fail', path };
      if (!cut.isBack && cut.path !== '') return { do: 'fail', path: cut.path };
      waiting[slot].add(cut.path);
    }
    const isStuck = waiting.model.has('') || waiting.command.has('');
    return isStuck && this.#flights.size === 0 ? { do: 'stop' } : undefined;
  }

  #isBehind(place: Place, waiting: ReadonlySet<string>): boolean {
    for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
      if (waiting.has(at.path)) return true;
    }
    return false;
  }

  #flying(slot: Slot): number {
    const paths = [...this.#flights.keys()];
    return paths.filter((path) => slotOf(this.#entries.get(path)?.place.plan as PlanNode) === slot)
      .length;
  }

  #ready(): readonly Entry[] {
    const free = (slot: Slot): boolean => this.#flying(slot) < this.#limits[slot];
    return [...this.#entries.values()]
      .filter(({ place, outcome, stage }) => {
        const isLeaf = place.plan.node.kind === 'leaf' && outcome === undefined;
        return isLeaf && stage === 'ready' && free(slotOf(place.plan));
      })
      .sort((a, b) => compareLists(this.#written(a.place), this.#written(b.place)));
  }

  /** The part of every budget around it that a leaf gets; the innermost that is too small. */
  #cut(entry: Entry): Cut {
    const slice: { -readonly [K in keyof Slice]: number } = {};
    let late: Cut | undefined;
    const need = this.#need(entry);
    const own = entry.place.plan.node.budget ?? {};
    for (let at: Place | undefined = entry.place; at !== undefined; at = at.parent) {
      const { budget: declared } = at.plan.node;
      if (declared === undefined) continue;
      const budget = at.path === '' ? { ...declared, ...this.#raised } : declared;
      const spent = this.#spent(at.path);
      const flights = [...this.#flights.values()].filter(({ path }) => within(path, at.path));
      const gone = { path: at.path, isBack: false };
      if (spent.leaves >= (budget.maxLeaves ?? Infinity)) return gone;
      const sharers = this.#sharers(entry, at, flights.length);
      for (const name of ['tokens', 'cost', 'steps'] as const) {
        const ceiling = budget[CEILINGS[name]];
        if (ceiling === undefined || need[name] === 0) continue;
        const held = flights.reduce((sum, { slice: of, used }) => {
          return sum + Math.max(0, (of[SLICED[name]] ?? 0) - used[name]);
        }, 0);
        const free = ceiling - spent[name] - held;
        if (free < need[name]) return { ...gone, isBack: flights.length > 0 };
        const hasOwn = own[CEILINGS[name]] !== undefined && need.most[name] === undefined;
        const isOwn = at === entry.place || hasOwn;
        const share = Math.max(need[name], Math.floor(free / sharers), need.again[name]);
        const wanted = isOwn ? free : (need.most[name] ?? share);
        const key = SLICED[name];
        slice[key] = Math.min(slice[key] ?? free, free, wanted);
      }
      const { maxMs } = budget;
      if (maxMs === undefined) continue;
      const active = this.#activeSince(at);
      slice.ms = Math.min(slice.ms ?? maxMs, maxMs - active);
      if (active >= maxMs) late ??= gone;
    }
    return late ?? { slice };
  }

  #sharers({ place }: Entry, at: Place, flying: number): number {
    const slot = slotOf(place.plan);
    const beside = Math.min(this.#limits[slot] - this.#flying(slot), widthOf(at.plan) - flying);
    return Math.max(1, beside) + 1;
  }

  #activeSince({ path }: Place): number {
    const entry = this.#entries.get(path);
    return entry?.begun === true ? this.#activeMs - entry.startedActiveMs : 0;
  }

  #need({ place, short }: Entry): Need {
    const { task, modelPolicy, output } = place.plan.node as LeafNode;
    const steps = Math.max(1, short.steps ?? 0);
    const again = { tokens: 0, cost: 0, steps: 0 };
    const asks = ['model', 'agent', 'external', 'rlm'].includes(task.type);
    if (!asks) return { tokens: 0, cost: 0, steps, most: { steps }, again };
    const text = JSON.stringify(task);
    const bytes =
      512 +
      Buffer.byteLength(text) +
      (output === undefined ? 0 : Math.min(32_768, Buffer.byteLength(JSON.stringify(output)))) +
      (text.includes('params.') ? 2 : 0) +
      this.#inputBytes(place) +
      (text.includes('item') ? this.#itemBytes(place) : 0);
    const answer = modelPolicy.maxOutputTokens ?? 8192;
    const tokens = Math.max(Math.ceil(bytes / 4) + answer, short.tokens ?? 0);
    const cost = Math.max(1, short.costMicroUsd ?? 0);
    if (task.type === 'model') {
      const most = { tokens, steps: Math.max(steps, 3) };
      return {
        tokens,
        cost,
        steps,

        most,
        again: { ...again, cost: 2 * (short.costMicroUsd ?? 0) },
      };
    }
    const { tokens: t = 0, costMicroUsd: c = 0, steps: s = 0 } = short;
    return {
      tokens,
      cost,
      steps,
      most: {},
      again: { tokens: 2 * t, cost: 2 * c, steps: 2 * s },
    };
  }

  #inputBytes(place: Place): number {
    const { inputs } = place.plan.node as LeafNode;
    if (place.plan.side === 'derived' && place.path.endsWith(']')) {
      const pair = this.#pairAt(place);
      return pair.reduce((sum, path) => sum + this.#outputBytes(path, true), 0);
    }
    let bytes = 0;
    for (const input of Object.values(inputs)) {
      const found = this.#targets(place.scope, input);
      if (found.type !== 'found') continue;
      const { optional = false, as } = input;
      const given = found.paths.map((path) => this.#outputBytes(path, optional));
      const sum = given.reduce((all, one) => all + one, 0);
      bytes += as === 'subtree' && !found.isMany ? 32_768 : Math.min(32_768, sum);
    }
    return bytes;
  }

  /** The candidates that the judge of a pair looks at. */
  #pairAt(place: Place): readonly string[] {
    const around = this.#entries.get(place.parent?.path ?? '') as Entry;
    const node = around.place.plan.node as NodeOf<'tournament'>;
    const all = this.#candidates(around, node.candidates);
    for (const [index, a] of all.entries()) {
      for (const b of all.slice(index + 1)) {
        const places = this.#pairPlaces(around, a, b);
        if (places.some(({ path }) => path === place.path)) return [a.path, b.path];
      }
    }
    return [];
  }

  #outputBytes(path: string, evenFailed: boolean): number {
    const entry = this.#entries.get(path);
    const isGiven = isGood(entry?.outcome) || (evenFailed && entry?.content !== undefined);
    if (!isGiven) return 0;
    if (entry?.place.plan.node.kind !== 'leaf') return 32_768;
    return Math.min(32_768, entry.content?.bytes ?? 0);
  }

  /** Of the innermost expand around a leaf. */
  #itemBytes(place: Place): number {
    for (let at: Place | undefined = place; at?.parent !== undefined; at = at.parent) {
      const { node } = at.parent.plan;
      if (node.kind !== 'expand' || at.plan.side !== 'template') continue;
      const items = this.#entries.get(at.parent.path)?.items;
      const list = this.#valueAt(at.parent.scope, node.source) as readonly Json[];
      const key = at.scope.slice(at.parent.path.length + 1, -1);
      const index = Array.isArray(items) ? items.findIndex((item) => item.key === key) : -1;
      return Math.min(32_768, Buffer.byteLength(JSON.stringify(list[index])));
    }
    return 0;
  }

  /** Where a node stands as written: from the root, each time the instance, then the place. */
  #written(place: Place): readonly number[] {
    const above = place.parent === undefined ? [] : this.#written(place.parent);
    return [...above, this.#instance(place), place.plan.order];
  }

  #instance({ scope, path, plan, parent }: Place): number {
    if (parent === undefined) return 0;
    const around = this.#entries.get(parent.path);
    const instance = scope.slice(parent.path.length + 1, -1);
    if (parent.plan.node.kind === 'loop_until') return Number(instance);
    if (plan.side === 'template') {
      const items = around?.items;
      return Array.isArray(items) ? items.findIndex(({ key }) => key === instance) : 0;
    }
    if (plan.side === 'harvest') {
      const losers = around?.verdict?.losers ?? [];
      const left = losers.filter(({ path: loser }) => this.#trees.get(loser)?.touched === true);
      const paths = new Set(left.map(({ path: loser }) => loser));
      const index = left.findIndex(
        ({ name }) => around !== undefined && this.#harvestPlace(around, name).path === path,
      );
      return [...paths].indexOf(left[index]?.path ?? '');
    }
    if (parent.plan.node.kind === 'tournament' && path.endsWith(']') && around !== undefined) {
      const eligible = this.#candidates(around, parent.plan.node.candidates).filter(({ outcome }) =>
        isGood(outcome),
      );
      const pairs = eligible.flatMap((a, index) =>
        eligible
          .slice(index + 1)
          .flatMap((b) => this.#pairPlaces(around, a, b).map((one) => one.path)),
      );
      return pairs.indexOf(path);
    }
    return 0;
  }

  #spent(node: string) {
    const spent = { leaves: 0, steps: 0, cost: 0, tokens: 0, lines: 0 };
    for (const use of this.#uses) {
      if (!within(use.path, node)) continue;
      spent.leaves += use.leaves ?? 0;
      spent.steps += use.steps ?? 0;
      spent.cost += use.cost ?? 0;
      spent.tokens += use.tokens ?? 0;
      spent.lines += use.lines ?? 0;
    }
    return spent;
  }

  #request(entry: Entry, slice: Slice): void {
    const { place } = entry;
    const { path, plan } = place;
    if (entry.attempt === 0) {
      entry.startedAt = this.#at;
      entry.startedActiveMs = this.#activeMs;
      entry.begun = true;
      this.#fork(place);
    }
    entry.attempt += 1;
    entry.stage = 'requested';
    const used = { tokens: 0, cost: 0, steps: 0 };
    this.#flights.set(path, { path, attempt: entry.attempt, aborted: false, slice, used });
    this.#uses.push({ path, leaves: 1 });
    const { type } = (plan.node as LeafNode).task;
    const key = this.#treeKey(place);
    const isHarvest = plan.side === 'harvest';
    const commit = isHarvest ? this.#winnersCommit(place) : this.#trees.get(key)?.at;
    const inTree = ['command', 'search', 'agent', 'external', 'merge', 'harvest'];
    const needs = inTree.includes(type);
    const tree = needs && commit !== undefined ? { tree: { key, commit } } : {};
    this.#say({ type: 'leaf.requested', path, attempt: entry.attempt, slice, digest: '', ...tree });
  }
}

type Ended = Outcome & {
  readonly losers?: Verdict['losers'] | undefined;
  readonly adopted?: Extract<Decision, { readonly type: 'node.finished' }>['adopted'];
};

interface Candidate {
  readonly path: string;
  readonly name: string;
  readonly judgedAs: string;
  readonly outcome: Outcome | undefined;
}

type Targets =
  | { readonly type: 'found'; readonly paths: readonly string[]; readonly isMany: boolean }
  /** `previous` in the first iteration. */
  | { readonly type: 'first' }
  | { readonly type: 'absent' };

const fail = (kind: FailureKind): Ended => ({ status: 'failed', failure: { kind, message: '' } });

function like(outcome: Outcome): Ended {
  if (outcome.status === 'skipped') return outcome;
  if (outcome.status === 'cancelled') return { status: 'cancelled', by: outcome.by };
  return fail(outcome.status === 'failed' ? outcome.failure.kind : 'internal');
}

function slotOf({ node }: PlanNode): 'model' | 'command' {
  const type = node.kind === 'leaf' ? node.task.type : 'model';
  return ['command', 'search', 'merge', 'harvest'].includes(type) ? 'command' : 'model';
}

const encodeName = (name: string): string =>
  name.replace(/[%,/[\]]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

function digJson(value: Json | undefined, field: string): Json | undefined {
  let found = value;
  for (const step of field === '' ? [] : field.split('.')) {
    if (Array.isArray(found)) found = /^\d+$/.test(step) ? found[Number(step)] : undefined;
    else found = isJsonObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index] ?? -1;
    if (one !== other) return one - other;
  }
  return a.length - b.length;
}
