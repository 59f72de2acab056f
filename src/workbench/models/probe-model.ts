/** Asks one model three tiny things, to see that it answers, and what it can. Loaded by `providers test`. */
import { aiSdkProvider } from '../../model/ai-sdk/ai-sdk-provider.ts';
import type { WireExchange } from '../../model/ai-sdk/guarded-fetch.ts';
import { boundedCall } from '../../model/bounded-call.ts';
import type { ModelEnd, ModelProvider, ModelRequest } from '../../model/model-provider.ts';
import { estimateInputTokens } from '../../model/model-request.ts';
import type { Clock, Timers } from '../../system/clock.ts';
import { addTokens, NO_TOKENS, type Tokens } from '../../trace/usage.ts';
import type { JsonSchema } from '../../workflow/limits.ts';
import type { CapabilityName, Known, ProviderRow } from './models-config.ts';
import { modelsOfRow } from './models-of-row.ts';
import type { ProbeExchange } from './recorded-exchange.ts';

export interface ProbeParts {
  readonly row: ProviderRow;
  readonly model: string;
  readonly key: string | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Hears what went to and fro for each question. */
  readonly record?: ((exchange: ProbeExchange) => void) | undefined;
}

export type ProbeFailure = Extract<ModelEnd, { readonly type: 'failed' }>;

export interface ProbeReport {
  /** As the provider names it; absent where nothing was answered. */
  readonly answeredBy?: string;
  /** Of the first answer. */
  readonly latencyMs: number;
  /** Of all probes. */
  readonly tokens: Tokens;
  /** The provider says itself how many tokens it was; else they are estimated. */
  readonly reportsUsage: boolean;
  readonly learnt: Readonly<Partial<Record<CapabilityName, Known>>>;
  readonly failure?: ProbeFailure;
}

const OK: JsonSchema = {
  type: 'object',
  properties: { ok: { type: 'boolean' } },
  required: ['ok'],
  additionalProperties: false,
};
/** Enough for models that think before they answer. */
const MAX_OUTPUT_TOKENS = 512;

const probes = ['answer', 'tools', 'schema_mode'] as const;
type Probe = (typeof probes)[number];

function requestOf(probe: Probe, model: string): ModelRequest {
  const ask = (text: string): ModelRequest => ({
    model,
    messages: [{ role: 'user', text }],
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  });
  switch (probe) {
    case 'answer':
      return ask('Answer with the word ok.');
    case 'tools': {
      const tool = { name: 'report', description: 'Reports whether all is well.', input: OK };
      return { ...ask('Call the tool report with ok = true.'), tools: [tool] };
    }
    case 'schema_mode':
      return { ...ask('All is well: answer with ok = true, as JSON.'), output: OK };
  }
}

/** Tokens that the probes of one model take at most, as they are estimated. */
export function mostOfProbes(model: string): Tokens {
  const input = probes.reduce(
    (sum, probe) => sum + estimateInputTokens(requestOf(probe, model)),
    0,
  );
  return { ...NO_TOKENS, uncached: input, output: probes.length * MAX_OUTPUT_TOKENS };
}

/** Never rejects. What fails on the way to an answer ends it; what a model cannot is learnt. */
export async function probeModel(parts: ProbeParts, signal: AbortSignal): Promise<ProbeReport> {
  const { clock, model, record } = parts;
  let wire: WireExchange | undefined;
  const provider = providerOf(parts, (exchange) => {
    wire = exchange;
  });
  const ask = async (probe: Probe): Promise<ModelEnd> => {
    wire = undefined;
    const request = requestOf(probe, model);
    const answer = await end(provider, request, signal);
    if (wire !== undefined) record?.({ ask: request, wire, end: answer });
    return answer;
  };
  const started = clock.monotonic();
  const first = await ask('answer');
  const latencyMs = Math.round(clock.monotonic() - started);
  if (first.type === 'failed') {
    return { latencyMs, tokens: NO_TOKENS, reportsUsage: false, learnt: {}, failure: first };
  }
  const tools = await ask('tools');
  const schema = await ask('schema_mode');
  const tokens = [first, tools, schema].reduce(
    (sum, { usage }) => (usage === undefined ? sum : addTokens(sum, usage.tokens)),
    NO_TOKENS,
  );
  return {
    answeredBy: first.model,
    latencyMs,
    tokens,
    reportsUsage: first.usage.costStatus === 'exact',
    learnt: {
      tools: known(tools, ({ toolCalls = [] }) => toolCalls.some(({ name }) => name === 'report')),
      schema_mode: known(schema, ({ text }) => isOk(text)),
    },
  };
}

/** Our own prices are no business of a probe: `exact` says here that the figures are the provider’s. */
function providerOf(
  { row, key, clock, timers }: ProbeParts,
  onExchange: (exchange: WireExchange) => void,
): ModelProvider {
  return aiSdkProvider({
    name: row.name,
    model: modelsOfRow(row, key, onExchange),
    clock,
    timers,
    ...(key === undefined ? {} : { secret: key }),
    hasSchemaMode: () => true,
    priceOf: () => ({ costMicroUsd: 0, isSure: true }),
  });
}

async function end(
  provider: ModelProvider,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelEnd> {
  const origin = { path: 'probe', attempt: 1, call: 1, role: 'leaf_reasoner' } as const;
  for await (const event of boundedCall(provider, { request, origin }, signal)) {
    if (event.type !== 'text' && event.type !== 'hidden') return event;
  }
  return { type: 'failed', kind: 'provider', message: 'no answer', retryable: false };
}

/** Refusals of the request itself are a no; whatever else goes wrong leaves it open. */
function known(
  answer: ModelEnd,
  holds: (answer: Extract<ModelEnd, { type: 'finished' }>) => boolean,
): Known {
  if (answer.type === 'finished') return holds(answer) ? 'yes' : 'unknown';
  const { cause } = answer;
  const status = cause !== undefined && 'status' in cause ? cause.status : undefined;
  return status === 400 || status === 422 || status === 501 ? 'no' : 'unknown';
}

function isOk(text: string): boolean {
  try {
    return (JSON.parse(text) as { readonly ok?: unknown } | null)?.ok === true;
  } catch {
    return false;
  }
}
