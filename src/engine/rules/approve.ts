import { finish, type Rule, WAIT } from './rule.ts';

/** Asks a person and waits; the answer is a fact, and so is its timeout. */
export const approve: Rule<'approve'> = (state, live, node) => {
  const { answer } = live;
  if (answer !== undefined) {
    const value = { approved: answer.approved, by: answer.by, reason: answer.reason ?? null };
    const output = { type: 'value', value } as const;
    if (answer.approved) return finish({ status: 'succeeded', output });
    const message = `${answer.by} said no${answer.reason === undefined ? '' : `: ${answer.reason}`}`;
    return finish({ status: 'failed', failure: { kind: 'refused', message }, output });
  }
  if (!state.waiting.has(live.path)) return { do: 'ask', message: node.message };
  if (node.timeoutMs !== undefined && live.timer === undefined) {
    return { do: 'timer', timer: 'answer', delayMs: node.timeoutMs };
  }
  return WAIT;
};
