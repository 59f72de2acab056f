/**
 * Reads references: where the node that a reference names stands in the run, as seen from some place in
 * it, and what it gave. Everything here is a pure reading of recorded facts.
 */
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { planIn, type RunState, type Settled, settledAt } from '../trace/run-state.ts';
import type { FailureKind } from '../workflow/limits.ts';
import {
  childPath,
  encodeKey,
  instancePath,
  type NodePath,
  scopeOf,
} from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import type { Reference } from '../workflow/reference.ts';
import { fruitValue } from './fruit.ts';

/** A place from which references are read: inside of a control node, in one of its instances. */
export interface Viewpoint {
  readonly node: PlanNode;
  /** The path of `node` with the instance: `fix[2]`, `''` for the root. */
  readonly scope: NodePath;
}

/** What a reference leads to: one node, or the instances of an expand in key order. */
export type Target =
  | { readonly type: 'one'; readonly path: NodePath }
  | { readonly type: 'many'; readonly paths: readonly NodePath[] }
  | { readonly type: 'absent' };

const ABSENT: Target = { type: 'absent' };

/** The place from which the references of a node itself are read. */
export function viewpointOf(plan: PlanNode, path: NodePath): Viewpoint {
  return { node: plan.parent ?? plan, scope: scopeOf(path) };
}

function around({ node, scope }: Viewpoint): Viewpoint | undefined {
  if (node.parent === undefined) return undefined;
  const own = scope.endsWith(']') ? scope.slice(0, scope.lastIndexOf('[')) : scope;
  return { node: node.parent, scope: scopeOf(own) };
}

/** Finds what a reference names; absent when it has not been there (yet, or in the first iteration). */
export function resolve(state: RunState, from: Viewpoint, reference: Reference): Target {
  const target = planIn(state).nodes.get(reference.node);
  if (target === undefined) return ABSENT;
  const chain = chainTo(target);
  const common = commonView(chain, from, reference);
  if (common === undefined) return ABSENT;
  const scope = reference.previous ? previousScope(common.scope) : common.scope;
  return scope === undefined ? ABSENT : descend(state, chain, target, { ...common, scope });
}

/** `previous(X)` in the first iteration of the loop that it means: absent by definition. */
export function isFirstPrevious(state: RunState, from: Viewpoint, reference: Reference): boolean {
  const target = planIn(state).nodes.get(reference.node);
  if (reference.previous !== true || target === undefined) return false;
  const common = commonView(chainTo(target), from, reference);
  return common !== undefined && previousScope(common.scope) === undefined;
}

/** The way down to a node: each node around it, with the next one inwards. */
function chainTo(target: PlanNode): ReadonlyMap<PlanNode, PlanNode> {
  const chain = new Map<PlanNode, PlanNode>();
  for (let node = target; node.parent !== undefined; node = node.parent) {
    chain.set(node.parent, node);
  }
  return chain;
}

/** The innermost node around both ends of a reference; for `previous` the innermost such loop. */
function commonView(
  chain: ReadonlyMap<PlanNode, PlanNode>,
  from: Viewpoint,
  reference: Reference,
): Viewpoint | undefined {
  let common: Viewpoint | undefined = from;
  const fits = (view: Viewpoint): boolean =>
    chain.has(view.node) && (!reference.previous || view.node.node.kind === 'loop_until');
  while (common !== undefined && !fits(common)) common = around(common);
  return common;
}

function previousScope(scope: NodePath): NodePath | undefined {
  const bracket = scope.lastIndexOf('[');
  const iteration = Number(scope.slice(bracket + 1, -1));
  return iteration > 1 ? instancePath(scope.slice(0, bracket), iteration - 1) : undefined;
}

