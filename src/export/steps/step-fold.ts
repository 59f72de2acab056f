/**
 * The steps of a run, folded from its events in one pass: the run, a row for each control node, for each
 * attempt of a leaf, each sending of a model call, each tool call and each decision.
 */
import { apply } from '../../trace/apply.ts';
import type { EventBody, TraceEvent } from '../../trace/events.ts';
import { planIn, type RunState } from '../../trace/run-state.ts';
import type { Approval, Artifact, Score } from '../run-trace.ts';
import type { Step } from '../trace-step.ts';
import { ApprovalLog } from './approval-log.ts';
import { CallLog } from './call-log.ts';
import type { Contents } from './contents.ts';
import type { Draft } from './draft.ts';
import { describeLeafEnd, describeTask } from './leaf-attempt.ts';
import { NodeLog } from './node-log.ts';
import { inputsOf } from './output.ts';
import { ruleOfEvent } from './steering.ts';
import { StepBook, setInput } from './step-book.ts';

type EventOf<T extends EventBody['type']> = Extract<EventBody, { readonly type: T }>;
type Handlers = { readonly [T in EventBody['type']]?: (event: EventOf<T>, at: number) => void };

const HOW_LOST = {
  tree: 'its tree was deleted',
  grace: 'it did not end in its grace',
  driver: 'lost with its driver',
} as const;

export interface FoldedSteps {
  readonly steps: readonly Step[];
  readonly state: RunState;
  /** By how much wall time jumped in all. */
  readonly jumpedMs: number;
  readonly approvals: readonly Approval[];
  readonly scores: readonly Score[];
  readonly artifacts: readonly Artifact[];
  /** The last driver, and how many there were. */
  readonly driver: EventOf<'run.driven'> | undefined;
  readonly drivers: number;
}

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
  readonly #book: StepBook;
  readonly #nodes: NodeLog;
  readonly #calls: CallLog;
  readonly #approvals: ApprovalLog;
  readonly #artifacts: Artifact[] = [];
  #driver: EventOf<'run.driven'> | undefined;
  #drivers = 0;

  constructor(run: string, contents: Contents) {
    this.#book = new StepBook(run, contents);
    this.#nodes = new NodeLog(this.#book);
    this.#calls = new CallLog(this.#book);
    this.#approvals = new ApprovalLog(this.#book);
  }

  visit(event: TraceEvent): void {
    const { at } = event;
    apply(this.#book.state, event, at);
    if (event.type === 'clock.jumped') this.#book.jump(event.byMs);
    this.#book.tick(at);
    const handler = this.#handlers[event.type] as
      | ((event: EventBody, at: number) => void)
      | undefined;
    handler?.(event, at);
    const ruling = ruleOfEvent(event);
    if (ruling !== undefined) this.#book.decide('path' in event ? event.path : '', ruling, at);
  }

  result(): FoldedSteps {
    return {
      steps: this.#book.steps(),
      state: this.#book.state,
      jumpedMs: this.#book.jumpedMs,
      approvals: this.#approvals.all(),
      scores: this.#nodes.scores,
      artifacts: this.#artifacts,
      driver: this.#driver,
      drivers: this.#drivers,
    };
  }

  readonly #handlers: Handlers = {
    'run.started': (event, at) => {
      const book = this.#book;
      const draft = book.open('run', planIn(book.state).root, '', at);
      draft.step.node = event.spec.id;
      draft.step.name = event.name ?? event.spec.id;
      draft.step.group = event.group ?? null;
      setInput(draft.step, book.contents.showValue(event.params));
      book.nodes.set('', draft);
    },
    'run.driven': (event) => {
      this.#driver = event;
      this.#drivers += 1;
    },
    'run.finished': (event, at) => {
      const draft = this.#book.nodes.get('');
      if (draft !== undefined) this.#book.close(draft, event.outcome, at);
    },
    'node.started': (event, at) => this.#nodes.start(event.path, at),
    'node.finished': (event, at) => {
      this.#nodes.finish(event.path, event.outcome, at);
      this.#approvals.end(event.path, event.outcome, at);
    },
    'approval.requested': (event, at) => this.#approvals.ask(event.path, event.message, at),
    'leaf.requested': (event, at) => this.#request(event, at),
    'leaf.started': (event, at) => {
      const draft = this.#attempt(event);
      if (draft === undefined) return;
      this.#book.restart(draft, at);
      const { step } = draft;
      step.sandbox = event.sandbox ?? null;
      if (event.tree !== undefined) step.tree = event.tree;
      if (event.route !== undefined) step.attributes = { route: { ...event.route } };
    },
    'leaf.aborted': ({ path, by }) => {
      const attempt = this.#book.state.nodes.get(path)?.attempt ?? 0;
      const draft = this.#attempt({ path, attempt });
      if (draft === undefined) return;
      draft.isAborted = true;
      draft.step.attributes = { ...draft.step.attributes, aborted_by: by };
    },
    'leaf.lost': (event, at) => {
      const draft = this.#attempt(event);
      if (draft === undefined) return;
      this.#book.end(draft, draft.isAborted ? 'cancelled' : 'failed', at);
      const repeated = event.maybeRepeated ? ', maybe repeated' : '';
      const how = HOW_LOST[event.because ?? 'driver'];
      draft.step.error = { type: 'lost', message: `${how}${repeated}` };
      this.#calls.lose(draft, at);
    },
    'leaf.finished': (event, at) => {
      const draft = this.#attempt(event);
      if (draft === undefined) return;
      const isCancelled = draft.isAborted || event.late === true;
      this.#book.end(draft, isCancelled ? 'cancelled' : event.result.status, at);
      const node = this.#book.planAt(event.path)?.node;
      const task = node?.kind === 'leaf' ? node.task : undefined;
      const { contents } = this.#book;
      this.#artifacts.push(...describeLeafEnd(draft.step, event, { task, contents }));
      this.#calls.lose(draft, at);
    },
    'model.requested': (event, at) => this.#calls.requested(event, at),
    'model.called': (event, at) => this.#calls.called(event, at),
    'tool.called': (event, at) => this.#calls.tool(event, at),
    'hook.called': (event, at) => this.#calls.hook(event, at),
    'leaf.continued': (event) => {
      const step = this.#attempt(event)?.step;
      if (step === undefined) return;
      const { calls, tools, dropped } = event;
      step.attributes = {
        ...step.attributes,
        continued_calls: calls,
        continued_tools: tools,
        dropped_calls: dropped?.calls ?? 0,
        dropped_tools: dropped?.tools ?? 0,
      };
    },
  };

  #attempt({
    path,
    attempt,
  }: {
    readonly path: string;
    readonly attempt: number;
  }): Draft | undefined {
    return this.#book.attempts.get(`${path}#${attempt}`);
  }

  #request({ path, attempt, inputs, digest, tree }: EventOf<'leaf.requested'>, at: number): void {
    const book = this.#book;
    const plan = book.planAt(path);
    if (plan?.node.kind !== 'leaf') return;
    this.#nodes.noteChild(plan, path, at);
    const before = book.nodes.get(path);
    const draft = book.open('leaf', plan, path, at, attempt);
    const { step } = draft;
    describeTask(step, plan);
    step.work_key = book.contents.level === 'metadata' ? null : digest;
    if (tree !== undefined) step.tree = tree;
    if (before !== undefined) step.links = [{ type: 'retry_of', step_id: before.step.id }];
    const value = inputsOf(book.state, inputs, plan.node.task, book.contents);
    setInput(step, book.contents.showValue(value));
    book.nodes.set(path, draft);
    book.attempts.set(`${path}#${attempt}`, draft);
  }
}
