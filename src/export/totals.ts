/** The sums of a run, taken over its steps, so that they are sums of what the document shows. */
import type { Group } from '../trace/run-terms.ts';
import { addCostStatus, type CostStatus } from '../trace/usage.ts';
import type { ModelInfo, Totals } from './run-trace.ts';
import type { Step, TraceTokens } from './trace-step.ts';

const NO_TOKENS: TraceTokens = { input: 0, output: 0, cache_read: 0, cache_write: 0, reasoning: 0 };

export function totalsOf(
  steps: readonly Step[],
  run: { readonly group: Group | null; readonly approvals: number },
): Totals {
  const leaves = steps.filter(({ kind }) => kind === 'leaf');
  const attempts = leaves.filter(({ attempt }) => attempt !== null);
  const calls = steps.filter(({ kind }) => kind === 'model_call');
  const sent = calls.filter(({ memo }) => memo?.outcome !== 'hit' && memo?.outcome !== 'joined');
  const saved = calls.flatMap(({ memo }) => (memo == null ? [] : [memo]));
  return {
    steps: steps.length,
    leaves: new Set(leaves.map(({ path }) => path)).size,
    attempts: attempts.length,
    retries: attempts.filter(({ attempt }) => (attempt ?? 1) > 1).length,
    errors: attempts.filter(({ status }) => status === 'failed').length,
    model_calls: sent.length,
    tool_calls: steps.filter(({ kind }) => kind === 'tool_call').length,
    reused_leaves: leaves.filter(({ reused_from }) => reused_from !== undefined).length,
    memo: {
      hit: saved.filter(({ outcome }) => outcome === 'hit').length,
      joined: saved.filter(({ outcome }) => outcome === 'joined').length,
      miss: saved.filter(({ outcome }) => outcome === 'miss').length,
      bypass: saved.filter(({ outcome }) => outcome === 'bypass').length,
    },
    ...tokenTotals(calls),
    ...costTotals(calls),
    saved_tokens: sum(saved.map(({ saved_tokens }) => saved_tokens ?? 0)),
    saved_cost_microusd: sum(saved.map(({ saved_cost_microusd }) => saved_cost_microusd ?? 0)),
    approvals: run.approvals,
    fruit: sum(leaves.map(({ fruit }) => fruit?.length ?? 0)),
    memory_reads: leaves.filter(({ memory_read }) => memory_read !== undefined).length,
    overlay_entries: null,
    overlay_status: 'unavailable',
    verified: {
      passed: attempts.filter(({ verified }) => verified === true).length,
      failed: attempts.filter(({ verified }) => verified === false).length,
      unavailable: attempts.filter(({ verified }) => verified == null).length,
    },
    sandbox: countBy(attempts.map(({ sandbox }) => sandbox ?? undefined)),
    group: run.group,
  };
}

/** The models that were asked, in the order of their first call. */
export function modelsOf(steps: readonly Step[]): readonly ModelInfo[] {
  const found = new Map<string, { readonly info: ModelInfo; calls: number; roles: Set<string> }>();
  const roles = new Map(steps.map((step) => [step.id, step.role]));
  for (const { kind, model, provider, parent_id } of steps) {
    if (kind !== 'model_call' || model === undefined || provider === undefined) continue;
    const key = `${provider}\n${model}`;
    const fresh = { id: model, provider, roles: [], calls: 0, price: null } as const;
    const entry = found.get(key) ?? {
      info: { ...fresh, price_status: 'unavailable' },
      calls: 0,
      roles: new Set<string>(),
    };
    found.set(key, entry);
    entry.calls += 1;
    const role = roles.get(parent_id ?? '');
    if (role != null) entry.roles.add(role);
  }
  return Array.from(found.values(), ({ info, calls, roles: named }) => ({
    ...info,
    calls,
    roles: [...named].sort(),
  }));
}

function tokenTotals(calls: readonly Step[]): Pick<Totals, 'tokens' | 'tokens_status'> {
  const known = calls.flatMap(({ tokens }) => (tokens == null ? [] : [tokens]));
  if (known.length === 0 && calls.length > 0) return { tokens: null, tokens_status: 'unavailable' };
  const tokens = known.reduce(addTokens, NO_TOKENS);
  return { tokens, tokens_status: known.length === calls.length ? 'recorded' : 'partial' };
}

function addTokens(a: TraceTokens, b: TraceTokens): TraceTokens {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cache_read: a.cache_read + b.cache_read,
    cache_write: a.cache_write + b.cache_write,
    reasoning: a.reasoning + b.reasoning,
  };
}

/** A call without a recorded end makes the sum a lower bound. */
function costTotals(calls: readonly Step[]): Pick<Totals, 'cost_microusd' | 'cost_status'> {
  const statuses = calls.map(
    ({ cost_status }): CostStatus =>
      cost_status === undefined || cost_status === 'unavailable' ? 'unknown' : cost_status,
  );
  const [first = 'exact', ...rest] = statuses;
  const cost_status = rest.reduce(addCostStatus, first);
  if (cost_status === 'unknown') return { cost_microusd: null, cost_status };
  return { cost_microusd: sum(calls.map((call) => call.cost_microusd ?? 0)), cost_status };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function countBy(names: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
