/** A run in memory for the tests of rules: says what happened, prints what was decided, line by line. */
import type { Json } from '../base/json.ts';
import { pickValues } from '../leaf/output-values.ts';
import { apply } from '../trace/apply.ts';
import {
  type EventBody,
  type Fact,
  RULES_VERSION,
  type TraceEvent,
  type TreeRef,
} from '../trace/events.ts';
import type { Outcome, OutputRef } from '../trace/outcome.ts';
import { emptyRunState, type RunStarted, type RunState } from '../trace/run-state.ts';
import { NO_TOKENS } from '../trace/usage.ts';
import { digestJson } from '../workflow/digest.ts';
import type { NodeDocument, WorkflowDocument } from '../workflow/document.ts';
import type { FailureKind } from '../workflow/limits.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { planNodeAt } from '../workflow/plan.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import { Decider } from './decide.ts';

type Report = Extract<Fact, { readonly type: 'leaf.finished' }>;
type Extras = Partial<Pick<Report, 'fruit' | 'patch' | 'late' | 'attempt'>> & {
  /** Commit that the leaf leaves in its tree. */
  readonly commit?: string;
};

export interface TestRun {
  readonly trace: readonly TraceEvent[];
  readonly state: RunState;
  /** What has been decided since the last call. */
  said(): string;
  post(fact: Fact): TestRun;
  /** A leaf in flight succeeds with an output. */
  finish(path: string, output?: Json, extras?: Extras): TestRun;
  fail(path: string, kind?: FailureKind, extras?: Extras & { readonly output?: Json }): TestRun;
  lose(path: string): TestRun;
  /** A leaf in flight calls its model. */
  call(path: string, costMicroUsd: number): TestRun;
  /** The timer that is armed at a path goes off. */
  fire(path: string): TestRun;
  answer(path: string, approved: boolean): TestRun;
  /** A new driver folds the trace. */
  crash(): TestRun;
  wait(ms: number): TestRun;
}

export interface TestRunOptions {
  readonly document?: Partial<WorkflowDocument>;
  readonly concurrency?: { readonly model: number; readonly command: number };
  readonly lineage?: RunStarted['lineage'];
  /** Those of this build where absent. */
  readonly rulesVersion?: number;
}

/** Starts a run of a workflow with these nodes. */
export function testRun(nodes: readonly NodeDocument[], options: TestRunOptions = {}): TestRun {
  const { concurrency = { model: 9, command: 9 } } = options;
  const trace: TraceEvent[] = [];
  const timers = new Map<string, string>();
  const trees = new Map<string, TreeRef>();
  let decider = new Decider(emptyRunState());
  let lines: string[] = [];
  let at = 0;

  const post = (fact: Fact): TestRun => {
    at += 1;
    for (const event of decider.advance(fact, at)) {
      trace.push(JSON.parse(JSON.stringify({ ...event, seq: trace.length + 1, at })));
      if (event.type === 'timer.requested') timers.set(event.path, event.timer);
      if (event.type === 'leaf.requested' && event.tree) trees.set(event.path, event.tree);
      if (event !== fact) lines.push(lineOf(event));
    }
    return run;
  };
  const report = (
    path: string,
    result: Report['result'],
    output: Json,
    extras: Extras,
  ): TestRun => {
    const { commit, attempt = decider.state.inFlight.get(path)?.attempt ?? 0, ...rest } = extras;
    const plan = decider.state.plan && planNodeAt(decider.state.plan, path);
    const values = plan && result.output ? pickValues(output, plan.wanted) : undefined;
    const tree = trees.get(path);
    const left = commit === undefined || tree === undefined ? {} : { tree: { ...tree, commit } };
    const said = values === undefined || plan?.wanted.length === 0 ? {} : { values };
    return post({ type: 'leaf.finished', path, attempt, result, ...said, ...left, ...rest });
  };
  const contentOf = (output: Json) => ({
    digest: digestJson(output),
    bytes: 1,
    type: 'json' as const,
  });
  const run: TestRun = {
    trace,
    get state() {
      return decider.state;
    },
    said() {
      const said = lines.join('\n');
      lines = [];
      return said;
    },
    post,
    finish: (path, output = 'done', extras = {}) =>
      report(path, { status: 'succeeded', output: contentOf(output) }, output, extras),
    fail(path, kind = 'exit', { output, ...extras } = {}) {
      const failure = { kind, message: `${kind} of ${path}` };
      const content = output === undefined ? {} : { output: contentOf(output) };
      return report(path, { status: 'failed', failure, ...content }, output ?? null, extras);
    },
    lose(path) {
      const attempt = decider.state.inFlight.get(path)?.attempt ?? 0;
      return post({ type: 'leaf.lost', path, attempt, maybeRepeated: true });
    },
    call(path, costMicroUsd) {
      const attempt = decider.state.inFlight.get(path)?.attempt ?? 0;
      return post({
        type: 'model.called',
        path,
        attempt,
        call: 1,
        try: 1,
        request: contentOf('request'),
        route: { provider: 'p', model: 'm' },
        usage: { tokens: { ...NO_TOKENS, output: 1 }, costMicroUsd, costStatus: 'exact' },
        memo: 'miss',
        latencyMs: 1,
      });
    },
    fire: (path) => post({ type: 'timer.fired', path, timer: timers.get(path) ?? '' }),
    answer: (path, approved) => post({ type: 'approval.answered', path, approved, by: 'ada' }),
    crash() {
      const state = emptyRunState();
      for (const event of trace) apply(state, event, event.at);
      decider = new Decider(state);
      return run;
    },
    wait(ms) {
      at += ms;
      return run;
    },
  };
  return post({
    type: 'run.started',
    spec: specOf({ id: 'w', goal: 'to be tested', nodes, ...options.document }),
    params: {},
    seed: 1,
    config: { concurrency, wiring: 'mock', sandbox: 'none', routes: {} },
    base: { commit: 'c0', head: 'c0', uncommitted: 0 },
    consent: { by: 'library', commands: [] },
    lineage: options.lineage ?? { mode: 'live' },
    rulesVersion: options.rulesVersion ?? RULES_VERSION,
  });
}

