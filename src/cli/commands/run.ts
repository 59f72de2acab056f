/** `whaleflow run`: prepare, ask, create, start a driver, stay with it. */

import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { createRun } from '../../workbench/launch-run.ts';
import { isMockWish } from '../../workbench/mock-wish.ts';
import { type PreparedRun, type PrepareRequest, prepareRun } from '../../workbench/prepare-run.ts';
import { planOutline } from '../../workflow/plan-outline.ts';
import { boundByConfig, lowered, readCeilings, warnOfCeiling } from '../ceilings.ts';
import { readWorkflow } from '../compile-word.ts';
import { obtainConsent } from '../consent.ts';
import type { CommandContext } from '../context.ts';
import { drawProblems, rootsOf } from '../draw-problems.ts';
import type { CommandInput } from '../input.ts';
import { launch } from '../launch.ts';
import { readParameters } from '../parameters.ts';
import { planBlock } from '../plan-block.ts';
import { planJson } from '../plan-page.ts';
import { readSandbox } from '../sandbox-choice.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [workflow = ''] = input.words;
  const { output } = context;
  const flags = readCeilings(input);
  const seed = input.integer('seed', 0);
  const request = prepareRequest(context, input, workflow);
  const workbench = await context.workbench();
  const config = await context.config();
  const ceilings = { ...config.ceilings, ...(await boundByConfig(context, flags)) };
  const prepared = lowered(await prepareRun(workbench, config, request), ceilings);
  warn(context, [...config.warnings, ...prepared.compiled.warnings, ...prepared.featureProblems]);
  for (const { message, span } of prepared.compiled.notes) {
    output.talk(printable(`${span.file}:${span.line}: ${message}`));
  }
  warnOfCeiling(context, prepared);
  if (input.has('dry-run')) return printPlan(context, prepared);
  const consent = await obtainConsent(context, {
    prepared,
    request,
    plan: planBlock(prepared, {
      style: output.talkStyle,
      width: context.host.stderr.size()?.columns,
    }),
  });
  if (consent === undefined) {
    output.talk('nothing was started');
    return 1;
  }
  const name = input.text('name');
  const base = input.text('base');
  const id = await createRun(workbench, prepared, {
    consent,
    tell: (line) => output.talk(printable(line)),
    ...(name === undefined ? {} : { name }),
    ...(seed === undefined ? {} : { seed }),
    ...(base === undefined ? {} : { base }),
  });
  return launch(context, workbench, input, { run: id, afterEpoch: 0 });
}

function prepareRequest(
  { host, cwd }: CommandContext,
  input: CommandInput,
  workflow: string,
): PrepareRequest {
  const mock = input.text('mock');
  const models = input.list('model');
  const isMock = isMockWish(models);
  const parallel = input.integer('jobs', 1);
  if (workflow === '-' && input.text('args') === '-') {
    throw new WhaleFlowError('WF2002', 'the workflow and --args cannot both come from stdin');
  }
  return {
    workflow,
    ...(workflow === '-' ? { text: readWorkflow(host) } : {}),
    ...readParameters(input, { host, cwd }),
    isDry: input.has('dry-run'),
    allow: input.list('allow'),
    allowEnv: input.list('allow-env'),
    ...readSandbox(input),
    ...(mock === undefined ? {} : { mock: mock === '' ? true : mock }),
    ...(isMock ? { model: 'mock' } : { models }),
    agents: input.list('agent'),
    allowUnknownCost: input.has('allow-unknown-cost'),
    ...(parallel === undefined ? {} : { parallel }),
  };
}

/** Warnings never fail a run. */
export function warn(
  { host, output, cwd }: CommandContext,
  warnings: Parameters<typeof drawProblems>[0],
): void {
  if (warnings.length === 0 || output.isJson) return;
  const { talkStyle: style, columns: width } = output;
  output.talk(drawProblems(warnings, { host, roots: rootsOf(cwd), style, width }));
}

/** A dry run says what a run would be refused for, after what it would do. */
export function sayObstacle({ output }: CommandContext, { obstacle }: PreparedRun): void {
  if (obstacle === undefined) return;
  const { code, message, diagnostics } = obstacle;
  const hint = obstacle.hint ?? diagnostics[0]?.help;
  const warning = output.talkStyle.paint('yellow', `warning[${code}]`);
  output.talk(`${warning}: a run would be refused: ${printable(message)}`);
  if (hint !== undefined)
    output.talk(`${output.talkStyle.paint('cyan', 'help')}: ${printable(hint)}`);
}

function printPlan(context: CommandContext, prepared: PreparedRun): ExitStatus {
  const { output } = context;
  if (output.isJson) {
    const { compiled, commands, unaccepted, secrets, unacceptedSecrets } = prepared;
    const { spec } = compiled;
    const page = { compiled, outline: planOutline(spec), budget: spec.budget, isFull: true };
    output.json({
      ...planJson(page),
      ...{ commands, unaccepted, secrets, unaccepted_secrets: unacceptedSecrets },
    });
    return 0;
  }
  const { style, columns } = output;
  for (const line of planBlock(prepared, { style, width: columns })) output.data(line);
  sayObstacle(context, prepared);
  return 0;
}
