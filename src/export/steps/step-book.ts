/** The steps of a run as they come to be: makes them, ends them and puts them in order. */
import type { Outcome } from '../../trace/outcome.ts';
import { emptyRunState, planIn, type RunState } from '../../trace/run-state.ts';
import { type NodePath, parentPath } from '../../workflow/node-path.ts';
import { type PlanNode, planNodeAt } from '../../workflow/plan.ts';
import { toIsoTime } from '../iso-time.ts';
import type { Step, StepKind } from '../trace-step.ts';
import type { Contents, Shown } from './contents.ts';
import type { Ruling } from './control.ts';
import type { Draft, MutableStep } from './draft.ts';
import { showOutput } from './output.ts';
import { placeOf } from './place.ts';
import { stepId } from './step-id.ts';

/** A step inside of an attempt or of a control node. */
export interface InnerStep {
  readonly path: NodePath;
  readonly attempt: number | null;
  readonly parent: Draft | undefined;
  readonly name: string;
  /** Wall time of its start, ms. */
  readonly at: number;
  /** Tells it apart from others at its address; counted where absent. */
  readonly nth?: string;
}

export class StepBook {
  readonly state: RunState = emptyRunState();
  readonly contents: Contents;
  /** The last step of each node; of a leaf, its last attempt. */
  readonly nodes: Map<NodePath, Draft> = new Map();
  /** By `path#attempt`. */
  readonly attempts: Map<string, Draft> = new Map();
  readonly #run: string;
  readonly #drafts: Draft[] = [];
  readonly #counters = new Map<string, number>();
  readonly #links: { readonly draft: Draft; readonly links: Ruling['links'] }[] = [];
  /** The latest wall time so far: clocks jump, order does not. */
  #clock = 0;
  /** By how much wall time has jumped in all. */
  #jumpedMs = 0;

  constructor(run: string, contents: Contents) {
    this.#run = run;
    this.contents = contents;
  }

  /** Notes the time of an event that has been applied. */
  tick(at: number): void {
    this.#clock = Math.max(this.#clock, at);
  }

  /** Wall time has jumped: what lasts goes by a clock that has not. */
  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  get jumpedMs(): number {
    return this.#jumpedMs;
  }