/** Walks down from a common ancestor: the last iteration of loops, all instances of expands. */
function descend(
  state: RunState,
  chain: ReadonlyMap<PlanNode, PlanNode>,
  target: PlanNode,
  { node: top, scope }: Viewpoint,
): Target {
  // Seen from the leaf that resolves the conflicts of an expand, its instances are below.
  let isMany = top.node.kind === 'expand' && !scope.endsWith(']');
  let scopes = isMany ? scopesBelow(state, top, scope) : [scope];
  for (let node = chain.get(top); node !== undefined; node = chain.get(node)) {
    if (scopes === undefined) return ABSENT;
    const { segment } = node;
    const paths = scopes.map((at) => childPath(at, segment));
    if (node === target) {
      if (isMany) return { type: 'many', paths };
      const [path] = paths;
      return path === undefined ? ABSENT : { type: 'one', path };
    }
    if (node.node.kind === 'expand') isMany = true;
    const below = paths.map((path) => scopesBelow(state, node, path));
    const known = below.filter((list) => list !== undefined);
    scopes = known.length === 0 && below.length > 0 ? undefined : known.flat();
  }
  return ABSENT;
}

/** Where children of a node stand; undefined where it has not come to have any. */
function scopesBelow(
  state: RunState,
  node: PlanNode,
  path: NodePath,
): readonly NodePath[] | undefined {
  const entry = state.nodes.get(path);
  switch (node.node.kind) {
    case 'loop_until': {
      const iteration = entry === undefined ? 0 : entry.alive ? entry.iteration : entry.iterations;
      return iteration === 0 ? undefined : [instancePath(path, iteration)];
    }
    case 'expand':
      if (entry === undefined || !expandItems(state, node, path).ok) return undefined;
      return instancePaths(state, node, path);
    default:
      return [path];
  }
}

/** The ended nodes that a target names; undefined for one that has not ended. */
export function settledOf(state: RunState, target: Target): readonly (Settled | undefined)[] {
  if (target.type === 'absent') return [];
  const paths = target.type === 'one' ? [target.path] : target.paths;
  return paths.map((path) => settledAt(state, path));
}

/** The value of a field as recorded inline; undefined where there is none. */
export function readField(state: RunState, target: Target, field: string): Json | undefined {
  if (target.type === 'absent') return undefined;
  if (target.type === 'one') return valueAt(state, target.path, field);
  if (field === '') return target.paths.map((path) => valueAt(state, path, '') ?? null);
  const [head, rest] = splitField(field);
  const path = entryAt(target.paths, head);
  return path === undefined ? undefined : valueAt(state, path, rest);
}

function valueAt(state: RunState, path: NodePath, field: string): Json | undefined {
  const settled = settledAt(state, path);
  if (settled === undefined) return undefined;
  if (settled.plan.node.kind === 'leaf') {
    const { values } = settled;
    if (values === undefined) return undefined;
    return Object.hasOwn(values, field) ? values[field] : dig(values[''], field);
  }
  const { output } = settled;
  if (output === undefined) return undefined;
  const [head, rest] = splitField(field);
  switch (output.type) {
    case 'none':
      return undefined;
    case 'node':
      return valueAt(state, output.path, field);
    case 'list': {
      if (field === '') return output.items.map((item) => valueOrNull(state, item));
      const item = entryAt(output.items, head);
      return item === undefined || item === null ? undefined : valueAt(state, item, rest);
    }
    case 'record': {
      if (field === '') return mapRecord(state, output.entries);
      const entry = output.entries[head];
      return entry === undefined ? undefined : valueAt(state, entry, rest);
    }
    case 'value': {
      const part = output.parts?.[head];
      if (part !== undefined) return valueAt(state, part, rest);
      const fruit = output.fruit === undefined ? undefined : fruitValue(state, output.fruit);
      if (fruit !== undefined && head === 'fruit') return dig(fruit, rest);
      const own = dig(output.value, field);
      if (field !== '' || !isJsonObject(own)) return own;
      return {
        ...own,
        ...mapRecord(state, output.parts ?? {}),
        ...(fruit === undefined ? {} : { fruit }),
      };
    }
  }
}

const valueOrNull = (state: RunState, path: NodePath | null): Json =>
  path === null ? null : (valueAt(state, path, '') ?? null);

