import { triesOf } from '../../trace/run-state.ts';
import { type Rule, WAIT } from './rule.ts';

/** Admission starts a leaf and its report ends it; between attempts it waits for a timer. */
export const leaf: Rule<'leaf'> = (_state, live, node) => {
  if (live.stage !== 'waiting' || live.timer !== undefined) return WAIT;
  const { backoffMs, maxBackoffMs } = node.retry;
  const delayMs = Math.min(maxBackoffMs, backoffMs * 2 ** (triesOf(live) - 1));
  return { do: 'timer', timer: `retry ${live.attempt + 1}`, delayMs };
};
