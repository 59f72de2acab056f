/** What control nodes decided, read from the state that they decided on. */
import { isJsonObject, type Json } from '../../base/json.ts';
import { type Candidate, candidatesOf } from '../../engine/candidates.ts';
import { holds } from '../../engine/predicate.ts';
import { expandItems } from '../../engine/viewpoint.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { RunState } from '../../trace/run-state.ts';
import { instancePath, type NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import type { NodeKind } from '../../workflow/workflow-spec.ts';

/** A decision in words; `reason` and the rest are content. */
export interface Ruling {
  readonly type: string;
  readonly decision: string;
  readonly reason?: string;
  readonly candidates?: readonly string[];
  readonly winner?: string;
  readonly scores?: Readonly<Record<string, Json>>;
  /** Paths that it is about, by type of link. */
  readonly links?: readonly { readonly type: string; readonly path: NodePath }[];
}

/** Nodes that are a decision as a whole; the others hold branches together. */
export const DECIDING: { readonly [K in NodeKind]: boolean } = {
  leaf: false,
  sequence: false,
  branch_set: false,
  loop_until: false,
  cond: false,
  expand: false,
  reduce: true,
  tournament: true,
  pareto: true,
  teacher_review: true,
  approve: true,
};

/** What a deciding node concluded. */
export function rulingOf(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  outcome: Outcome | undefined,
): Ruling {
  const type = plan.node.kind;
  if (outcome === undefined) return { type, decision: 'open' };
  const value =
    'output' in outcome && outcome.output?.type === 'value' ? outcome.output.value : null;
  const fields = isJsonObject(value) ? value : {};
  const why = outcome.status === 'failed' ? { reason: outcome.failure.message } : {};
  switch (plan.node.kind) {
    case 'tournament': {
      const candidates = candidatesOf(state, { plan, path }, plan.node.candidates);
      return { type, ...why, ...tournamentRuling(fields, candidates, outcome) };
    }
    case 'pareto': {
      const candidates = candidatesOf(state, { plan, path }, plan.node.candidates);
      return { type, ...why, ...paretoRuling(fields, candidates, outcome) };
    }
    case 'approve': {
      const approved = fields['approved'];
      const reason = typeof fields['reason'] === 'string' ? { reason: fields['reason'] } : {};
      const isAnswered = typeof approved === 'boolean';
      const word = approved === true ? 'approved' : 'denied';
      return { type, decision: isAnswered ? word : outcome.status, ...why, ...reason };
    }
    default:
      return { type, decision: outcome.status, ...why };
  }
}

type Fields = { readonly [key: string]: Json };

function tournamentRuling(
  fields: Fields,
  candidates: readonly Candidate[],
  outcome: Outcome,
): Omit<Ruling, 'type'> {
  const names = candidates.map(({ name }) => name);
  const { winner, why } = fields;
  if (typeof winner !== 'string') return { decision: outcome.status, candidates: names };
  const ranking = Array.isArray(fields['ranking']) ? fields['ranking'].filter(isJsonObject) : [];
  const scores = ranking.map((one): [string, Json] => [
    String(one['candidate'] ?? ''),
    one['score'] ?? null,
  ]);
  const links = candidates.map(({ name, path }) => ({
    type: name === winner ? 'winner' : 'loser',
    path,
  }));
  return {
    decision: 'winner',
    candidates: names,
    winner,
    scores: Object.fromEntries(scores),
    ...(typeof why === 'string' ? { reason: why } : {}),
    links,
  };
}

function paretoRuling(
  fields: Fields,
  candidates: readonly Candidate[],
  outcome: Outcome,
): Omit<Ruling, 'type'> {
  const names = candidates.map(({ name }) => name);
  const items = Array.isArray(fields['items']) ? fields['items'].filter(isJsonObject) : undefined;
  if (items === undefined) return { decision: outcome.status, candidates: names };
  const kept = new Map(
    items.map((item) => [String(item['candidate'] ?? ''), item['values'] ?? null]),
  );
  const links = candidates.map(({ name, path }) => ({
    type: kept.has(name) ? 'winner' : 'loser',
    path,
  }));
  const decision = `kept ${kept.size} of ${names.length}`;
  return { decision, candidates: names, scores: Object.fromEntries(kept), links };
}

/** What an expand found when it started. */
export function expandRuling(state: RunState, plan: PlanNode, path: NodePath): Ruling {
  const found = expandItems(state, plan, path);
  if (!found.ok) return { type: 'expand', decision: 'failed', reason: found.message };
  const candidates = found.items.map(({ key }) => key);
  const dropped = found.dropped === 0 ? {} : { reason: `${found.dropped} items over the limit` };
  return { type: 'expand', decision: `${candidates.length} instances`, candidates, ...dropped };
}

/** Which side a condition took, or that it has not been asked. */
export function condRuling(state: RunState, plan: PlanNode, path: NodePath): Ruling | undefined {
  if (plan.node.kind !== 'cond') return undefined;
  const isTrue = holds(state, { node: plan, scope: path }, plan.node.test);
  const reason = JSON.stringify(plan.node.test);
  return { type: 'cond', decision: isTrue ? 'then' : 'else', reason };
}

/** What a loop concluded after its last iteration. */
export function loopEndRuling(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  ended: { readonly iteration: number; readonly outcome: Outcome },
): Ruling | undefined {
  if (plan.node.kind !== 'loop_until' || ended.iteration === 0) return undefined;
  const { until, maxIterations } = plan.node;
  const reason = JSON.stringify(until);
  const { status } = ended.outcome;
  const type = 'loop_until';
  if (status === 'cancelled' || status === 'skipped') return { type, decision: status };
  const scope = instancePath(path, ended.iteration);
  if (holds(state, { node: plan, scope }, until)) return { type, decision: 'done', reason };
  const isExhausted = ended.iteration >= maxIterations;
  return { type, decision: isExhausted ? 'exhausted' : status, reason };
}