function mapRecord(state: RunState, entries: Readonly<Record<string, NodePath>>): JsonObject {
  return Object.fromEntries(
    Object.entries(entries).map(([name, path]) => [name, valueOrNull(state, path)]),
  );
}

const PLACE = /^\d+$/;

function entryAt<T>(list: readonly T[], place: string): T | undefined {
  return PLACE.test(place) ? list[Number(place)] : undefined;
}

function splitField(field: string): readonly [head: string, rest: string] {
  const cut = field.indexOf('.');
  return cut < 0 ? [field, ''] : [field.slice(0, cut), field.slice(cut + 1)];
}

/** The value at a dotted path: own fields of objects, places of lists. */
export function dig(value: Json | undefined, field: string): Json | undefined {
  let found = value;
  for (const step of field === '' ? [] : field.split('.')) {
    if (Array.isArray(found)) found = entryAt<Json>(found, step);
    else if (isJsonObject(found) && Object.hasOwn(found, step)) found = found[step];
    else return undefined;
  }
  return found;
}

export interface ExpandItem {
  readonly key: string;
  readonly value: Json;
}

export type ExpandItems =
  | {
      readonly ok: true;
      readonly items: readonly ExpandItem[];
      readonly byKey: ReadonlyMap<string, ExpandItem>;
      readonly dropped: number;
    }
  | { readonly ok: false; readonly kind: FailureKind; readonly message: string };

const NO_ITEMS: ExpandItems = { ok: true, items: [], byKey: new Map(), dropped: 0 };

const cache = new WeakMap<RunState, Map<NodePath, ExpandItems>>();

/**
 * The items of the expand at `path`, in order, with their keys; or why there are none. They are read
 * when it has begun and stay as they are.
 */
export function expandItems(state: RunState, plan: PlanNode, path: NodePath): ExpandItems {
  if (!state.nodes.has(path)) return NO_ITEMS;
  const known = cache.get(state) ?? new Map<NodePath, ExpandItems>();
  cache.set(state, known);
  const found = known.get(path) ?? readItems(state, plan, path);
  known.set(path, found);
  return found;
}

/** The scopes of all instances, in the order of the items. */
export function instancePaths(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): readonly NodePath[] {
  const found = expandItems(state, plan, path);
  return found.ok ? found.items.map(({ key }) => instancePath(path, key)) : [];
}

function readItems(state: RunState, plan: PlanNode, path: NodePath): ExpandItems {
  const { node } = plan;
  if (node.kind !== 'expand') return NO_ITEMS;
  const target = resolve(state, viewpointOf(plan, path), node.source);
  const value = readField(state, target, node.source.field ?? '');
  const where = `${node.source.node}${node.source.field ? `.${node.source.field}` : ''}`;
  if (!Array.isArray(value)) {
    return { ok: false, kind: 'schema', message: `${where} is no list` };
  }
  if (value.length > node.maxChildren && node.overflow === 'fail') {
    const message = `${where} has ${value.length} items, more than maxChildren ${node.maxChildren}`;
    return { ok: false, kind: 'value_too_large', message };
  }
  const taken: readonly Json[] = value.slice(0, node.maxChildren);
  const byKey = new Map<string, ExpandItem>();
  for (const [index, item] of taken.entries()) {
    const key = keyOf(item, index, node.key);
    if (key === undefined) {
      return { ok: false, kind: 'schema', message: `item ${index} of ${where} has no usable key` };
    }
    if (byKey.has(key)) {
      return { ok: false, kind: 'schema', message: `two items of ${where} have the key ${key}` };
    }
    byKey.set(key, { key, value: item });
  }
  return { ok: true, items: [...byKey.values()], byKey, dropped: value.length - taken.length };
}

function keyOf(item: Json, index: number, field: string | undefined): string | undefined {
  const named = field === undefined ? item : dig(item, field);
  if (typeof named === 'string') return encodeKey(named);
  if (field !== undefined) return typeof named === 'number' ? encodeKey(String(named)) : undefined;
  return typeof named === 'number' ? encodeKey(String(named)) : String(index + 1);
}