function specOf(document: WorkflowDocument): WorkflowSpec {
  const parsed = parseWorkflow(document);
  if ('spec' in parsed) return parsed.spec;
  throw new Error(parsed.diagnostics.map(({ message }) => message).join('\n'));
}

type LeafParts = Partial<Extract<NodeDocument, { readonly kind: 'leaf' }>>;

const ANYTHING = {
  type: 'object',
  properties: {
    score: { type: 'number' },
    done: { type: 'boolean' },
    items: { type: 'array', items: { type: 'string' } },
    nested: { type: 'object', properties: { score: { type: 'number' } } },
  },
} as const;

/** A leaf that asks a model and may give `score`, `done`, `items` and `nested.score`. */
export function leaf(id: string, parts: LeafParts = {}): NodeDocument {
  return { kind: 'leaf', id, task: { type: 'model', prompt: id }, output: ANYTHING, ...parts };
}

/** A leaf that runs a test. */
export function command(id: string, parts: LeafParts = {}): NodeDocument {
  const task = { type: 'command', purpose: 'test', argv: ['check', id] } as const;
  return { kind: 'leaf', id, task, ...parts };
}

/** A leaf that changes files, in a tree of its own where it is isolated. */
export function writer(id: string, parts: LeafParts = {}): NodeDocument {
  const task = { type: 'agent', prompt: id } as const;
  return { kind: 'leaf', id, task, mode: 'read_write', ...parts };
}

function lineOf(event: EventBody): string {
  switch (event.type) {
    case 'node.started':
      return `start ${event.path}`;
    case 'leaf.requested': {
      const { path, attempt, tree } = event;
      return `ask ${path}#${attempt}${tree === undefined ? '' : ` in ${printTree(tree)}`}`;
    }
    case 'leaf.aborted':
      return `abort ${event.path} (${event.by})`;
    case 'timer.requested':
      return `timer ${event.path} ${event.timer}: ${event.delayMs} ms`;
    case 'timer.cancelled':
      return `timer ${event.path} ${event.timer}: off`;
    case 'approval.requested':
      return `person ${event.path}: ${event.message}`;
    case 'candidates.ranked': {
      const losers = event.losers.map(({ name, path }) => `${name}=${path}`).join(' ');
      return `rank ${event.path}: ${event.winner} over ${losers}`;
    }
    case 'branch.harvested':
      return `harvest ${event.path}: ${event.leaves.join(', ')}`;
    case 'node.finished': {
      const { path, outcome, adopted } = event;
      const into =
        adopted === undefined ? '' : ` adopts ${printTree(adopted.from)} into /${adopted.into}`;
      return `end ${path === '' ? '/' : path} ${printOutcome(outcome)}${into}`;
    }
    case 'run.finished':
      return `run ${printOutcome(event.outcome)}`;
    case 'run.stopped':
      return `stop ${event.because}: ${event.message ?? ''}`;
    default:
      return event.type;
  }
}

const printTree = ({ key, commit }: TreeRef): string => `/${key}@${commit}`;

function printOutcome(outcome: Outcome): string {
  switch (outcome.status) {
    case 'succeeded':
    case 'degraded':
      return `${outcome.status} ${printOutput(outcome.output)}`;
    case 'failed':
      return `failed ${outcome.failure.kind}: ${outcome.failure.message}`;
    case 'skipped':
      return `skipped ${outcome.because}`;
    case 'cancelled':
      return `cancelled ${outcome.by}`;
  }
}

function printOutput(output: OutputRef): string {
  switch (output.type) {
    case 'none':
      return '-';
    case 'node':
      return `= ${output.path}`;
    case 'list':
      return `= [${output.items.map((item) => item ?? '-').join(', ')}]`;
    case 'record':
      return `= {${Object.values(output.entries).join(', ')}}`;
    case 'value': {
      const parts = Object.entries(output.parts ?? {}).map(([name, path]) => ` ${name}=${path}`);
      const fruit = output.fruit === undefined ? '' : ` fruit=[${output.fruit.join(', ')}]`;
      return `${JSON.stringify(output.value)}${parts.join('')}${fruit}`;
    }
  }
}
