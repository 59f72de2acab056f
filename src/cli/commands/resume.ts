/** `whaleflow resume RUN`: says what it keeps and what it runs again, then goes on. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Fact } from '../../trace/events.ts';
import { viewRun } from '../../trace/read-run.ts';
import type { RunView } from '../../trace/run-view.ts';
import { recordedObstacle } from '../../workbench/recorded-obstacle.ts';
import { STDIN_NAME } from '../../workbench/stdin-name.ts';
import {
  type ResumeOutlook,
  resumeOutlook,
  setBudget,
  startedOf,
  unpause,
} from '../../workbench/steer.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { digestText } from '../../workflow/digest.ts';
import type { Budget } from '../../workflow/limits.ts';
import { addressText } from '../address.ts';
import { costText, leavesText } from '../amounts.ts';
import { ask } from '../ask.ts';
import { attend } from '../attend.ts';
import { boundByConfig, raiseText, readCeilings } from '../ceilings.ts';
import type { CommandContext } from '../context.ts';
import { workText } from '../event-line.ts';
import type { CommandInput } from '../input.ts';
import { launch } from '../launch.ts';
import { shellWord } from '../program-words.ts';
import { addressed, shortIds } from '../runs.ts';
import { readSandbox, sandboxOrder } from '../sandbox-choice.ts';
import { steeringOf } from '../steering.ts';

const MAX_LISTED = 10;

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const raised = await boundByConfig(context, readCeilings(input));
  const workbench = await context.workbench();
  const { row } = addressed(workbench, input.words[0]);
  const store = workbench.store('write');
  const { sandbox } = readSandbox(input);
  // A driver that lives keeps the sandbox that it has.
  if (sandbox === undefined && (await unpause(workbench, row, steeringOf(context.host)))) {
    return goOnWith(context, workbench, input, { run: row.run, raised });
  }
  const outlook = resumeOutlook(workbench, row);
  const obstacle = await recordedObstacle(workbench, startedOf(store, row.run));
  if (obstacle !== undefined) throw obstacle;
  const view = viewRun(store, row.run);
  const { output, flags, mayAsk } = context;
  const run = shortIds(store.runs())(row.run);
  if (!output.isJson) for (const line of outlookLines(outlook, view, run)) output.talk(line);
  const changed = changedSource(workbench, row.run);
  if (changed !== undefined) {
    output.talk(`${changed} has changed since; the recorded workflow goes on`);
    output.talk(`   with the changed one: whaleflow fork ${run} ${shellWord(changed)}`);
  }
  const hasCeiling = Object.keys(raised).length > 0;
  if (row.because?.startsWith('budget') === true && !hasCeiling) {
    output.talk(`it was stopped by its ${row.because}: raise it with${raiseText(row.because)}`);
  }
  const confined = await sandboxOrder(context, workbench, { run: row.run, input });
  if (confined === undefined) {
    output.talk('nothing was started');
    return 1;
  }
  if (
    confined.consent === undefined &&
    mayAsk &&
    !flags.yes &&
    !(await ask(context, ' [Enter] go on   [Esc] no '))
  ) {
    output.talk('nothing was started');
    return 1;
  }
  const budget: JsonObject = { ...raised };
  const by = steeringOf(context.host).by;
  const first: readonly Fact[] = [
    ...(hasCeiling
      ? [{ type: 'budget.raised', budget: budget as Readonly<Record<string, number>> } as const]
      : []),
    ...(outlook.isPaused ? [{ type: 'run.resumed', by } as const] : []),
  ];
  const { epoch, seq } = view.state;
  const order = { ...confined, first };
  const request = { run: row.run, order, afterEpoch: epoch, toldSeq: seq };
  return launch(context, workbench, input, request);
}

/** Its driver lives: the pause has ended, and there is nothing to start. */
async function goOnWith(
  context: CommandContext,
  workbench: Workbench,
  input: CommandInput,
  { run, raised }: { readonly run: string; readonly raised: Budget },
): Promise<ExitStatus> {
  const budget = raised as Readonly<Record<string, number>>;
  const { row } = addressed(workbench, run);
  if (Object.keys(budget).length > 0) {
    await setBudget(workbench, { row, budget }, steeringOf(context.host));
  }
  if (!input.has('detach')) {
    return attend(context, workbench, { run, isReader: false, toldSeq: row.seq });
  }
  if (context.output.isJson) context.output.json({ schema: 'whaleflow.started/1', run });
  else context.output.data(run);
  return 0;
}

function outlookLines(outlook: ResumeOutlook, view: RunView, run: string): readonly string[] {
  const { kept, keptCostMicroUsd, again } = outlook;
  const { costStatus } = view.rollup('');
  const cost = costText(keptCostMicroUsd, costStatus);
  const lines = [`kept ${leavesText(kept)} (${cost}), will run ${again.length} again`];
  for (const leaf of again.slice(0, MAX_LISTED)) {
    lines.push(
      `   ${[addressText(run, leaf.path, leaf.attempt), ...againParts(leaf)].join('   ')}`,
    );
  }
  if (again.length > MAX_LISTED) lines.push(`   … ${again.length - MAX_LISTED} more`);
  return lines;
}

function againParts({
  maybeRepeated,
  past,
  spent,
  isForeign,
}: ResumeOutlook['again'][number]): readonly string[] {
  const { modelCalls, costMicroUsd, costStatus, unanswered, unansweredMicroUsd } = spent;
  const goesOn = past.calls + past.tools > 0;
  const cost = costText(costMicroUsd, costStatus);
  const asked = unanswered === 1 ? 'a call that was under way' : `${unanswered} calls under way`;
  const most = costText(unansweredMicroUsd, 'estimated');
  return [
    modelCalls === 0 ? '' : `${goesOn ? 'kept of it' : 'spent in it'}: ${cost}`,
    goesOn ? `goes on after ${workText(past.calls, past.tools)}` : '',
    unanswered === 0 ? '' : `${asked} counts as ${most} and is made again`,
    isForeign ? 'begins anew: the work of another program cannot be continued' : '',
    maybeRepeated ? 'may repeat what it had done outside of its tree' : '',
  ].filter((part) => part !== '');
}

/** The source file, where it is there and no longer what was recorded. */
function changedSource(workbench: Workbench, run: string): string | undefined {
  const { source } = startedOf(workbench.store('write'), run);
  if (source === undefined || source.path === STDIN_NAME) return undefined;
  const file = resolve(workbench.places.root, source.path);
  if (!existsSync(file)) return undefined;
  return digestText(readFileSync(file, 'utf8')) === source.digest ? undefined : source.path;
}
