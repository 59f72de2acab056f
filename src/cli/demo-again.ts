/** `demo --again`: the demo’s workflow once more, every leaf that nothing has changed from its record. */
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { type DoorCounts, doorCounts } from '../system/door-counts.ts';
import type { RunRow } from '../trace/run-row.ts';
import { readConfig } from '../workbench/config.ts';
import { forkOutlook } from '../workbench/fork-outlook.ts';
import { createFork, type ForkRequest, prepareFork } from '../workbench/fork-run.ts';
import { demoFolder } from '../workbench/make-demo.ts';
import { startedOf } from '../workbench/steer.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { leavesText } from './amounts.ts';
import { obtainConsent } from './consent.ts';
import type { CommandContext } from './context.ts';
import type { DemoEnd, FromRecord } from './demo-page.ts';
import { demoPlace, openDemo } from './demo-place.ts';
import type { CommandInput } from './input.ts';
import { launch } from './launch.ts';
import { readParameters } from './parameters.ts';
import { existingStore } from './runs.ts';
import { readSandbox } from './sandbox-choice.ts';

/** @throws {WhaleFlowError} WF2004 where no demo has finished here. */
export async function demoAgain(
  context: CommandContext,
  input: CommandInput,
  sayEnd: DemoEnd,
): Promise<ExitStatus> {
  const { host, flags, output } = context;
  const folder = demoFolder(await context.workbench(), 'demo');
  using workbench = openDemo(context, folder);
  const row = lastDemo(workbench);
  const { params, texts } = readParameters(input, context);
  const request: ForkRequest = {
    // The file as it is now: what was edited in it runs, and what depends on it.
    file: 'demo',
    params: { ...startedOf(workbench.store('write'), row.run).params, ...params },
    texts,
    allow: input.list('allow'),
    models: input.list('model'),
    ...readSandbox(input),
  };
  const config = readConfig({ places: workbench.places, env: host.env, set: flags.set });
  const address = { row, path: undefined, attempt: undefined };
  const prepared = await prepareFork(workbench, config, address, request);
  const { reused, runs } = forkOutlook(workbench, address, prepared, request);
  const isFromRecord = runs.length === 0;
  const first = runs.map(({ path }) => path).join(', ');
  output.talk(
    isFromRecord
      ? `demo again: all ${leavesText(reused)} are in the record of ${row.run}; nothing changed`
      : `demo again: ${leavesText(reused)} from the record of ${row.run}; changed: ${first}, and what depends on it`,
  );
  const consent = await consentFor(context, prepared, request);
  if (consent === undefined) {
    output.talk('nothing was started');
    return 1;
  }
  const accepted = { ...request, allow: consent };
  const before = doorCounts();
  const run = await createFork(workbench, address, prepared, accepted);
  const place = demoPlace(context, folder, 'demo');
  const end: Parameters<typeof launch>[3]['end'] = (_context, parts) =>
    sayEnd(context, parts, place, isFromRecord ? countsSince(before, reused) : undefined);
  // What is answered from the record alone needs no process of its own.
  const isForeground = isFromRecord || input.has('foreground');
  return await launch(context, workbench, input, {
    run,
    afterEpoch: 0,
    end,
    isForeground,
    program: place.program,
  });
}

/** What the run itself took, apart from what was tried before it. */
function countsSince({ providerCalls, processes }: DoorCounts, reused: number): FromRecord {
  const now = doorCounts();
  return {
    reused,
    providerCalls: now.providerCalls - providerCalls,
    processes: now.processes - processes,
    tries: processes,
  };
}

type Prepared = Awaited<ReturnType<typeof prepareFork>>;

/** What is accepted for it: with the demo’s own models nothing is asked that was not accepted before. */
async function consentFor(
  context: CommandContext,
  prepared: Prepared,
  { allow }: ForkRequest,
): Promise<readonly string[] | undefined> {
  if (prepared.unaccepted.length === 0) return allow;
  const consent = await obtainConsent(context, { prepared, request: { allow }, plan: [] });
  return consent?.commands;
}

function lastDemo(workbench: Workbench): RunRow {
  const rows = existingStore(workbench)?.runs() ?? [];
  const last = rows.find(({ workflow, endedAt }) => workflow === 'demo' && endedAt !== undefined);
  if (last !== undefined) return last;
  throw new WhaleFlowError(
    'WF2004',
    'no demo has finished here, so there is nothing to answer from',
    {
      hint: 'run it first: whaleflow demo',
    },
  );
}
