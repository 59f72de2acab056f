/** One process of the engine benchmark: `measure-shape.ts SHAPE LEAVES` prints its figures as JSON. */
import type { Json } from '../../src/base/json.ts';
import { Decider } from '../../src/engine/decide.ts';
import {
  type EventBody,
  type Fact,
  type LeafResult,
  RULES_VERSION,
} from '../../src/trace/events.ts';
import { emptyRunState, type RunStarted } from '../../src/trace/run-state.ts';
import type { WorkflowDocument } from '../../src/workflow/document.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { WIDTH, workflowOf } from './shapes.ts';

export interface EngineFigures {
  readonly leaves: number;
  /** Facts of leaves: two each, and the reports of those that lost a race. */
  readonly facts: number;
  /** CPU time, best of several rounds; the first fact is apart. */
  readonly usPerFact: number;
  /** CPU time of `run.started`, which may start every leaf. */
  readonly startMs: number;
  /** Heap of the finished run’s state, plan and indices; the spec is not among them. */
  readonly bytesPerLeaf: number;
}

/** Leaves in flight at most. */
const PARALLEL = 64;
/** So many facts are measured at least, in as many rounds as that takes. */
const FACTS = 200_000;
const MIN_ROUNDS = 3;
/** Leaves of one document. */
const CHUNK = 10_000;
const ANSWERED: EventBody = { type: 'run.resumed', by: '' };
/** The lists that `expand` goes through, and answers of other leaves. */
type Answer = (path: string) => Json | undefined;

/** All but the last branch of a race. */
const isLoser = (path: string): boolean =>
  path.startsWith('race/') && path !== `race/l${leaves - 1}`;

const [shape = '', size = '0'] = process.argv.slice(2);
const leaves = Number(size);
const spec = specOf();
const count = shape === 'wide' ? leaves / WIDTH : leaves;
const items = Array.from({ length: count }, (_, index) => `k${index}`);
const answer: Answer = (path) =>
  path === 'list' ? items : path.startsWith('again') ? false : undefined;

const rounds = Math.max(MIN_ROUNDS, Math.ceil(FACTS / (2 * leaves)));
let best: Round | undefined;
for (let round = 0; round < rounds; round += 1) {
  const one = drive();
  if (best === undefined || one.usPerFact < best.usPerFact) best = one;
}
process.stdout.write(JSON.stringify({ leaves, ...best, bytesPerLeaf: bytesPerLeaf() }));

type Round = Omit<EngineFigures, 'leaves' | 'bytesPerLeaf'>;

function drive(): Round {
  const decider = new Decider(emptyRunState());
  const begun = cpuMs();
  const queue = requestsIn(decider.advance(started(), 0));
  const startMs = cpuMs() - begun;
  const facts = run(decider, queue);
  return { facts, usPerFact: ((cpuMs() - begun - startMs) * 1000) / facts, startMs };
}

/** Answers every request in the order of their coming; says how many facts that took. */
function run(decider: Decider, queue: EventBody[]): number {
  let facts = 0;
  for (let next = 0; next < queue.length; next += 1) {
    const request = queue[next];
    if (request?.type !== 'leaf.requested') continue;
    for (const fact of factsOf(request)) {
      facts += 1;
      for (const event of decider.advance(fact, facts)) {
        if (event.type === 'leaf.requested') queue.push(event);
      }
    }
    // What has been answered is not kept: only the engine’s own memory is measured.
    queue[next] = ANSWERED;
  }
  if (decider.state.finished === undefined) throw new Error(`${shape} did not end`);
  return facts;
}

function requestsIn(events: readonly EventBody[]): EventBody[] {
  return events.filter(({ type }) => type === 'leaf.requested');
}

function factsOf({ path, attempt }: { readonly path: string; readonly attempt: number }): Fact[] {
  const value = answer(path);
  const field = path === 'list' ? 'items' : 'done';
  const values = value === undefined ? {} : { values: { [field]: value } };
  // As content comes from a store: a string of its own for each leaf.
  const digest = Buffer.from(path.padEnd(32, '.').slice(-32)).toString('hex');
  const output = { digest, bytes: 10, type: 'json' } as const;
  const result: LeafResult = isLoser(path)
    ? { status: 'failed', failure: { kind: 'exit', message: 'exited with 1' } }
    : { status: 'succeeded', output };
  // What is harvested when the race is over.
  const found = { type: 'finding', title: 'found', evidence: [] } as const;
  const fruit = isLoser(path) ? { fruit: [found] } : {};
  return [
    { type: 'leaf.started', path, attempt },
    { type: 'leaf.finished', path, attempt, result, ...values, ...fruit },
  ];
}

function started(): RunStarted {
  return {
    type: 'run.started',
    spec,
    params: {},
    seed: 1,
    config: {
      concurrency: { model: PARALLEL, command: PARALLEL },
      wiring: 'mock',
      sandbox: 'none',
      routes: {},
    },
    consent: { by: 'library', commands: [] },
    lineage: { mode: 'live' },
    rulesVersion: RULES_VERSION,
  };
}

/** Documents have a limit, the engine has none: what is written out is put together from several. */
function specOf(): WorkflowSpec {
  const isWritten = !['expand', 'loop', 'wide'].includes(shape);
  const chunk = isWritten ? Math.min(leaves, CHUNK) : leaves;
  const specs: WorkflowSpec[] = [];
  for (let from = 0; from < leaves; from += chunk)
    specs.push(parsed(workflowOf(shape, chunk, from)));
  const [first] = specs;
  if (first === undefined) throw new Error('no leaves');
  const [only, other] = first.nodes;
  if (!isWritten || only?.kind !== 'branch_set' || other !== undefined) {
    return { ...first, nodes: specs.flatMap(({ nodes }) => nodes) };
  }
  const children = specs.flatMap(({ nodes: [set] }) =>
    set?.kind === 'branch_set' ? set.children : [],
  );
  return { ...first, nodes: [{ ...only, children }] };
}

function parsed(document: WorkflowDocument): WorkflowSpec {
  const outcome = parseWorkflow(document);
  if ('spec' in outcome) return outcome.spec;
  throw new Error(outcome.diagnostics.map(({ message }) => message).join('\n'));
}

function bytesPerLeaf(): number {
  const before = heapBytes();
  const decider = new Decider(emptyRunState());
  // A spec of its own, so that a plan is laid out and counted.
  run(decider, requestsIn(decider.advance({ ...started(), spec: { ...spec } }, 0)));
  const after = heapBytes();
  return Math.round((after - before) / Math.max(leaves, decider.state.leavesDone));
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
