/**
 * The turns of an agent that asks its model itself, as model calls: what it was asked, what it said, and
 * what it reports to have used. Nobody can hold its calls back one by one, so a turn sets aside all that
 * is left of the slice. What it does not report is estimated from what was seen, and its cost is unknown.
 */

import { canonicalJson } from '../../../model/canonical-json.ts';
import {
  DEFAULT_MAX_OUTPUT_TOKENS,
  estimateTokens,
  requestText,
} from '../../../model/model-request.ts';
import type { Clock } from '../../../system/clock.ts';
import type { CostStatus, Tokens, Usage } from '../../../trace/usage.ts';
import { totalTokens } from '../../../trace/usage.ts';
import type { ExternalTask } from '../../../workflow/task.ts';
import type { LeafHost } from '../../leaf-host.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { AgentSession, AgentTurn } from './agent-session.ts';
import { agentRoute, type ExternalAgent } from './external-agent.ts';

export interface AccountParts {
  readonly job: LeafJob<ExternalTask>;
  readonly agent: ExternalAgent;
  readonly host: LeafHost;
  readonly clock: Clock;
}

/** The same session, with each turn recorded before and after. */
export function accountedSession(session: AgentSession, parts: AccountParts): AgentSession {
  let calls = 0;
  let spent = { tokens: 0, costMicroUsd: 0 };
  return {
    get verified() {
      return session.verified;
    },
    close: () => session.close(),
    async prompt(text, signal) {
      calls += 1;
      const { job, host, clock } = parts;
      const route = agentRoute(parts.agent);
      const request = host.keep(askedText(route.model, text), 'json');
      const at = { path: job.path, attempt: job.attempt, call: calls, try: 1, route } as const;
      const { slice = {} } = job;
      const reserved = {
        tokens: Math.max(0, (slice.tokens ?? 0) - spent.tokens),
        costMicroUsd: Math.max(0, (slice.costMicroUsd ?? 0) - spent.costMicroUsd),
      };
      await host.record({ type: 'model.requested', ...at, digest: request.digest, reserved });
      const started = clock.monotonic();
      const turn = await session.prompt(text, signal);
      const usage = usageOf(parts.agent, text, turn);
      spent = {
        tokens: spent.tokens + totalTokens(usage.tokens),
        costMicroUsd: spent.costMicroUsd + usage.costMicroUsd,
      };
      const model = turn.model ?? route.model;
      void host.record({
        type: 'model.called',
        ...at,
        route: { ...route, model },
        request,
        response: host.keep(canonicalJson({ model, text: turn.text }), 'json'),
        usage,
        memo: 'bypass',
        latencyMs: Math.max(0, Math.round(clock.monotonic() - started)),
        ...(turn.failure === undefined ? {} : { failure: turn.failure }),
      });
      return turn;
    },
  };
}

const askedText = (model: string, text: string): string =>
  requestText({
    maxOutputTokens: DEFAULT_MAX_OUTPUT_TOKENS,
    messages: [{ role: 'user', text: text.toWellFormed() }],
    model,
  });

function usageOf({ billing }: ExternalAgent, asked: string, { text, usage }: AgentTurn): Usage {
  const tokens = usage?.tokens ?? seenTokens(asked, text);
  const { costMicroUsd } = usage ?? {};
  if (billing === 'included') return { tokens, costMicroUsd: 0, costStatus: 'included' };
  if (costMicroUsd === undefined) return { tokens, costMicroUsd: 0, costStatus: 'unknown' };
  const costStatus: CostStatus = usage?.tokens === undefined ? 'partial' : 'estimated';
  return { tokens, costMicroUsd, costStatus };
}

/** At least so many: what was read of files and said on the way is not in them. */
function seenTokens(asked: string, text: string): Tokens {
  return {
    uncached: estimateTokens(asked),
    cacheRead: 0,
    cacheWrite: 0,
    output: estimateTokens(text),
    reasoning: 0,
  };
}
