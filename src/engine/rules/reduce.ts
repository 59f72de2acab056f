import { type Live, type RunState, settledAt } from '../../trace/run-state.ts';
import { childPath } from '../../workflow/node-path.ts';
import { candidatesOf, isEligible } from '../candidates.ts';
import { isFirstPrevious, resolve, settledOf, viewpointOf } from '../viewpoint.ts';
import { outcomeLike } from './line.ts';
import { fail, finish, type Rule, type Step, start, WAIT } from './rule.ts';

/** Many outcomes to one, by its reducer; fails only when none of its inputs succeeded. */
export const reduce: Rule<'reduce'> = (state, live, node) => {
  const inputs = Object.values(node.inputs);
  const view = viewpointOf(live.plan, live.path);
  const ended = inputs.flatMap((input) => {
    const target = resolve(state, view, input);
    const isMissing = target.type === 'absent' && !isFirstPrevious(state, view, input);
    return isMissing ? [undefined] : settledOf(state, target);
  });
  const isHopeless =
    ended.length > 0 &&
    ended.every((one) => one?.status !== 'succeeded' && one?.status !== 'degraded');
  if (isHopeless) return fail('no_candidate', `none of ${ended.length} inputs succeeded`);
  return byLeaf(state, live);
};

/** Lessons from finished branches, by the teacher; fails only when none of them succeeded. */
export const teacherReview: Rule<'teacher_review'> = (state, live, node) => {
  const candidates = candidatesOf(state, live, node.candidates);
  if (candidates.length > 0 && !candidates.some(isEligible)) {
    return fail('no_candidate', `none of ${candidates.length} candidates succeeded`);
  }
  return byLeaf(state, live);
};

/** The node is what its one derived leaf gives. */
function byLeaf(state: RunState, live: Live): Step {
  const { derived } = live.plan;
  if (derived === undefined) return fail('internal', `${live.path} has no leaf`);
  const path = childPath(live.path, derived.segment);
  const leaf = settledAt(state, path);
  if (!state.nodes.has(path)) return start(derived, path);
  if (leaf === undefined) return WAIT;
  if (leaf.status === 'skipped')
    return finish({ status: 'skipped', because: leaf.because ?? 'input' });
  if (leaf.status === 'failed' || leaf.status === 'cancelled') return finish(outcomeLike(leaf));
  return finish({ status: leaf.status, output: { type: 'node', path } });
}
