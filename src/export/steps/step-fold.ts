/**
 * The steps of a run, folded from its events in one pass: the run, a row for each control node, for each
 * attempt of a leaf, each sending of a model call, each tool call and each decision.
 */
import type { Json } from '../../base/json.ts';
import { outputValue, valueAtAddress } from '../../engine/outputs.ts';
import { apply } from '../../trace/apply.ts';
import type { EventBody, TraceEvent } from '../../trace/events.ts';
import type { Outcome, OutputRef } from '../../trace/outcome.ts';
import { emptyRunState, planIn, type RunState, settledAt } from '../../trace/run-state.ts';
import { instanceOf, type NodePath, parentPath } from '../../workflow/node-path.ts';
import { type PlanNode, planNodeAt } from '../../workflow/plan.ts';
import { joinArgv, type LeafTask } from '../../workflow/task.ts';
import { toIsoTime } from '../iso-time.ts';
import type { Approval, Artifact, Score, Step, StepKind } from '../run-trace.ts';
import { type Contents, NOTHING, type Shown } from './contents.ts';
import {
  condRuling,
  DECIDING,
  expandRuling,
  loopEndRuling,
  type Ruling,
  rulingOf,
} from './control.ts';
import type { Draft, MutableStep } from './draft.ts';
import { describeLeafEnd, describeTask } from './leaf-attempt.ts';
import { describeCall, describeUnknownUsage, lastUserText } from './model-call.ts';
import { placeOf } from './place.ts';
import { ruleOfEvent } from './steering.ts';
import { stepId } from './step-id.ts';

export interface FoldedSteps {
  readonly steps: readonly Step[];
  readonly state: RunState;
  readonly approvals: readonly Approval[];
  readonly scores: readonly Score[];
  readonly artifacts: readonly Artifact[];
  /** Versions and host of the last driver. */
  readonly driver: EventOf<'run.driven'> | undefined;
  readonly drivers: number;
}

type EventOf<T extends EventBody['type']> = Extract<EventBody, { readonly type: T }>;
type Handlers = { readonly [T in EventBody['type']]?: (event: EventOf<T>, at: number) => void };
type MutableApproval = { -readonly [K in keyof Approval]: Approval[K] };

/** Folds a whole run. Linear in its events and in what they hold. */
export function foldSteps(
  run: string,
  events: readonly TraceEvent[],
  contents: Contents,
): FoldedSteps {
  const fold = new StepFold(run, contents);
  for (const event of events) fold.visit(event);
  return fold.result();
}

class StepFold {
  readonly #run: string;
  readonly #contents: Contents;
  readonly #state = emptyRunState();
  readonly #drafts: Draft[] = [];
  readonly #nodes = new Map<NodePath, Draft>();
  readonly #attempts = new Map<string, Draft>();
  readonly #calls = new Map<string, Draft>();
  /** Answered calls that were sent, by the digest of their request. */
  readonly #answered = new Map<string, Draft>();
  readonly #counters = new Map<string, number>();
  readonly #loops = new Map<NodePath, number>();
  readonly #asked = new Set<NodePath>();
  readonly #approvals = new Map<NodePath, MutableApproval>();
  readonly #scores: Score[] = [];
  readonly #artifacts: Artifact[] = [];
  readonly #links: { readonly draft: Draft; readonly ruling: Ruling }[] = [];
  #driver: EventOf<'run.driven'> | undefined;
  #drivers = 0;
  #clock = 0;

  constructor(run: string, contents: Contents) {
    this.#run = run;
    this.#contents = contents;
  }

