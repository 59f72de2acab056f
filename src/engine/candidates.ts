/** The finished branches that a tournament, a pareto choice or a review looks at. */
import { type RunState, type Settled, settledAt } from '../trace/run-state.ts';
import { childPath, type NodePath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import { expandItems, instancePaths, resolve, viewpointOf } from './viewpoint.ts';

export interface Candidate {
  /** Its id, or the key of its instance. */
  readonly name: string;
  readonly path: NodePath;
  readonly settled: Settled | undefined;
}

/** Candidates in order as written; a single expand stands for its instances (best of n). */
export function candidatesOf(
  state: RunState,
  owner: { readonly plan: PlanNode; readonly path: NodePath },
  ids: readonly string[],
): readonly Candidate[] {
  return ids.flatMap((id): readonly Candidate[] => {
    const target = resolve(state, viewpointOf(owner.plan, owner.path), { node: id });
    const paths =
      target.type === 'one' ? [target.path] : target.type === 'many' ? target.paths : [];
    return paths.flatMap((path) => {
      const settled = settledAt(state, path);
      const isExpand = settled?.plan.node.kind === 'expand';
      if (isExpand && settled !== undefined) return instancesOf(state, settled);
      const name = paths.length === 1 ? id : path;
      return [{ name, path, settled }];
    });
  });
}

function instancesOf(state: RunState, expand: Settled): readonly Candidate[] {
  const found = expandItems(state, expand.plan, expand.path);
  const scopes = instancePaths(state, expand.plan, expand.path);
  const template = expand.plan.children[0];
  if (!found.ok || template === undefined) return [];
  return scopes.map((scope, index) => {
    const path = childPath(scope, template.segment);
    return { name: found.items[index]?.key ?? '', path, settled: settledAt(state, path) };
  });
}

/** Whether a candidate ended well enough to be chosen. */
export function isEligible({ settled }: Candidate): boolean {
  return settled?.status === 'succeeded' || settled?.status === 'degraded';
}
