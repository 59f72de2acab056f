/** Asks providers for real: whether they answer, how fast, and what their models can. */
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { redactText, secretVariables } from '../export/redact-text.ts';
import type { Tokens } from '../trace/usage.ts';
import type { EffectiveConfig } from './config.ts';
import { type FailureCause, failureCause } from './models/failure-cause.ts';
import {
  type CapabilityName,
  type Known,
  type ModelsConfig,
  type ProviderRow,
  parseModelName,
} from './models/models-config.ts';
import { needsList, type Price, priceOf } from './models/prices.ts';
import { mostOfProbes, probeModel } from './models/probe-model.ts';
import { readProviderKey } from './models/provider-key.ts';
import { providerOf } from './models/provider-of.ts';
import { type ProbeExchange, toFixture } from './models/recorded-exchange.ts';
import type { Workbench } from './workbench.ts';

export interface PlannedTest {
  /** `PROVIDER:MODEL`. */
  readonly name: string;
  readonly row: ProviderRow;
  readonly model: string;
  /** Micro-dollars at most; undefined where no price is known. */
  readonly mostMicroUsd: number | undefined;
  readonly price: Price | undefined;
}

export interface TestReport {
  readonly name: string;
  readonly dialect: string;
  readonly baseUrl: string;
  readonly answeredBy?: string;
  readonly latencyMs?: number;
  readonly tokens?: Tokens;
  readonly reportsUsage?: boolean;
  readonly costMicroUsd?: number;
  readonly learnt: Readonly<Partial<Record<CapabilityName, Known>>>;
  readonly failure?: FailureCause;
  /** What went to and fro, as fixtures, without any known secret; where that was asked for. */
  readonly exchanges?: readonly JsonObject[];
}

/**
 * What a test would ask: one model of the named provider or of each one that a role names, as configured.
 * @throws {WhaleFlowError} WF3002 no such provider, or no model of it is known.
 */
export async function planTests(
  { models }: EffectiveConfig,
  word: string | undefined,
): Promise<readonly PlannedTest[]> {
  const names = word === undefined ? roled(models) : [modelFor(word, models)];
  if (names.length === 0) {
    throw new WhaleFlowError('WF3002', 'no role names a model that could be tested', {
      hint: 'name one: whaleflow providers test PROVIDER:MODEL',
    });
  }
  return Promise.all(names.map((name) => planOne(name, models)));
}

/** The first model of each provider that a role names. */
function roled({ roles }: ModelsConfig): readonly string[] {
  const byProvider = new Map<string, string>();
  for (const name of [...roles.values()].flatMap(({ value }) => value)) {
    const provider = parseModelName(name)?.provider ?? '';
    if (!byProvider.has(provider)) byProvider.set(provider, name);
  }
  return [...byProvider.values()];
}

function modelFor(word: string, models: ModelsConfig): string {
  if (parseModelName(word) !== undefined) return word;
  if (!models.providers.has(word)) {
    throw new WhaleFlowError('WF3002', `no provider \`${word}\` is configured`, {
      hint: suggestion(word, models.providers.keys()) ?? `add it: whaleflow providers add ${word}`,
    });
  }
  const { roles, facts, prices } = models;
  const known = [
    ...[...roles.values()].flatMap(({ value }) => value),
    ...facts.keys(),
    ...prices.keys(),
  ];
  const found = known.find((name) => parseModelName(name)?.provider === word);
  if (found !== undefined) return found;
  throw new WhaleFlowError('WF3002', `no model of ${word} is configured to be asked`, {
    hint: `name one: whaleflow providers test ${word}:MODEL`,
  });
}

async function planOne(name: string, models: ModelsConfig): Promise<PlannedTest> {
  const { row, model } = providerOf(name, models);
  const list = needsList(name, row, models)
    ? (await import('./models/price-list.ts')).priceList
    : undefined;
  const price = priceOf({ row, model }, models, list);
  return { name, row, model, price, mostMicroUsd: price?.costOf(mostOfProbes(model)) };
}

/** Never rejects for what a provider does. */
export async function testProvider(
  { env, clock, timers }: Workbench,
  { name, row, model, price }: PlannedTest,
  { signal, isRecorded }: { readonly signal: AbortSignal; readonly isRecorded: boolean },
): Promise<TestReport> {
  const about = { name, dialect: row.dialect, baseUrl: row.baseUrl };
  let key: string | undefined;
  try {
    key = readProviderKey(row, env);
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    const failure = { cause: error.message, fix: error.hint ?? 'set it' };
    return { ...about, learnt: {}, failure };
  }
  const exchanges: JsonObject[] = [];
  const conceal = redactText([
    ...secretVariables(env),
    ...(key === undefined ? [] : [{ name: `key of ${row.name}`, value: key }]),
  ]);
  const record = (one: ProbeExchange): void => {
    exchanges.push(toFixture(one, { dialect: row.dialect, now: clock.now(), conceal }));
  };
  const { failure, tokens, ...report } = await probeModel(
    { row, model, key, clock, timers, record: isRecorded ? record : undefined },
    signal,
  );
  const recorded = isRecorded ? { exchanges } : {};
  if (failure !== undefined) {
    const why = failureCause(failure, { row, model, env });
    return { ...about, learnt: {}, failure: why, ...recorded };
  }
  const cost = price === undefined ? {} : { costMicroUsd: price.costOf(tokens) };
  return { ...about, ...report, tokens, ...cost, ...recorded };
}
