import { isSuccess, type Live, type RunState, settledAt } from '../../trace/run-state.ts';
import { childPath, instancePath } from '../../workflow/node-path.ts';
import type { LoopUntilNode } from '../../workflow/workflow-spec.ts';
import { holds } from '../predicate.ts';
import { outcomeLike, settledLine, stepLine } from './line.ts';
import { fail, finish, NONE, type Rule, type Step, start, WAIT } from './rule.ts';

/** Runs its children again until the condition holds; a failed child ends its iteration only. */
export const loopUntil: Rule<'loop_until'> = (state, live, node) => {
  // What has begun says in which iteration the loop is; the engine may have come one further.
  live.round = Math.max(live.round, live.iteration, 1);
  for (;;) {
    const scope = instancePath(live.path, live.round);
    const { children } = live.plan;
    const instance = live.round;
    const line = stepLine(state, live, { scope, children, onFailure: 'stop', instance });
    if (line.do !== 'end') return line;
    const asked = askUntil(state, live, node);
    if (asked !== undefined) return asked;
    if (live.round >= node.maxIterations) return exhausted(state, live, node);
    live.round += 1;
    live.next = 0;
  }
};

/** The end of the loop or the judge to wait for; undefined when the condition does not hold. */
function askUntil(state: RunState, live: Live, node: LoopUntilNode): Step | undefined {
  const scope = instancePath(live.path, live.round);
  const { derived } = live.plan;
  if (derived !== undefined) {
    const path = childPath(scope, derived.segment);
    if (!state.nodes.has(path)) return start(derived, path, live.round);
    const judge = settledAt(state, path);
    if (judge === undefined) return WAIT;
    if (judge.status !== 'skipped' && !isSuccess(judge)) return finish(outcomeLike(judge));
  }
  if (!holds(state, { node: live.plan, scope }, node.until)) return undefined;
  return ended(state, live, 'succeeded');
}

function ended(state: RunState, live: Live, best: 'succeeded' | 'degraded'): Step {
  const settled = settledLine(state, instancePath(live.path, live.round), live.plan.children);
  const isWhole = settled.every((entry) => entry.status === 'succeeded');
  const last = settled.at(-1);
  const isLast = last?.plan === live.plan.children.at(-1) && last?.status !== 'skipped';
  return finish({
    status: isWhole ? best : 'degraded',
    output: isLast && last !== undefined ? { type: 'node', path: last.path } : NONE,
  });
}

function exhausted(state: RunState, live: Live, node: LoopUntilNode): Step {
  if (node.onExhausted === 'continue') return ended(state, live, 'degraded');
  return fail(
    'loop_exhausted',
    `the condition of ${node.id} did not hold after ${node.maxIterations} iterations`,
  );
}
