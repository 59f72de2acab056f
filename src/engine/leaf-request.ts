/**
 * What a leaf is asked to do, as decided from recorded facts: where its inputs come from and the
 * identity of its work. The identity is Merkle: it contains the identities of its inputs, so that equal
 * digests mean that a recorded result answers it, and a changed prompt changes exactly its cone.
 */
import type { Json, JsonObject } from '../base/json.ts';
import { orderedText } from '../base/ordered-text.ts';
import type { OutputAddress } from '../trace/events.ts';
import type { OutputRef } from '../trace/outcome.ts';
import { type RunState, type Settled, settledAt } from '../trace/run-state.ts';
import { digestJson, digestText } from '../workflow/digest.ts';
import type { NodePath } from '../workflow/node-path.ts';
import { mayUseOutside } from '../workflow/outside-tool.ts';
import type { PlanNode } from '../workflow/plan.ts';
import type { InputReference } from '../workflow/reference.ts';
import { routeKey } from '../workflow/route-key.ts';
import type { LeafNode } from '../workflow/workflow-spec.ts';
import { type Candidate, type CandidateGroup, candidateGroups, pairKey } from './candidates.ts';
import { branchFan } from './rules/branch-set.ts';
import { expandFan } from './rules/expand.ts';
import { type MergeSource, mergeSources } from './rules/fan.ts';
import { harvestedPair } from './rules/harvest.ts';
import { taskWords } from './task-words.ts';
import {
  expandItems,
  isFirstPrevious,
  resolve,
  settledOf,
  type Viewpoint,
  viewpointOf,
} from './viewpoint.ts';

/** How much of a digest identifies work: 128 bits. */
const IDENTITY_HEX = 32;

export type InputAddresses = Readonly<Record<string, OutputAddress>>;

/** Where the inputs of a leaf stand; `blocked` names a required one that gave nothing. */
export function inputAddresses(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): { readonly inputs: InputAddresses } | { readonly blocked: string } {
  const inputs: Record<string, OutputAddress> = {};
  if (plan.node.kind !== 'leaf') return { inputs };
  const pair = judgedPair(state, plan, path);
  if (pair !== undefined)
    return { inputs: { a: { path: pair[0].path }, b: { path: pair[1].path } } };
  const harvested = harvestedPair(state, plan, path);
  if (harvested !== undefined) {
    const { winner, loser } = harvested;
    return { inputs: { winner: { path: winner }, loser: { path: loser } } };
  }
  const view = viewpointOf(plan, path);
  for (const [name, reference] of Object.entries(plan.node.inputs)) {
    const address = addressOf(state, view, reference);
    const isBlocking = address === null && !reference.optional;
    if (isBlocking && !isFirstPrevious(state, view, reference)) return { blocked: name };
    inputs[name] = address;
  }
  return { inputs };
}

function addressOf(state: RunState, view: Viewpoint, reference: InputReference): OutputAddress {
  const target = resolve(state, view, reference);
  const isOptional = reference.optional ?? false;
  if (target.type === 'absent') return null;
  if (reference.as === 'subtree' && target.type === 'one') return { subtree: target.path };
  const field = reference.field === undefined ? {} : { field: reference.field };
  if (target.type === 'many') {
    const list = target.paths.map((at) =>
      hasOutput(settledAt(state, at), isOptional) ? at : null,
    );
    return list.every((at) => at === null) && list.length > 0 ? null : { list, ...field };
  }
  const settled = settledAt(state, target.path);
  if (!hasOutput(settled, isOptional)) return null;
  return { path: target.path, ...field };
}

/** A failed command still has an output; only an optional input gets it. */
function hasOutput(settled: Settled | undefined, isOptional: boolean): boolean {
  if (settled === undefined) return false;
  if (settled.status === 'succeeded' || settled.status === 'degraded') return true;
  return isOptional && settled.content !== undefined;
}

/** The candidates that a judge or teacher looks at, when the leaf belongs to such a node. */
export function judgedGroups(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): readonly CandidateGroup[] | undefined {
  const owner = plan.side === 'derived' ? plan.parent : undefined;
  if (owner?.node.kind !== 'tournament' && owner?.node.kind !== 'teacher_review') return undefined;
  const ownerPath = path.slice(0, path.lastIndexOf('/'));
  return candidateGroups(state, { plan: owner, path: ownerPath }, owner.node.candidates);
}

/** The two candidates, a and b, that the judge of a pair compares. */
export function judgedPair(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): readonly [a: Candidate, b: Candidate] | undefined {
  if (plan.side !== 'derived' || !path.endsWith(']')) return undefined;
  const all = (judgedGroups(state, plan, path) ?? []).flatMap(({ candidates }) => candidates);
  const key = path.slice(path.lastIndexOf('[') + 1, -1);
  for (const a of all) {
    const b = all.find((other) => other !== a && pairKey(a, other) === key);
    if (b !== undefined) return [a, b];
  }
  return undefined;
}

