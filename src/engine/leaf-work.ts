/** From a decision to a job: everything that an attempt needs, read from the state and its contents. */
import type { Json } from '../base/json.ts';
import type { LeafJob } from '../leaf/leaf-job.ts';
import type { Decision } from '../trace/events.ts';
import { type Live, liveAt, planIn, type RunState } from '../trace/run-state.ts';
import { instanceOf, type NodePath } from '../workflow/node-path.ts';
import { type PlanNode, planNodeAt } from '../workflow/plan.ts';
import { type Candidate, isEligible } from './candidates.ts';
import { itemAround, judgedGroups, judgedPair, treesToMerge } from './leaf-request.ts';
import { outputValue, type ReadContent, valueAtAddress } from './outputs.ts';
import { taskWords } from './task-words.ts';
import { resolve, settledOf, viewpointOf } from './viewpoint.ts';

export type LeafRequested = Extract<Decision, { readonly type: 'leaf.requested' }>;

/** Builds the job of a requested attempt. */
export function leafJob(
  run: string,
  state: RunState,
  request: LeafRequested,
  read: ReadContent,
): LeafJob {
  const { path, attempt } = request;
  const plan = planNodeAt(planIn(state), path);
  if (plan?.node.kind !== 'leaf') throw new Error(`${path} is no leaf`);
  const { started } = state;
  if (started === undefined) throw new Error('the run has not begun');
  const item = itemAround(state, plan, path);
  const iteration = iterationAround(plan, path);
  return {
    run,
    path,
    attempt,
    node: plan.node,
    inputs: inputsOf(state, plan, request, read),
    previous: previousOf(state, plan, path, read),
    params: started.params,
    ...(item === undefined ? {} : { item }),
    ...(iteration === undefined ? {} : { iteration }),
    sample: sampleOf(plan, path, beginnings(liveAt(state, path), attempt)),
    ...(request.tree === undefined ? {} : { tree: request.tree }),
    ...(request.slice === undefined ? {} : { slice: request.slice }),
    wanted: plan.wanted,
    consent: started.consent,
    ...(started.config.skills === undefined ? {} : { skills: started.config.skills }),
  };
}

function inputsOf(
  state: RunState,
  plan: PlanNode,
  request: LeafRequested,
  read: ReadContent,
): Readonly<Record<string, Json>> {
  const { path } = request;
  if (plan.node.kind === 'leaf' && plan.node.task.type === 'merge') {
    const sources = treesToMerge(state, plan, path);
    return { trees: sources.map(({ path: name, commit, base }) => ({ name, commit, base })) };
  }
  if (plan.side === 'harvest') return harvestInputs(state, request);
  if (plan.side === 'derived' && plan.parent?.node.kind === 'tournament') {
    return judgedInputs(state, plan, path, read);
  }
  return Object.fromEntries(
    Object.entries(request.inputs ?? {}).map(([name, address]): [string, Json] => [
      name,
      valueAtAddress(state, address, read),
    ]),
  );
}

/** Who won, and the tree that the loser left; read from the request, since its node may have ended. */
function harvestInputs(
  state: RunState,
  { inputs = {} }: LeafRequested,
): Readonly<Record<string, Json>> {
  const { winner, loser } = inputs;
  if (!(winner && 'path' in winner && loser && 'path' in loser)) return {};
  const tree = state.trees.get(loser.path);
  if (tree === undefined) return {};
  return {
    winner: winner.path,
    loser: { name: loser.path, base: tree.from, commit: tree.at },
  };
}

/** What a judge sees: its pair as `a` and `b`, or all candidates by id; null for one that failed. */
function judgedInputs(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  read: ReadContent,
): Readonly<Record<string, Json>> {
  const seen = (one: Candidate | undefined): Json =>
    one === undefined || !isEligible(one)
      ? null
      : { outcome: one.settled?.status ?? null, output: outputValue(state, one.path, read) };
  const pair = judgedPair(state, plan, path);
  if (pair !== undefined) return { a: seen(pair[0]), b: seen(pair[1]) };
  const groups = judgedGroups(state, plan, path) ?? [];
  return Object.fromEntries(
    groups.map(({ id, isList, candidates }): [string, Json] => [
      id,
      isList ? candidates.map(seen) : seen(candidates[0]),
    ]),
  );
}

/** The inputs as they were in the iteration before, for templates that ask for them. */
function previousOf(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  read: ReadContent,
): Readonly<Record<string, Json>> {
  const { node } = plan;
  if (node.kind !== 'leaf' || !taskWords(node.task).previous) return {};
  return Object.fromEntries(
    Object.entries(node.inputs).map(([name, reference]): [string, Json] => {
      const target = resolve(state, viewpointOf(plan, path), { ...reference, previous: true });
      const [first] = settledOf(state, target);
      return [name, first === undefined ? null : outputValue(state, first.path, read)];
    }),
  );
}

function iterationAround(plan: PlanNode, path: NodePath): number | undefined {
  let at = path;
  for (let node = plan; node.parent !== undefined; node = node.parent) {
    const scope = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '';
    if (node.parent.node.kind === 'loop_until') return Number(instanceOf(at));
    at = scope.endsWith(']') ? scope.slice(0, scope.lastIndexOf('[')) : scope;
  }
  return undefined;
}

/** How often it was begun anew, from 1: attempts that take over a record are none of their own. */
function beginnings(live: Live | undefined, attempt: number): number {
  if (live === undefined) return attempt;
  return attempt - live.lost - (live.brokenOff - live.restarts);
}

/** Branch (where branches are to differ), iterations around it, and how often it was begun. */
function sampleOf(plan: PlanNode, path: NodePath, nth: number): string {
  const parts: string[] = [];
  for (let node = plan; node.parent !== undefined; node = node.parent) {
    const around = node.parent.node;
    if (around.kind === 'branch_set' && around.diversify) parts.unshift(`b${node.index}`);
  }
  const iterations = path.match(/\[\d+\]/g) ?? [];
  return [...parts, ...iterations, ...(nth > 1 ? [`#${nth}`] : [])].join('');
}
