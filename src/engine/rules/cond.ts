import { settledAt } from '../../trace/run-state.ts';
import { childPath } from '../../workflow/node-path.ts';
import { holds } from '../predicate.ts';
import { lineOutcome, outcomeLike, settledLine, stepLine } from './line.ts';
import { finish, NONE, type Rule, start, WAIT } from './rule.ts';

/** Asks its test once, then runs one side as a sequence; a side without nodes succeeds at once. */
export const cond: Rule<'cond'> = (state, live, node) => {
  const { plan, path } = live;
  if (plan.derived !== undefined) {
    const judgePath = childPath(path, plan.derived.segment);
    const judge = settledAt(state, judgePath);
    if (!state.nodes.has(judgePath)) return start(plan.derived, judgePath);
    if (judge === undefined) return WAIT;
    if (judge.status === 'failed' || judge.status === 'cancelled')
      return finish(outcomeLike(judge));
  }
  const children = holds(state, { node: plan, scope: path }, node.test)
    ? plan.children
    : plan.otherwise;
  if (children.length === 0) return finish({ status: 'succeeded', output: NONE });
  const step = stepLine(state, live, { scope: path, children, onFailure: 'stop', instance: 0 });
  if (step.do !== 'end') return step;
  return finish(lineOutcome(settledLine(state, path, children), step.stoppedBy));
};