  /** All steps in start order; links to steps are known only now. */
  steps(): readonly Step[] {
    for (const { draft, links } of this.#links) this.#link(draft, links);
    const ordered = this.#drafts
      .map((draft, index) => ({ draft, index }))
      .sort((a, b) => a.draft.order - b.draft.order || a.index - b.index);
    for (const [seq, { draft }] of ordered.entries()) draft.step.seq = seq;
    return ordered.map(({ draft }) => draft.step);
  }

  /** Begins the step of a node or of an attempt. */
  open(kind: StepKind, plan: PlanNode, path: NodePath, at: number, attempt?: number): Draft {
    const parent = path === '' ? undefined : this.nodes.get(parentPath(path));
    const address = attempt === undefined ? path : `${path}#${attempt}`;
    const step: MutableStep = {
      ...emptyStep(stepId(this.#run, kind, address), kind, at),
      parent_id: parent?.step.id ?? null,
      node: plan.node.id,
      name: plan.node.label ?? plan.segment,
      path,
      ...placeOf(plan, path),
      attempt: attempt ?? null,
    };
    return this.#add(step, parent, at, 0);
  }

  /** Begins a step inside of another one; it starts no earlier than that. */
  openInner(kind: StepKind, inner: InnerStep): Draft {
    const { path, attempt, parent, name } = inner;
    const plan = this.planAt(path);
    const address = attempt === null ? path : `${path}#${attempt}`;
    const nth = inner.nth ?? String(this.next(`${kind} ${address}`));
    const at = Math.max(inner.at, parent?.startedAt ?? inner.at);
    const root = this.nodes.get('')?.step;
    const step: MutableStep = {
      ...emptyStep(stepId(this.#run, kind, address, nth), kind, at),
      parent_id: parent?.step.id ?? root?.id ?? null,
      node: path === '' ? (root?.node ?? '') : (plan?.node.id ?? path),
      name,
      path,
      ...(plan === undefined ? {} : placeOf(plan, path)),
      attempt,
    };
    return this.#add(step, parent, at, Math.max(0, this.state.at - at));
  }

  /** A decision, which takes no time. */
  decide(path: NodePath, ruling: Ruling, at: number, iteration?: number): void {
    if (this.planAt(path) === undefined) return;
    const parent = this.nodes.get(path);
    const nth = `${ruling.type} ${this.next(`${path} ${ruling.type}`)}`;
    const inner = { path, attempt: null, parent, name: ruling.type, at, nth };
    const draft = this.openInner('control', inner);
    if (iteration !== undefined) draft.step.iteration = iteration;
    this.setControl(draft, ruling);
    this.end(draft, 'succeeded', at);
  }

  setControl(draft: Draft, { links, reason, ...rest }: Ruling): void {
    draft.step.control = { ...rest, reason: this.contents.say(reason) };
    if (links !== undefined) this.#links.push({ draft, links });
  }

  /** An attempt has begun: what came before was waiting for it. */
  restart(draft: Draft, at: number): void {
    draft.step.queue_ms = Math.max(0, this.#steady(at) - draft.steadyAt);
    draft.startedAt = at;
    draft.steadyAt = this.#steady(at);
    draft.order = this.#clock;
    draft.step.started_at = toIsoTime(at);
  }

  /** Ends a control node, the run, or a leaf that never began, with its outcome. */
  close(draft: Draft, outcome: Outcome, at: number): void {
    this.end(draft, outcome.status, at);
    const { step } = draft;
    if (outcome.status === 'failed') step.error = this.errorOf(outcome.failure);
    if (outcome.status === 'skipped') step.attributes = { because: outcome.because };
    if (outcome.status === 'cancelled') step.attributes = { by: outcome.by };
    if ('output' in outcome) {
      setOutput(step, showOutput(this.state, outcome.output, this.contents));
    }
  }

  end(draft: Draft, status: Step['status'], at: number): void {
    draft.step.status = status;
    draft.step.ended_at = toIsoTime(at);
    draft.step.duration_ms = Math.max(0, this.#steady(at) - draft.steadyAt);
  }

  errorOf(failure: { readonly kind: string; readonly message: string } | undefined): Step['error'] {
    if (failure === undefined) return null;
    return { type: failure.kind, message: this.contents.say(failure.message) };
  }

  planAt(path: NodePath): PlanNode | undefined {
    return planNodeAt(planIn(this.state), path);
  }

  /** Counts from 1, by name. */
  next(name: string): number {
    const next = (this.#counters.get(name) ?? 0) + 1;
    this.#counters.set(name, next);
    return next;
  }

  #add(step: MutableStep, parent: Draft | undefined, at: number, msBefore: number): Draft {
    const order = Math.max(this.#clock - msBefore, parent?.order ?? 0);
    const times = { startedAt: at, steadyAt: this.#steady(at), order };
    const draft = { step, parent, ...times, open: new Set<Draft>(), isAborted: false };
    this.#drafts.push(draft);
    return draft;
  }

  #steady(at: number): number {
    return at - this.#jumpedMs;
  }

  #link(draft: Draft, links: Ruling['links']): void {
    const found = (links ?? []).map(({ type, path }) => {
      const id = this.nodes.get(path)?.step.id;
      return { type, path, ...(id === undefined ? {} : { step_id: id }) };
    });
    draft.step.links = [...(draft.step.links ?? []), ...found];
  }
}

export function setInput(step: MutableStep, { text, meta }: Shown): void {
  step.input = text;
  step.input_meta = meta;
}

export function setOutput(step: MutableStep, { text, meta }: Shown): void {
  step.output = text;
  step.output_meta = meta;
}

function emptyStep(id: string, kind: StepKind, at: number): MutableStep {
  return {
    id,
    seq: 0,
    parent_id: null,
    kind,
    node: '',
    name: '',
    path: '',
    branch: null,
    attempt: null,
    iteration: null,
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
}
