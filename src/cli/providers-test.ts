/** `whaleflow providers test`: says what it costs, asks, then asks the providers. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { totalTokens } from '../trace/usage.ts';
import type { PlannedTest, TestReport } from '../workbench/test-providers.ts';
import { costText, tokensJson, usdText } from './amounts.ts';
import { ask } from './ask.ts';
import { warn } from './commands/run.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';
import { lineText, markSegment } from './segments.ts';

/** Exit status 4 where one of them could not be asked. */
export async function providersTest(
  context: CommandContext,
  input: CommandInput,
  [word, more]: readonly string[],
): Promise<ExitStatus> {
  if (more !== undefined) {
    throw new WhaleFlowError('WF2002', 'providers test takes one provider, or PROVIDER:MODEL');
  }
  const { output, host } = context;
  const [{ planTests, testProvider }, workbench, config] = await Promise.all([
    import('../workbench/test-providers.ts'),
    context.workbench(),
    context.config(),
  ]);
  warn(context, config.warnings);
  const planned = await planTests(config, word);
  const file = input.text('record');
  if (file !== undefined && planned.length > 1) {
    throw new WhaleFlowError('WF2002', '--record keeps what one provider says', {
      hint: 'name it: whaleflow providers test PROVIDER --record FILE',
    });
  }
  if (file !== undefined && existsSync(resolve(context.cwd, file))) {
    throw new WhaleFlowError('WF2009', `${file} exists`, { hint: 'give another name' });
  }
  if (!(await mayAsk(context, planned))) {
    output.talk('nobody was asked');
    return 1;
  }
  const stop = new AbortController();
  using _signal = host.onSignal('SIGINT', () => stop.abort());
  const reports: TestReport[] = [];
  for (const one of planned) {
    const parts = { signal: stop.signal, isRecorded: file !== undefined };
    const report = await testProvider(workbench, one, parts);
    reports.push(report);
    if (!output.isJson) printReport(context, report);
  }
  if (file !== undefined) await keep(context, file, reports[0]?.exchanges ?? []);
  const saved = input.has('save') ? await save(context, reports) : undefined;
  if (output.isJson) {
    const tests = reports.map(toJson);
    output.json({ schema: 'whaleflow.provider-tests/1', tests, file: saved ?? null });
  } else if (saved !== undefined) output.talk(`what was learnt is in ${saved}`);
  return reports.some(({ failure }) => failure !== undefined) ? 4 : 0;
}

/** Free ones are asked at once; what costs, or may, only after a yes. */
async function mayAsk(context: CommandContext, planned: readonly PlannedTest[]): Promise<boolean> {
  const { output, flags, mayAsk: hasPerson } = context;
  const costing = planned.filter(({ mostMicroUsd }) => mostMicroUsd !== 0);
  for (const { name, mostMicroUsd } of costing) {
    const most =
      mostMicroUsd === undefined
        ? 'at a price that is not known'
        : `at most ${usdText(mostMicroUsd)}`;
    output.talk(`${name} is asked three short questions: ${most}`);
  }
  if (costing.length === 0 || flags.yes) return true;
  if (hasPerson) return ask(context, ' [Enter] ask   [Esc] no ');
  throw new WhaleFlowError('WF2101', 'asking costs something, and nobody can be asked here', {
    notes: costing.map(({ name }) => name),
    hint: 'accept it: --yes',
  });
}

function printReport({ output }: CommandContext, report: TestReport): void {
  const { style, columns } = output;
  const { name, dialect, baseUrl, failure } = report;
  const mark = markSegment(failure === undefined ? 'done' : 'failed', style);
  const said = failure === undefined ? answerText(report) : failure.cause;
  output.data(lineText([mark, { text: ` ${name}   ${said}` }], style, columns));
  output.data(lineText([{ text: `    ${dialect} at ${baseUrl}`, paint: 'dim' }], style, columns));
  if (failure !== undefined) {
    output.data(lineText([{ text: `    ${failure.fix}` }], style, columns));
    return;
  }
  for (const text of [usageText(report), learntText(report)]) {
    output.data(lineText([{ text: `    ${text}` }], style, columns));
  }
}

function answerText({ answeredBy, latencyMs = 0, name }: TestReport): string {
  const isSame = name.endsWith(`:${answeredBy}`);
  return `answered in ${(latencyMs / 1000).toFixed(1)}s${isSame ? '' : ` as ${answeredBy}`}`;
}

function usageText({ tokens, reportsUsage, costMicroUsd }: TestReport): string {
  if (tokens === undefined) return '';
  const cost = costMicroUsd === undefined ? costText(0, 'unknown') : usdText(costMicroUsd);
  const parts = Object.entries(tokens)
    .filter(([, count]) => count > 0)
    .map(([part, count]) => `${part} ${count}`);
  return reportsUsage === true
    ? `usage is reported: ${parts.join(', ')}   ${cost}`
    : `usage is not reported: about ${totalTokens(tokens)} tokens   ${cost}`;
}

function learntText({ learnt }: TestReport): string {
  return Object.entries(learnt)
    .map(([capability, value]) => `${capability} ${value}`)
    .join(' · ');
}

/** For a person to read before anybody else does: what a provider says of an account is in it. */
async function keep(
  { cwd, output }: CommandContext,
  file: string,
  exchanges: readonly JsonObject[],
): Promise<void> {
  const text = `${JSON.stringify(exchanges, undefined, 2)}\n`;
  const { writeOutput } = await import('../workbench/write-new-file.ts');
  writeOutput({ path: resolve(cwd, file), pieces: [text], force: false });
  output.talk(`${exchanges.length} exchanges are in ${file}: read them before you hand them on`);
}

/** What is sure goes into the user’s file; what stayed open does not. */
async function save(
  context: CommandContext,
  reports: readonly TestReport[],
): Promise<string | undefined> {
  const settings = reports.flatMap(({ name, learnt }) =>
    Object.entries(learnt)
      .filter(([, value]) => value !== 'unknown')
      .map(([capability, value]) => ({ path: ['models', name, capability], value })),
  );
  if (settings.length === 0) return undefined;
  const { writeSettings } = await import('../workbench/write-settings.ts');
  const { places } = await context.workbench();
  return writeSettings({ places, owner: 'user' }, settings);
}

function toJson(report: TestReport): JsonObject {
  const { name, dialect, baseUrl, answeredBy, latencyMs, tokens, reportsUsage } = report;
  const { learnt, failure, costMicroUsd } = report;
  return {
    model: name,
    dialect,
    base_url: baseUrl,
    ok: failure === undefined,
    answered_by: answeredBy ?? null,
    latency_ms: latencyMs ?? null,
    usage_reported: reportsUsage ?? null,
    tokens: tokens === undefined ? null : tokensJson(tokens),
    cost_microusd: costMicroUsd ?? null,
    learnt: { ...learnt },
    cause: failure?.cause ?? null,
    fix: failure?.fix ?? null,
  };
}
