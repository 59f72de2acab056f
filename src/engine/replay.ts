/**
 * Replay: the recorded facts are fed to the rules again and every decision is compared. No await, no
 * world: it reads no tree, writes nothing, is no run and never calls anything.
 */
import canonicalize from 'canonicalize';
import type { Json } from '../base/json.ts';
import type { Decision, EventBody, Fact, TraceEvent } from '../trace/events.ts';
import { emptyRunState, type RunState } from '../trace/run-state.ts';
import { planNodeAt } from '../workflow/plan.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import { Decider } from './decide.ts';
import { identityParts } from './leaf-request.ts';

export interface Divergence {
  /** Of the recorded event, or of the last one where more was decided than recorded. */
  readonly seq: number;
  readonly node: string;
  /** What differs: a component of the leaf’s identity, or a field of the decision. */
  readonly field: string;
  readonly recorded: Json;
  readonly now: Json;
}

export interface ReplayResult {
  readonly verdict: 'identical' | 'diverged';
  readonly divergence?: Divergence;
  readonly facts: number;
  readonly decisions: number;
  /** Leaf results that were fed from the record. */
  readonly leaves: number;
}

/** What replay compares against. */
export interface ReplayOptions {
  /** The spec to decide by; the recorded one where absent. */
  readonly spec?: WorkflowSpec;
}

/** Replays a run’s events. Linear in the trace. */
export function replay(events: readonly TraceEvent[], options: ReplayOptions = {}): ReplayResult {
  const deciders: Deciders = {
    now: new Decider(emptyRunState()),
    recorded: options.spec === undefined ? undefined : new Decider(emptyRunState()),
  };
  const tally = { facts: 0, decisions: 0, leaves: 0 };
  let expected: readonly EventBody[] = [];
  let next = 0;
  for (const event of events) {
    if (isDecision(event)) {
      const decided = expected[next];
      next += 1;
      tally.decisions += 1;
      const divergence = compare(deciders, event, decided);
      if (divergence !== undefined) return { verdict: 'diverged', divergence, ...tally };
      continue;
    }
    const surplus = expected[next];
    if (surplus !== undefined) {
      const divergence = compare(deciders, undefined, surplus, event.seq - 1);
      return { verdict: 'diverged', ...(divergence === undefined ? {} : { divergence }), ...tally };
    }
    tally.facts += 1;
    if (event.type === 'leaf.finished') tally.leaves += 1;
    expected = advance(deciders, event, options.spec);
    next = 0;
  }
  const surplus = expected[next];
  if (surplus === undefined) return { verdict: 'identical', ...tally };
  const divergence = compare(deciders, undefined, surplus, events.at(-1)?.seq ?? 0);
  return { verdict: 'diverged', ...(divergence === undefined ? {} : { divergence }), ...tally };
}

interface Deciders {
  readonly now: Decider;
  /** Folds under the recorded spec, to explain a difference. */
  readonly recorded: Decider | undefined;
}

function advance(
  { now, recorded }: Deciders,
  event: TraceEvent,
  spec: WorkflowSpec | undefined,
): readonly EventBody[] {
  const { seq: _seq, at, ...fact } = event as TraceEvent & { seq: number };
  recorded?.advance(fact as Fact, at);
  const fed =
    fact.type === 'run.started' && spec !== undefined ? { ...fact, spec } : (fact as Fact);
  return now.advance(fed as Fact, at).slice(1);
}

/** Stops that follow from what is recorded. */
const OF_RULES: ReadonlySet<string> = new Set(['budget', 'credentials', 'disk_full']);

function isDecision(event: EventBody): event is Decision {
  switch (event.type) {
    case 'node.started':
    case 'leaf.requested':
    case 'leaf.aborted':
    case 'timer.requested':
    case 'timer.cancelled':
    case 'approval.requested':
    case 'candidates.ranked':
    case 'branch.harvested':
    case 'node.finished':
    case 'run.finished':
      return true;
    case 'run.stopped':
      return OF_RULES.has(event.because);
    default:
      return false;
  }
}

function compare(
  deciders: Deciders,
  recorded: TraceEvent | undefined,
  now: EventBody | undefined,
  seq: number = recorded?.seq ?? 0,
): Divergence | undefined {
  const was = recorded === undefined ? undefined : withoutPlace(recorded);
  if (was !== undefined && now !== undefined && canonicalize(was) === canonicalize(now)) {
    return undefined;
  }
  const node = pathOf(was) ?? pathOf(now) ?? '';
  const base = { seq, node };
  if (
    was === undefined ||
    now === undefined ||
    was.type !== now.type ||
    pathOf(was) !== pathOf(now)
  ) {
    return { ...base, field: 'decision', recorded: describe(was), now: describe(now) };
  }
  return { ...base, ...firstDifference(deciders, was, now) };
}

function withoutPlace(event: TraceEvent): EventBody {
  const { seq: _seq, at: _at, ...body } = event as TraceEvent & { seq: number; at: number };
  return body as EventBody;
}

const pathOf = (event: EventBody | undefined): string | undefined =>
  event !== undefined && 'path' in event ? event.path : undefined;

function describe(event: EventBody | undefined): Json {
  if (event === undefined) return 'nothing';
  const path = pathOf(event);
  return path === undefined ? event.type : `${event.type} ${path}`;
}

/** The first field that differs; for a leaf’s digest, the component behind it. */
function firstDifference(
  deciders: Deciders,
  was: EventBody,
  now: EventBody,
): Pick<Divergence, 'field' | 'recorded' | 'now'> {
  if (was.type === 'leaf.requested' && now.type === 'leaf.requested' && was.digest !== now.digest) {
    const part = differingPart(deciders, was, now);
    if (part !== undefined) return part;
  }
  const left = was as unknown as Record<string, Json>;
  const right = now as unknown as Record<string, Json>;
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const field of fields) {
    if (canonicalize(left[field] ?? null) !== canonicalize(right[field] ?? null)) {
      return { field, recorded: left[field] ?? null, now: right[field] ?? null };
    }
  }
  return { field: 'decision', recorded: describe(was), now: describe(now) };
}

type Requested = Extract<Decision, { readonly type: 'leaf.requested' }>;

function differingPart(
  { now, recorded }: Deciders,
  was: Requested,
  is: Requested,
): Pick<Divergence, 'field' | 'recorded' | 'now'> | undefined {
  if (recorded === undefined) return undefined;
  const left = partsAt(recorded.state, was);
  const right = partsAt(now.state, is);
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const [a, b] = [left[name] ?? null, right[name] ?? null];
    if (canonicalize(a) !== canonicalize(b)) return deeper(name, a, b);
  }
  return undefined;
}

function partsAt(state: RunState, request: Requested): Readonly<Record<string, Json>> {
  const plan = state.plan === undefined ? undefined : planNodeAt(state.plan, request.path);
  if (plan?.node.kind !== 'leaf') return {};
  return identityParts(state, plan, request.path, request.tree?.commit);
}

/** Names the innermost field of an object that differs: `task.prompt` rather than `task`. */
function deeper(
  name: string,
  recorded: Json,
  now: Json,
): Pick<Divergence, 'field' | 'recorded' | 'now'> {
  const isBothObjects = [recorded, now].every(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  if (!isBothObjects) return { field: name, recorded, now };
  const left = recorded as Readonly<Record<string, Json>>;
  const right = now as Readonly<Record<string, Json>>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const [a, b] = [left[key] ?? null, right[key] ?? null];
    if (canonicalize(a) !== canonicalize(b)) return deeper(`${name}.${key}`, a, b);
  }
  return { field: name, recorded, now };
}
