/**
 * What a provider says at the end of a call, before anything is counted by it: a program that uses the
 * library may bring a provider of its own, and sums that a NaN has come into never hold a ceiling again.
 */
import type { ModelEnd, ModelUsage } from '../../model/model-provider.ts';
import { NO_TOKENS, type Tokens } from '../../trace/usage.ts';

/** What was set aside for the call: counts as spent where the provider does not say what was. */
export interface SetAside {
  readonly tokens: number;
  readonly costMicroUsd: number;
}

/**
 * The end as it came; or a failure of the provider that names what is wrong with it, which has spent what
 * was set aside.
 */
export function checkEnd(provider: string, said: unknown, setAside: SetAside): ModelEnd {
  const problem = problemOf(said);
  if (problem === undefined) return said as ModelEnd;
  const message = `${provider} broke its contract: ${problem}`;
  const usage = estimated(setAside);
  return { type: 'failed', kind: 'provider', message, retryable: false, usage };
}

/** Nothing was said of what was spent. */
function estimated({ tokens, costMicroUsd }: SetAside): ModelUsage {
  return { tokens: { ...NO_TOKENS, uncached: tokens }, costMicroUsd, costStatus: 'estimated' };
}

const FAILURES: ReadonlySet<unknown> = new Set(['provider', 'timeout', 'refused', 'schema']);
const STATUSES: ReadonlySet<unknown> = new Set([
  'exact',
  'estimated',
  'partial',
  'unknown',
  'included',
]);

function problemOf(said: unknown): string | undefined {
  if (!isRecord(said)) return `it ended with ${shown(said)}`;
  if (said['type'] === 'finished') {
    for (const name of ['text', 'model']) {
      if (typeof said[name] !== 'string') return `${name} is ${shown(said[name])}, no text`;
    }
    return usageProblem(said['usage']);
  }
  if (said['type'] !== 'failed') return `it ended with an event of type ${shown(said['type'])}`;
  if (!FAILURES.has(said['kind'])) return `it failed with the kind ${shown(said['kind'])}`;
  if (typeof said['message'] !== 'string') return `message is ${shown(said['message'])}, no text`;
  return said['usage'] === undefined ? undefined : usageProblem(said['usage']);
}

function usageProblem(usage: unknown): string | undefined {
  if (!isRecord(usage) || !isRecord(usage['tokens'])) return `usage is ${shown(usage)}`;
  const { tokens, costMicroUsd, costStatus } = usage;
  for (const name of Object.keys(NO_TOKENS) as readonly (keyof Tokens)[]) {
    if (!isCount(tokens[name])) return notCount(`usage.tokens.${name}`, tokens[name]);
  }
  if (!isCount(costMicroUsd)) return notCount('usage.costMicroUsd', costMicroUsd);
  return STATUSES.has(costStatus) ? undefined : `usage.costStatus is ${shown(costStatus)}`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const notCount = (name: string, value: unknown): string =>
  `${name} is ${shown(value)}, no whole number from 0`;

const MAX_SHOWN = 40;

/** In one short line, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN));
  return typeof value === 'object' && value !== null ? 'an object of another form' : String(value);
}