/** The trees that a merge puts together, when the leaf is one. */
export function treesToMerge(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): readonly MergeSource[] {
  const { parent } = plan;
  if (parent === undefined) return [];
  const owner = { plan: parent, path: path.slice(0, path.lastIndexOf('/')) };
  const isExpand = parent.node.kind === 'expand';
  const fan = isExpand ? expandFan(state, owner, undefined) : branchFan(owner, undefined);
  return mergeSources(state, fan);
}

export interface IdentityParts {
  readonly [component: string]: Json;
}

/**
 * The components of a leaf’s identity, for explaining a difference; hashed together they are its digest.
 * Goal, ids of neighbours, budgets and time limits are not part.
 */
export function identityParts(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  commit: string | undefined,
): IdentityParts {
  const fixed = staticParts(state, plan.node as LeafNode);
  return { ...fixed, ...dynamicParts(state, plan, path, commit) };
}

function dynamicParts(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  commit: string | undefined,
): Record<string, Json> {
  const node = plan.node as LeafNode;
  const words = taskWords(node.task);
  const dynamic: Record<string, Json> = {};
  if (words.params) {
    dynamic['params'] = paramsIn(JSON.stringify(node.task), state.started?.params ?? {});
  }
  if (words.item) dynamic['item'] = itemAround(state, plan, path) ?? null;
  if (words.iteration) dynamic['iteration'] = path.match(/\[(\d+)\]/g)?.join('') ?? '';
  if (commit !== undefined) dynamic['tree'] = commit;
  const voided = voidedBy(state, path);
  if (voided !== undefined) dynamic['voided'] = voided;
  if (node.task.type === 'merge') {
    const sources = treesToMerge(state, plan, path);
    dynamic['sources'] = sources.map(({ path: name, commit, base }) => [name, commit, base]);
  }
  const harvested = harvestedPair(state, plan, path);
  if (harvested !== undefined) {
    const { from, at } = state.trees.get(harvested.loser) ?? {};
    dynamic['loser'] = [from ?? null, at ?? null];
  }
  const pair = judgedPair(state, plan, path);
  const candidates = pair ?? judgedGroups(state, plan, path)?.flatMap((group) => group.candidates);
  if (candidates !== undefined) {
    dynamic['candidates'] = candidates.map((one) => [one.name, identityOf(state, one.path)]);
    if (plan.parent?.node.kind === 'teacher_review') {
      dynamic['subtrees'] = candidates.map((one) => subtreeIdentity(state, one.path));
    }
    return dynamic;
  }
  for (const [name, reference] of Object.entries(node.inputs)) {
    const target = resolve(state, viewpointOf(plan, path), reference);
    const ended = settledOf(state, target);
    dynamic[`inputs.${name}`] = [
      reference.field ?? '',
      ...ended.map((one) => (one === undefined ? null : identityOf(state, one.path))),
    ];
    if (words.previous) {
      const before = resolve(state, viewpointOf(plan, path), { ...reference, previous: true });
      dynamic[`previous.${name}`] = settledOf(state, before).map((one) =>
        one === undefined ? null : identityOf(state, one.path),
      );
    }
  }
  return dynamic;
}

function staticParts(state: RunState, node: LeafNode): Record<string, Json> {
  const { timeoutMs: _limit, ...task } = node.task as LeafNode['task'] & { timeoutMs?: number };
  const policy = node.modelPolicy as unknown as Json;
  return {
    task: task as unknown as Json,
    schema: (node.output ?? null) as Json,
    permissions: node.permissions as unknown as Json,
    mode: node.mode,
    fileScope: node.fileScope ?? null,
    skills: skillsPart(state, node),
    modelPolicy: policy,
    route: state.started?.config.routes[routeKey(node.modelPolicy)] ?? null,
    wiring: state.started?.config.wiring ?? null,
    ...agentPart(state, node),
    ...outsidePart(state, node),
  };
}

/** Each skill with the digest of what it said when the run began. */
function skillsPart({ started }: RunState, { skills }: LeafNode): Json {
  const recorded = started?.config.skills;
  if (skills.length === 0 || recorded === undefined) return skills;
  return skills.map((name) => [name, recorded[name]?.digest ?? null]);
}

/** Who answers to the name of an agent, where that is not its own. */
function agentPart({ started }: RunState, { task }: LeafNode): Record<string, Json> {
  if (task.type !== 'external') return {};
  const agent = started?.config.agents?.[task.agent];
  return agent === undefined ? {} : { agent };
}

/** The definitions of the tools of servers that it is offered: others make it other work. */
function outsidePart({ started }: RunState, node: LeafNode): Record<string, Json> {
  const { mcp } = started?.config ?? {};
  if (mcp === undefined || node.task.type !== 'agent') return {};
  const used = Object.entries(mcp).filter(([name]) => mayUseOutside(node, name));
  return used.length === 0 ? {} : { mcp: Object.fromEntries(used) };
}

