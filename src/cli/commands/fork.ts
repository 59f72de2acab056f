/** `whaleflow fork RUN [FILE]`: a new run that takes from RUN what nothing changed. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { viewRun } from '../../trace/read-run.ts';
import type { Address } from '../../workbench/find-run.ts';
import { type ForkOutlook, forkOutlook } from '../../workbench/fork-outlook.ts';
import { createFork, type ForkRequest, prepareFork } from '../../workbench/fork-run.ts';
import { consentOf } from '../../workbench/prepare-run.ts';
import { startedOf } from '../../workbench/steer.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { planNodeAt, planOf } from '../../workflow/plan.ts';
import { topSegment } from '../address.ts';
import { editWords, firstFailedLeaf, retryWords } from '../after-failure.ts';
import { leavesText, usdText } from '../amounts.ts';
import { readWorkflow } from '../compile-word.ts';
import { obtainConsent } from '../consent.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { launch } from '../launch.ts';
import { readParameters } from '../parameters.ts';
import { shellWord } from '../program-words.ts';
import { addressed, shortIds } from '../runs.ts';
import { readSandbox } from '../sandbox-choice.ts';
import { sayObstacle, warn } from './run.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [word, file] = input.words;
  const at = input.text('at');
  const name = input.text('name');
  const isFresh = input.has('fresh');
  if (isFresh && at !== undefined) {
    throw new WhaleFlowError(
      'WF2002',
      '--fresh runs everything again, so --at has nothing to void',
      {
        hint: 'take one of them',
      },
    );
  }
  const workbench = await context.workbench();
  const address = addressed(workbench, word);
  const given = readParameters(input, context);
  const params: JsonObject = {
    ...startedOf(workbench.store('write'), address.row.run).params,
    ...given.params,
  };
  const request: ForkRequest = {
    allow: input.list('allow'),
    allowEnv: input.list('allow-env'),
    ...readSandbox(input),
    isDry: input.has('dry-run'),
    isFresh,
    ...(file === undefined ? {} : { file }),
    ...(file === '-' ? { text: readWorkflow(context.host) } : {}),
    ...(at === undefined ? {} : { at }),
    ...(name === undefined ? {} : { name }),
    params,
    texts: given.texts,
    models: input.list('model'),
    agents: input.list('agent'),
  };
  return forkRun(context, { workbench, address, request, input });
}

export interface ForkParts {
  readonly workbench: Workbench;
  readonly address: Address;
  readonly request: ForkRequest;
  readonly input: CommandInput;
}

/** Says what is reused and what runs, asks, makes the fork and starts it; also what `retry` does. */
export async function forkRun(
  context: CommandContext,
  { workbench, address, request, input }: ForkParts,
): Promise<ExitStatus> {
  const config = await context.config();
  const prepared = await prepareFork(workbench, config, address, request);
  if (
    request.at !== undefined &&
    planNodeAt(planOf(prepared.compiled.spec), request.at) === undefined
  ) {
    throw new WhaleFlowError('WF2006', `no node ${request.at} in ${prepared.compiled.spec.id}`, {
      hint: `its nodes: whaleflow show ${shortIds(workbench.store('read').runs())(address.row.run)}`,
    });
  }
  warn(context, prepared.compiled.warnings);
  const outlook = forkOutlook(workbench, address, prepared, request);
  const { output } = context;
  const run = shortIds(workbench.store('write').runs())(address.row.run);
  const isDry = input.has('dry-run');
  if (isDry && output.isJson)
    output.json({ schema: 'whaleflow.fork-outlook/1', ...outlookJson(outlook) });
  else if (isDry) for (const line of outlookLines(outlook, run, request)) output.data(line);
  if (isDry && !output.isJson) sayObstacle(context, prepared);
  if (isDry) return 0;
  if (outlook.failsFor !== undefined) {
    throw nothingToRun(outlook.failsFor, { workbench, address, request, input });
  }
  for (const line of outlookLines(outlook, run, request)) output.talk(line);
  const { unaccepted, unacceptedSecrets } = prepared;
  const accepts = [...unaccepted, ...unacceptedSecrets].length > 0;
  // There is nothing to spend, and nothing that could happen: a question would be about nothing.
  const isAsked = outlook.runs.length > 0 || request.isFresh === true || accepts;
  const consent = isAsked
    ? await obtainConsent(context, { prepared, request, plan: [] })
    : consentOf('flag', request);
  if (consent === undefined) {
    output.talk('nothing was started');
    return 1;
  }
  const accepted: ForkRequest = {
    ...request,
    allow: consent.commands,
    allowEnv: consent.env ?? [],
  };
  const id = await createFork(workbench, address, prepared, accepted);
  return launch(context, workbench, input, { run: id, afterEpoch: 0 });
}

/** A fork takes failures from the record as it takes successes: this one would only repeat its parent. */
function nothingToRun(failure: string, { workbench, address, request }: ForkParts): WhaleFlowError {
  const store = workbench.store('read');
  const { row } = address;
  const run = shortIds(store.runs())(row.run);
  const view = viewRun(store, row.run);
  const failed = firstFailedLeaf(view);
  const retry = retryWords(failed, run);
  const { file } = request;
  const edit =
    file === undefined || file === '-'
      ? editWords(row, view, run)
      : (['after an edit', `fork ${run} ${shellWord(file)}`] as const);
  const from = failed === undefined ? 'NODE' : shellWord(topSegment(failed.path));
  return new WhaleFlowError('WF5007', `a fork of ${run} would run nothing and fail as it did`, {
    notes: [
      `all that it needs is in the record of ${run}, also what failed: ${failure}`,
      'nothing was started, nothing is spent',
    ],
    hint: [
      ...(retry === undefined ? [] : [`what failed, again: whaleflow ${retry}`]),
      ...(edit === undefined ? [] : [`${edit[0]}: whaleflow ${edit[1]}`]),
      `from a node on: whaleflow fork ${run} --at ${from}`,
    ].join('     '),
  });
}

const MAX_LISTED = 8;

const freshLines = (run: string): readonly string[] => [
  ` fork of ${run}`,
  '   runs all of it again: nothing is answered from the record',
];

function outlookLines(
  outlook: ForkOutlook,
  run: string,
  { isFresh }: ForkRequest,
): readonly string[] {
  if (isFresh === true) return freshLines(run);
  const { reused, reusedCostMicroUsd, runs, failsFor } = outlook;
  const names = runs.slice(0, MAX_LISTED).map(({ path }) => path);
  const more = runs.length - names.length;
  const list = names.join(', ') + (more > 0 ? ` and ${more} more` : '');
  // What runs again may give what it gave: then more of what follows is answered by the record.
  const least = runs.length === 0 ? '' : 'at least ';
  return [
    ` fork of ${run}`,
    reused === 0
      ? `   reuses nothing${least === '' ? '' : ' for certain'}`
      : `   reuses ${least}${leavesText(reused)} (${usdText(reusedCostMicroUsd)} not spent again)`,
    runs.length === 0
      ? `   runs nothing${failsFor === undefined ? '' : `, and fails as ${run} did: ${failsFor}`}`
      : `   runs at least ${leavesText(runs.length)}: ${list}, then what depends on it`,
  ];
}

function outlookJson({ reused, reusedCostMicroUsd, runs, failsFor }: ForkOutlook): JsonObject {
  return {
    reused,
    saved_cost_microusd: reusedCostMicroUsd,
    runs: runs.map(({ path, isChanged }) => ({ path, changed: isChanged })),
    fails_for: failsFor ?? null,
  };
}
