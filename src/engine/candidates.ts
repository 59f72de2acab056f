/** The finished branches that a tournament, a pareto choice or a review looks at. */
import type { Loser } from '../trace/events.ts';
import { type RunState, type Settled, settledAt } from '../trace/run-state.ts';
import { childPath, type NodePath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import { expandItems, instancePaths, resolve, viewpointOf } from './viewpoint.ts';

export interface Candidate {
  /** Its id; the key of its instance, or its path where that could mean several. */
  readonly name: string;
  /** What a judge of all candidates calls it: its id, or its number from 0 in the list of instances. */
  readonly judgedAs: string;
  readonly path: NodePath;
  readonly settled: Settled | undefined;
}

/** One candidate as written: a node, or the list that it stands for. */
export interface CandidateGroup {
  readonly id: string;
  readonly isList: boolean;
  readonly candidates: readonly Candidate[];
}

interface Owner {
  readonly plan: PlanNode;
  readonly path: NodePath;
}

/** Candidates in order as written; an expand stands for its instances (best of n). */
export function candidatesOf(
  state: RunState,
  owner: Owner,
  ids: readonly string[],
): readonly Candidate[] {
  return candidateGroups(state, owner, ids).flatMap(({ candidates }) => candidates);
}

/** Candidates by the ids that stand for them. */
export function candidateGroups(
  state: RunState,
  owner: Owner,
  ids: readonly string[],
): readonly CandidateGroup[] {
  const isAlone = ids.length === 1;
  return ids.map((id) => {
    const target = resolve(state, viewpointOf(owner.plan, owner.path), { node: id });
    if (target.type === 'absent') return { id, isList: false, candidates: [] };
    const paths = target.type === 'one' ? [target.path] : target.paths;
    const found = paths.flatMap((path): readonly Place[] => {
      const settled = settledAt(state, path);
      if (settled?.plan.node.kind === 'expand') {
        return instancesOf(state, settled, isAlone && target.type === 'one');
      }
      return [{ name: target.type === 'one' ? id : path, path, settled, isItem: false }];
    });
    const isList = target.type === 'many' || found.some(({ isItem }) => isItem);
    const candidates = found.map(({ name, path, settled }, index) => {
      const place = isAlone ? String(index) : `${id}.${index}`;
      return { name, judgedAs: isList ? place : id, path, settled };
    });
    return { id, isList, candidates };
  });
}

interface Place {
  readonly name: string;
  readonly path: NodePath;
  readonly settled: Settled | undefined;
  readonly isItem: boolean;
}

function instancesOf(state: RunState, expand: Settled, isAlone: boolean): readonly Place[] {
  const found = expandItems(state, expand.plan, expand.path);
  const scopes = instancePaths(state, expand.plan, expand.path);
  const template = expand.plan.children[0];
  if (!found.ok || template === undefined) return [];
  return scopes.map((scope, index) => {
    const path = childPath(scope, template.segment);
    const name = isAlone ? (found.items[index]?.key ?? '') : path;
    return { name, path, settled: settledAt(state, path), isItem: true };
  });
}

/** The candidates that are not the winner. */
export function losersOf(candidates: readonly Candidate[], winner: NodePath): readonly Loser[] {
  const others = candidates.filter(({ path }) => path !== winner);
  return others.map(({ name, path }) => ({ name, path }));
}

/** Whether a candidate ended well enough to be chosen. */
export function isEligible({ settled }: Candidate): boolean {
  return settled?.status === 'succeeded' || settled?.status === 'degraded';
}

const RESERVED = /[%,/[\]]/g;

/** Names a candidate in a path: reserved characters of its name as `%XX`. */
export function candidateKey({ name }: { readonly name: string }): string {
  return name.replace(
    RESERVED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Names the judge of a pair in its path: `a,b`. */
export function pairKey(a: Candidate, b: Candidate): string {
  return `${candidateKey(a)},${candidateKey(b)}`;
}
