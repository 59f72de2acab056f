import { type RunState, settledAt } from '../../trace/run-state.ts';
import { childPath, instancePath, type NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import { expandItems } from '../viewpoint.ts';
import { fanOutcome, stepFan } from './fan.ts';
import { type Fan, fail, finish, type Rule } from './rule.ts';

/** One instance of its template an item of a list; the list is read when it starts. */
export const expand: Rule<'expand'> = (state, live, node) => {
  const found = expandItems(state, live.plan, live.path);
  if (!found.ok) return fail(found.kind, found.message);
  if (found.items.length === 0) {
    return finish({ status: 'succeeded', output: { type: 'value', value: [] } });
  }
  const fan = expandFan(state, live, node.maxParallel);
  const step = stepFan(state, live, fan);
  if (step !== undefined) return step;
  const items = Array.from({ length: fan.count }, (_, index) => {
    const { path } = fan.at(index);
    const status = settledAt(state, path)?.status;
    return status === 'succeeded' || status === 'degraded' ? path : null;
  });
  const outcome = fanOutcome(state, fan, { type: 'list', items });
  const isCut = found.dropped > 0 && outcome.status === 'succeeded';
  return finish(isCut ? { ...outcome, status: 'degraded' } : outcome);
};

/** The instances of an expand as a fan. */
export function expandFan(
  state: RunState,
  live: { readonly plan: PlanNode; readonly path: NodePath },
  maxParallel: number | undefined,
): Fan {
  const { path } = live;
  const found = expandItems(state, live.plan, path);
  const items = found.ok ? found.items : [];
  const template = live.plan.children[0] as PlanNode;
  return {
    count: items.length,
    maxParallel: maxParallel ?? Number.POSITIVE_INFINITY,
    isPatient: maxParallel === undefined,
    planAt: () => template,
    at: (index) => {
      const scope = instancePath(path, items[index]?.key ?? '');
      return { plan: template, path: childPath(scope, template.segment) };
    },
  };
}
