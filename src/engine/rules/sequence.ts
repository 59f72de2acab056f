import { lineOutcome, settledLine, stepLine } from './line.ts';
import { finish, type Rule } from './rule.ts';

/** One child after the other; the first failure ends it, the rest is skipped. */
export const sequence: Rule<'sequence'> = (state, live, node) => {
  const { path: scope } = live;
  const { children } = live.plan;
  const step = stepLine(state, live, { scope, children, onFailure: node.onFailure, instance: 0 });
  if (step.do !== 'end') return step;
  return finish(lineOutcome(settledLine(state, scope, children), step.stoppedBy));
};