/**
 * The canonical text of `staticParts`, put together from those of its parts: many leaves share their
 * permissions, policy and skills. Undefined where one of them has no plain text.
 */
function staticText(parts: Readonly<Record<string, Json>>): string | undefined {
  let all = '';
  for (const name of Object.keys(parts).sort()) {
    const value = parts[name] as Json;
    const text = name === 'task' ? orderedText(value) : sharedText(value);
    if (text === undefined) return undefined;
    all += `${all === '' ? '{' : ','}"${name}":${text}`;
  }
  return `${all}}`;
}

const sharedTexts = new WeakMap<object, string>();

function sharedText(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null) return orderedText(value);
  const text = sharedTexts.get(value) ?? orderedText(value);
  if (text !== undefined) sharedTexts.set(value, text);
  return text;
}

const staticDigests = new WeakMap<RunState, Map<LeafNode, string>>();

function staticDigest(state: RunState, node: LeafNode): string {
  const parts = staticParts(state, node);
  const text = staticText(parts);
  return text === undefined ? digestJson(parts) : digestText(text);
}

/** Digest of a leaf’s work: 32 hex. */
export function workDigest(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  commit: string | undefined,
): string {
  const node = plan.node as LeafNode;
  const known = staticDigests.get(state) ?? new Map<LeafNode, string>();
  staticDigests.set(state, known);
  const fixed = known.get(node) ?? staticDigest(state, node);
  known.set(node, fixed);
  const dynamic = dynamicParts(state, plan, path, commit);
  const isPlain = Object.keys(dynamic).length === 0;
  // Mostly in the order of the canonical text, which then needs no copy.
  if (!isPlain) return digestJson({ fixed, ...dynamic }).slice(0, IDENTITY_HEX);
  return digestText(`{"fixed":"${fixed}"}`).slice(0, IDENTITY_HEX);
}

/** `fork --at NODE` gives NODE and what is inside of it a new identity, and so all that depends on it. */
function voidedBy(state: RunState, path: NodePath): string | undefined {
  const { parent, voided } = state.started?.lineage ?? {};
  if (voided === undefined) return undefined;
  const isVoided =
    path === voided || path.startsWith(`${voided}/`) || path.startsWith(`${voided}[`);
  return isVoided ? `fork of ${parent} at ${voided}` : undefined;
}

/** Identity of what a node gave: the work that made it and what came out. */
function identityOf(state: RunState, path: NodePath): Json {
  const settled = settledAt(state, path);
  if (settled === undefined) return null;
  if (settled.plan.node.kind === 'leaf') {
    return [settled.status, settled.digest ?? '', settled.content?.digest ?? ''];
  }
  return [settled.status, outputIdentity(state, settled.output)];
}

/** Identity of all that a teacher sees: every leaf below, in order of paths. */
function subtreeIdentity(state: RunState, path: NodePath): Json {
  return [...state.nodes.keys()]
    .filter((at) => at === path || at.startsWith(`${path}/`) || at.startsWith(`${path}[`))
    .sort()
    .map((at) => [at, identityOf(state, at)]);
}

function outputIdentity(state: RunState, output: OutputRef | undefined): Json {
  switch (output?.type) {
    case undefined:
    case 'none':
      return null;
    case 'node':
      return identityOf(state, output.path);
    case 'list':
      return output.items.map((item) => (item === null ? null : identityOf(state, item)));
    case 'record':
      return identities(state, output.entries);
    case 'value':
      return [
        output.value,
        identities(state, output.parts ?? {}),
        ...(output.fruit ?? []).map((leaf) => identityOf(state, leaf)),
      ];
  }
}

const identities = (state: RunState, entries: Readonly<Record<string, NodePath>>): JsonObject =>
  Object.fromEntries(
    Object.entries(entries).map(([name, path]) => [name, identityOf(state, path)]),
  );

function paramsIn(text: string, params: JsonObject): JsonObject {
  const named = Object.keys(params).filter((name) => text.includes(`params.${name}`));
  return Object.fromEntries(named.map((name) => [name, params[name] ?? null]));
}

/** The item of the innermost expand around a leaf. */
export function itemAround(state: RunState, plan: PlanNode, path: NodePath): Json | undefined {
  let at = path;
  for (let node = plan; node.parent !== undefined; node = node.parent) {
    const cut = at.lastIndexOf('/');
    const scope = cut < 0 ? '' : at.slice(0, cut);
    const own = scope.endsWith(']') ? scope.slice(0, scope.lastIndexOf('[')) : scope;
    if (node.parent.node.kind === 'expand') {
      const found = expandItems(state, node.parent, own);
      const key = scope.slice(own.length + 1, -1);
      return found.ok ? found.byKey.get(key)?.value : undefined;
    }
    at = own;
  }
  return undefined;
}