  visit(event: TraceEvent): void {
    apply(this.#state, event, event.at);
    this.#state.seq = event.seq;
    this.#clock = Math.max(this.#clock, event.at);
    const handler = this.#handlers[event.type] as
      | ((event: EventBody, at: number) => void)
      | undefined;
    handler?.(event, event.at);
    const ruling = ruleOfEvent(event);
    if (ruling !== undefined) this.#decide('path' in event ? event.path : '', ruling, event.at);
  }

  result(): FoldedSteps {
    for (const { draft, ruling } of this.#links) this.#link(draft, ruling);
    const ordered = this.#drafts
      .map((draft, index) => ({ draft, index }))
      .sort((a, b) => a.draft.order - b.draft.order || a.index - b.index);
    for (const [seq, { draft }] of ordered.entries()) draft.step.seq = seq;
    return {
      steps: ordered.map(({ draft }) => draft.step),
      state: this.#state,
      approvals: [...this.#approvals.values()],
      scores: this.#scores,
      artifacts: this.#artifacts,
      driver: this.#driver,
      drivers: this.#drivers,
    };
  }

  readonly #handlers: Handlers = {
    'run.started': (event, at) => {
      const { root } = planIn(this.#state);
      const draft = this.#open('run', root, '', at);
      draft.step.node = event.spec.id;
      draft.step.name = event.name ?? event.spec.id;
      draft.step.group = event.group ?? null;
      setInput(draft.step, this.#contents.showValue(event.params));
      this.#nodes.set('', draft);
    },
    'run.driven': (event) => {
      this.#driver = event;
      this.#drivers += 1;
    },
    'node.started': (event, at) => this.#startNode(event.path, at),
    'node.finished': (event, at) => this.#finishNode(event.path, event.outcome, at),
    'run.finished': (event, at) => {
      const draft = this.#nodes.get('');
      if (draft !== undefined) this.#close(draft, event.outcome, at);
    },
    'leaf.requested': (event, at) => this.#requestLeaf(event, at),
    'leaf.started': (event, at) => {
      const draft = this.#attempts.get(`${event.path}#${event.attempt}`);
      if (draft === undefined) return;
      const { step } = draft;
      step.queue_ms = Math.max(0, at - draft.startedAt);
      step.sandbox = event.sandbox ?? null;
      step.tree = event.tree ?? step.tree ?? null;
      draft.startedAt = at;
      draft.order = this.#clock;
      step.started_at = toIsoTime(at);
      if (event.route !== undefined) {
        step.attributes = { ...step.attributes, route: { ...event.route } };
      }
    },
    'leaf.aborted': (event) => {
      const attempt = this.#state.nodes.get(event.path)?.attempt ?? 0;
      const draft = this.#attempts.get(`${event.path}#${attempt}`);
      if (draft === undefined) return;
      draft.isAborted = true;
      draft.step.attributes = { ...draft.step.attributes, aborted_by: event.by };
    },
    'leaf.lost': (event, at) => {
      const draft = this.#attempts.get(`${event.path}#${event.attempt}`);
      if (draft === undefined) return;
      const message = event.maybeRepeated
        ? 'lost with its driver, maybe repeated'
        : 'lost with its driver';
      this.#end(draft, draft.isAborted ? 'cancelled' : 'failed', at);
      draft.step.error = { type: 'lost', message };
      this.#loseCalls(draft, at);
    },
    'leaf.finished': (event, at) => {
      const draft = this.#attempts.get(`${event.path}#${event.attempt}`);
      if (draft === undefined) return;
      const isCancelled = draft.isAborted || event.late === true;
      this.#end(draft, isCancelled ? 'cancelled' : event.result.status, at);
      const task = this.#taskAt(event.path);
      const made = describeLeafEnd(draft.step, event, { task, contents: this.#contents });
      this.#artifacts.push(...made);
      this.#loseCalls(draft, at);
    },
    'model.requested': (event, at) => {
      const parent = this.#attempts.get(`${event.path}#${event.attempt}`);
      const draft = this.#openCall(event, parent, at);
      describeUnknownUsage(draft.step);
      draft.step.call_key = this.#contents.hash(event.digest);
      const { costMicroUsd, tokens } = event.reserved;
      draft.step.attributes = { reserved_cost_microusd: costMicroUsd, reserved_tokens: tokens };
      parent?.open.add(draft);
    },
    'model.called': (event, at) => this.#finishCall(event, at),
    'tool.called': (event, at) => {
      const parent = this.#attempts.get(`${event.path}#${event.attempt}`);
      const draft = this.#openBelow('tool_call', event, {
        parent,
        name: event.tool,
        at: at - event.latencyMs,
      });
      const { step } = draft;
      const contents = this.#contents;
      setInput(step, contents.showRef(event.input));
      setOutput(step, contents.showRef(event.output));
      if (parent !== undefined && parent.step.input === null) setInput(parent.step, shownOf(step));
      step.tool = {
        name: event.tool,
        exit_code: event.exitCode ?? null,
        input_blob: contents.blob(event.input),
        output_blob: contents.blob(event.output),
      };
      this.#end(draft, event.failure === undefined ? 'succeeded' : 'failed', at);
      step.error = this.#error(event.failure);
    },
    'approval.requested': (event, at) => {
      const step_id = this.#nodes.get(event.path)?.step.id ?? '';
      const message = this.#contents.say(event.message);
      const open = { answered_at: null, approved: null, by: null, reason: null };
      const asked_at = toIsoTime(at);
      this.#approvals.set(event.path, { path: event.path, step_id, message, asked_at, ...open });
    },
  };

  #startNode(path: NodePath, at: number): void {
    const plan = this.#planAt(path);
    if (plan === undefined) return;
    this.#noteChild(plan, path, at);
    const isDeciding = DECIDING[plan.node.kind];
    const draft = this.#open(isDeciding ? 'control' : 'branch', plan, path, at);
    this.#nodes.set(path, draft);
    if (isDeciding) this.#setControl(draft, rulingOf(this.#state, plan, path, undefined));
    if (plan.node.kind === 'approve')
      setInput(draft.step, this.#contents.showText(plan.node.message));
    if (plan.node.kind === 'expand') this.#decide(path, expandRuling(this.#state, plan, path), at);
  }

  #finishNode(path: NodePath, outcome: Outcome, at: number): void {
    const plan = this.#planAt(path);
    if (plan === undefined || path === '') return;
    if (plan.node.kind === 'leaf') {
      this.#finishLeaf(plan, path, outcome, at);
      return;
    }
    const draft = this.#nodes.get(path);
    if (draft === undefined) return;
    this.#decideEnd(plan, path, outcome, at);
    this.#close(draft, outcome, at);
    if (!DECIDING[plan.node.kind]) return;
    const ruling = rulingOf(this.#state, plan, path, outcome);
    this.#setControl(draft, ruling);
    this.#score(draft, plan, ruling, at);
    this.#answerApproval(path, outcome, at);
  }

  /** A leaf that never began, or ended between its attempts. */
  #finishLeaf(plan: PlanNode, path: NodePath, outcome: Outcome, at: number): void {
    if (this.#nodes.has(path)) return;
    this.#noteChild(plan, path, at);
    const draft = this.#open('leaf', plan, path, at);
    describeTask(draft.step, plan);
    this.#nodes.set(path, draft);
    this.#close(draft, outcome, at);
  }

  #requestLeaf(event: EventOf<'leaf.requested'>, at: number): void {
    const { path, attempt } = event;
    const plan = this.#planAt(path);
    if (plan?.node.kind !== 'leaf') return;
    this.#noteChild(plan, path, at);
    const before = this.#nodes.get(path);
    const draft = this.#open('leaf', plan, path, at, attempt);
    const { step } = draft;
    describeTask(step, plan);
    step.work_key = this.#contents.level === 'metadata' ? null : event.digest;
    if (event.tree !== undefined) step.tree = event.tree;
    if (before !== undefined) step.links = [{ type: 'retry_of', step_id: before.step.id }];
    setInput(step, this.#contents.showValue(this.#inputsOf(event, plan.node.task)));
    this.#nodes.set(path, draft);
    this.#attempts.set(`${path}#${attempt}`, draft);
  }

  /** The resolved inputs by name, or what the task says where there are none. */
  #inputsOf({ inputs }: EventOf<'leaf.requested'>, task: LeafTask): Json {
    const entries = Object.entries(inputs ?? {});
    if (entries.length === 0) return taskText(task);
    const read = (ref: Parameters<Contents['read']>[0]): Uint8Array => this.#contents.read(ref);
    return Object.fromEntries(
      entries.map(([name, address]) => [name, valueAtAddress(this.#state, address, read)]),
    );
  }

  #openCall(
    event: EventOf<'model.requested'> | EventOf<'model.called'>,
    parent: Draft | undefined,
    at: number,
  ): Draft {
    const nth = `${event.call}.${event.try}`;
    const draft = this.#openBelow('model_call', event, {
      parent,
      name: event.route.model,
      at,
      nth,
    });
    draft.step.model = event.route.model;
    draft.step.provider = event.route.provider;
    draft.step.call = event.call;
    draft.step.try = event.try;
    this.#calls.set(`${event.path}#${event.attempt}/${nth}`, draft);
    return draft;
  }

  #finishCall(event: EventOf<'model.called'>, at: number): void {
    const key = `${event.path}#${event.attempt}/${event.call}.${event.try}`;
    const parent = this.#attempts.get(`${event.path}#${event.attempt}`);
    const draft = this.#calls.get(key) ?? this.#openCall(event, parent, at - event.latencyMs);
    const { step } = draft;
    parent?.open.delete(draft);
    describeCall(step, event, this.#contents);
    const isPrompt = event.call === 1 && event.try === 1;
    if (parent !== undefined && isPrompt) {
      const prompt = this.#contents.showValue(lastUserText(this.#contents.json(event.request)));
      if (prompt.meta !== null) setInput(parent.step, prompt);
    }
    this.#end(draft, event.failure === undefined ? 'succeeded' : 'failed', at);
    step.error = this.#error(event.failure);
    this.#noteMemo(draft, event);
  }

  #noteMemo({ step, ...draft }: Draft, event: EventOf<'model.called'>): void {
    const isSaved = event.memo === 'hit' || event.memo === 'joined';
    const source = isSaved ? this.#answered.get(event.request.digest)?.step : undefined;
    const plan = this.#planAt(event.path);
    const { tokens } = source ?? {};
    step.memo_status = 'recorded';
    step.memo = {
      outcome: event.memo,
      key: this.#contents.hash(event.request.digest),
      scope: plan?.node.kind === 'leaf' ? plan.node.memo : 'run',
      source_step_id: source?.id ?? null,
      saved_tokens: tokens == null ? null : tokens.input + tokens.output,
      saved_cost_microusd: source?.cost_microusd ?? null,
    };
    if (source !== undefined) step.links = [{ type: 'memo_source', step_id: source.id }];
    const isAnswer = !isSaved && event.response !== undefined;
    if (isAnswer) this.#answered.set(event.request.digest, { step, ...draft });
  }

  /** Calls that were sent and whose answer never came into the record. */
  #loseCalls(attempt: Draft, at: number): void {
    for (const call of attempt.open) {
      this.#end(call, 'failed', at);
      call.step.error = { type: 'lost', message: 'no answer was recorded' };
    }
    attempt.open.clear();
  }

  #noteChild(plan: PlanNode, path: NodePath, at: number): void {
    const { parent } = plan;
    const around = parentPath(path);
    if (parent?.node.kind === 'loop_until') {
      const iteration = Number(instanceOf(path) ?? 0);
      const last = this.#loops.get(around) ?? 0;
      if (iteration <= last) return;
      this.#loops.set(around, iteration);
      if (last === 0) return;
      const reason = JSON.stringify(parent.node.until);
      this.#decide(around, { type: 'loop_until', decision: 'again', reason }, at, last);
    }
    if (parent?.node.kind !== 'cond' || plan.side === 'derived' || this.#asked.has(around)) return;
    this.#asked.add(around);
    const reason = JSON.stringify(parent.node.test);
    this.#decide(around, { type: 'cond', decision: plan.side, reason }, at);
  }

  #decideEnd(plan: PlanNode, path: NodePath, outcome: Outcome, at: number): void {
    const { node } = plan;
    if (node.kind === 'cond' && !this.#asked.has(path) && isGood(outcome)) {
      const ruling = condRuling(this.#state, plan, path);
      if (ruling !== undefined) this.#decide(path, ruling, at);
    }
    if (node.kind === 'loop_until') {
      const iteration = this.#loops.get(path) ?? 0;
      const ruling = loopEndRuling(this.#state, plan, path, { iteration, outcome });
      if (ruling !== undefined) this.#decide(path, ruling, at, iteration);
    }
    if (node.kind === 'branch_set' && node.join === 'first_success' && isGood(outcome)) {
      if (outcome.output?.type !== 'node') return;
      const winner = outcome.output.path;
      const links = [{ type: 'winner', path: winner }];
      this.#decide(path, { type: 'first_success', decision: 'winner', winner, links }, at);
    }
  }

  #decide(path: NodePath, ruling: Ruling, at: number, iteration?: number): void {
    const plan = this.#planAt(path);
    if (plan === undefined) return;
    const parent = this.#nodes.get(path);
    const draft = this.#openBelow(
      'control',
      { path, attempt: null },
      {
        parent,
        name: ruling.type,
        at,
        nth: `${ruling.type} ${this.#next(`${path} ${ruling.type}`)}`,
      },
    );
    if (iteration !== undefined) draft.step.iteration = iteration;
    this.#setControl(draft, ruling);
    this.#end(draft, 'succeeded', at);
  }

  #setControl(draft: Draft, { links: _links, ...ruling }: Ruling): void {
    const { reason, ...rest } = ruling;
    draft.step.control = { ...rest, reason: this.#contents.say(reason) };
    if (_links !== undefined) this.#links.push({ draft, ruling: { ...ruling, links: _links } });
  }

  /** Steps of candidates are known only when all are folded. */
  #link(draft: Draft, { links }: Ruling): void {
    const found = (links ?? []).map(({ type, path }) => {
      const id = this.#nodes.get(path)?.step.id;
      return { type, path, ...(id === undefined ? {} : { step_id: id }) };
    });
    draft.step.links = [...(draft.step.links ?? []), ...found];
  }

  #score(draft: Draft, plan: PlanNode, ruling: Ruling, at: number): void {
    if (plan.node.kind !== 'tournament') return;
    const { by } = plan.node.rank;
    const kind = by === 'judge' || by === 'pairwise' ? 'llm' : 'code';
    const scorer = { kind, name: draft.step.path } as const;
    for (const { path } of ruling.links ?? []) {
      const target = this.#nodes.get(path)?.step.id;
      const name = candidateName(ruling, path);
      const value = name === undefined ? undefined : ruling.scores?.[name];
      if (target === undefined || typeof value !== 'number') continue;
      const label = name === ruling.winner ? 'winner' : null;
      this.#scores.push({
        name: by,
        value,
        label,
        explanation: label === null ? null : this.#contents.say(ruling.reason),
        target,
        scorer,
        at: toIsoTime(at),
      });
    }
  }

  #answerApproval(path: NodePath, outcome: Outcome, at: number): void {
    const approval = this.#approvals.get(path);
    const output = 'output' in outcome ? outcome.output : undefined;
    if (approval === undefined || output?.type !== 'value') return;
    const { approved, by, reason } = output.value as Readonly<Record<string, Json>>;
    approval.answered_at = toIsoTime(at);
    approval.approved = approved === true;
    approval.by = typeof by === 'string' ? by : null;
    approval.reason = typeof reason === 'string' ? this.#contents.say(reason) : null;
  }

  #open(kind: StepKind, plan: PlanNode, path: NodePath, at: number, attempt?: number): Draft {
    const parent = path === '' ? undefined : this.#nodes.get(parentPath(path));
    const address = attempt === undefined ? path : `${path}#${attempt}`;
    const step: MutableStep = {
      id: stepId(this.#run, kind, address),
      seq: 0,
      parent_id: parent?.step.id ?? null,
      kind,
      node: plan.node.id,
      name: plan.node.label ?? plan.segment,
      path,
      ...placeOf(plan, path),
      attempt: attempt ?? null,
      status: 'running',
      error: null,
      started_at: toIsoTime(at),
      ended_at: null,
      duration_ms: null,
      input: null,
      input_meta: null,
      output: null,
      output_meta: null,
    };
    return this.#add({ step, parent, at });
  }

  /** A step inside of a leaf attempt or of a control node. */
  #openBelow(
    kind: StepKind,
    { path, attempt }: { readonly path: NodePath; readonly attempt: number | null },
    own: {
      readonly parent: Draft | undefined;
      readonly name: string;
      readonly at: number;
      readonly nth?: string;
    },
  ): Draft {
    const plan = this.#planAt(path);
    const address = attempt === null ? path : `${path}#${attempt}`;
    const nth = own.nth ?? String(this.#next(`${kind} ${address}`));
    const at = Math.max(own.at, own.parent?.startedAt ?? own.at);
    const step: MutableStep = {
      id: stepId(this.#run, kind, address, nth),
      seq: 0,
      parent_id: own.parent?.step.id ?? this.#nodes.get('')?.step.id ?? null,
      kind,
      node: path === '' ? (this.#nodes.get('')?.step.node ?? '') : (plan?.node.id ?? path),
      name: own.name,
      path,
      ...(plan === undefined ? { branch: null, iteration: null } : placeOf(plan, path)),
      attempt,
      status: 'running',
      error: null,
      started_at: toIsoTime(at),
      ended_at: null,
      duration_ms: null,
      input: null,
      input_meta: null,
      output: null,
      output_meta: null,
    };
    const before = Math.max(0, this.#state.at - at);
    return this.#add({ step, parent: own.parent, at, before });
  }

  #add(begun: {
    readonly step: MutableStep;
    readonly parent: Draft | undefined;
    readonly at: number;
    /** Milliseconds before the present event at which it started. */
    readonly before?: number;
  }): Draft {
    const order = Math.max(this.#clock - (begun.before ?? 0), begun.parent?.order ?? 0);
    const draft: Draft = {
      step: begun.step,
      parent: begun.parent,
      startedAt: begun.at,
      order,
      open: new Set(),
      isAborted: false,
    };
    this.#drafts.push(draft);
    return draft;
  }

  /** Ends a control node, the run, or a leaf that never began. */
  #close(draft: Draft, outcome: Outcome, at: number): void {
    this.#end(draft, outcome.status, at);
    const { step } = draft;
    if (outcome.status === 'failed') step.error = this.#error(outcome.failure);
    if (outcome.status === 'skipped') step.attributes = { because: outcome.because };
    if (outcome.status === 'cancelled') step.attributes = { by: outcome.by };
    if ('output' in outcome) setOutput(step, this.#showOutput(outcome.output));
  }

  #end(draft: Draft, status: Step['status'], at: number): void {
    draft.step.status = status;
    draft.step.ended_at = toIsoTime(at);
    draft.step.duration_ms = Math.max(0, at - draft.startedAt);
  }

  /** One leaf’s output stays the content that it is; what is put together becomes a text. */
  #showOutput(output: OutputRef | undefined): Shown {
    if (output === undefined || output.type === 'none') return NOTHING;
    if (output.type === 'node') {
      const settled = settledAt(this.#state, output.path);
      if (settled?.content !== undefined) return this.#contents.showRef(settled.content);
      return this.#showOutput(settled?.output);
    }
    return this.#contents.showValue(refValue(this.#state, output, this.#contents));
  }

  #error(failure: { readonly kind: string; readonly message: string } | undefined): Step['error'] {
    if (failure === undefined) return null;
    return { type: failure.kind, message: this.#contents.say(failure.message) };
  }

  #planAt(path: NodePath): PlanNode | undefined {
    return planNodeAt(planIn(this.#state), path);
  }

  #taskAt(path: NodePath): LeafTask | undefined {
    const node = this.#planAt(path)?.node;
    return node?.kind === 'leaf' ? node.task : undefined;
  }

  #next(name: string): number {
    const next = (this.#counters.get(name) ?? 0) + 1;
    this.#counters.set(name, next);
    return next;
  }
}

const isGood = (
  outcome: Outcome,
): outcome is Extract<Outcome, { readonly status: 'succeeded' | 'degraded' }> =>
  outcome.status === 'succeeded' || outcome.status === 'degraded';

const shownOf = (step: MutableStep): Shown => ({ text: step.input, meta: step.input_meta });

function setInput(step: MutableStep, { text, meta }: Shown): void {
  step.input = text;
  step.input_meta = meta;
}

function setOutput(step: MutableStep, { text, meta }: Shown): void {
  step.output = text;
  step.output_meta = meta;
}

function candidateName(ruling: Ruling, path: NodePath): string | undefined {
  const index = ruling.links?.findIndex((link) => link.path === path) ?? -1;
  return ruling.candidates?.[index];
}

/** What a leaf without inputs is asked. */
function taskText(task: LeafTask): string | null {
  switch (task.type) {
    case 'model':
    case 'agent':
    case 'external':
    case 'rlm':
      return task.prompt;
    case 'command':
      return joinArgv(task.argv);
    case 'search':
      return task.query;
    case 'memory':
      return task.key;
    case 'merge':
      return null;
  }
}

function refValue(state: RunState, output: OutputRef, contents: Contents): Json {
  const read = (ref: Parameters<Contents['read']>[0]): Uint8Array => contents.read(ref);
  const at = (path: NodePath): Json => outputValue(state, path, read);
  const all = (entries: Readonly<Record<string, NodePath>>): [string, Json][] =>
    Object.entries(entries).map(([name, path]) => [name, at(path)]);
  switch (output.type) {
    case 'none':
      return null;
    case 'node':
      return at(output.path);
    case 'list':
      return output.items.map((path) => (path === null ? null : at(path)));
    case 'record':
      return Object.fromEntries(all(output.entries));
    case 'value':
      if (output.parts === undefined) return output.value;
      return {
        ...(output.value as Record<string, Json>),
        ...Object.fromEntries(all(output.parts)),
      };
  }
}
