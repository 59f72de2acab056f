/** `demo --fail`: a stall, a refusal, a lost branch and an empty budget, and how a run survives them. */
import type { ExitStatus } from '../base/error-codes.ts';
import type { Fact } from '../trace/events.ts';
import type { DemoModel } from '../workbench/prepare-demo.ts';
import { resumeOutlook } from '../workbench/steer.ts';
import type { Workbench } from '../workbench/workbench.ts';
import type { Budget } from '../workflow/limits.ts';
import { leavesText, usdText } from './amounts.ts';
import type { CommandContext } from './context.ts';
import type { DemoEnd } from './demo-page.ts';
import type { DemoPlace } from './demo-place.ts';
import type { CommandInput } from './input.ts';
import { launch } from './launch.ts';
import type { EndParts } from './print-end.ts';
import { wrapped } from './wrapped.ts';

interface FailingDemo {
  readonly model: DemoModel;
  readonly models: readonly string[];
  /** Too small for the last call, which a dear model is to answer. */
  readonly ceiling: Budget;
}

export const failingDemo: FailingDemo = {
  model: 'demo:priced',
  models: ['reviewer=demo:dear'],
  ceiling: { maxCostMicroUsd: 360_000 },
};

/** What `resume --max-usd` raises it to. */
const RAISED_USD = 1;
const STOPPED_BY_BUDGET: ExitStatus = 6;

interface GoingOn {
  readonly workbench: Workbench;
  readonly run: string;
  readonly place: DemoPlace;
  readonly sayEnd: DemoEnd;
}

/** Lets it run into its ceiling, says what that means, and does what the person would type. */
export async function goOn(
  context: CommandContext,
  input: CommandInput,
  { workbench, run, place, sayEnd }: GoingOn,
): Promise<ExitStatus> {
  const { output } = context;
  let stopped: EndParts | undefined;
  const first = await launch(context, workbench, input, {
    run,
    afterEpoch: 0,
    program: place.program,
    end: (_context, parts) => {
      if (parts.standing.row.because?.startsWith('budget') === true) stopped = parts;
      else sayEnd(context, parts, place);
    },
  });
  if (stopped === undefined || first !== STOPPED_BY_BUDGET) return first;
  const { epoch, seq } = stopped.view.state;
  const told = stopLines(workbench, stopped, { place, width: output.columns });
  for (const line of told) output.talk(output.talkStyle.text(line));
  const budget = { maxCostMicroUsd: RAISED_USD * 1_000_000 };
  const raised: Fact = { type: 'budget.raised', budget };
  return launch(context, workbench, input, {
    run,
    order: { first: [raised] },
    afterEpoch: epoch,
    program: place.program,
    toldSeq: seq,
    end: (_context, parts) => sayEnd(context, parts, place),
  });
}

interface StopLook {
  readonly place: DemoPlace;
  readonly width: number | undefined;
}

const LABEL_COLUMNS = 12;

function stopLines(
  workbench: Workbench,
  { standing }: EndParts,
  { place: { here }, width }: StopLook,
): readonly string[] {
  const { row } = standing;
  const { kept, keptCostMicroUsd } = resumeOutlook(workbench, row);
  const reason = row.because ?? '';
  const because = width === undefined ? [reason] : wrapped(reason, width - LABEL_COLUMNS);
  return [
    '',
    `‖ stopped   ${because.join(`\n${' '.repeat(LABEL_COLUMNS)}`)}`,
    `  spent     ${usdText(keptCostMicroUsd)}, pretended`,
    `  kept      ${leavesText(kept)} with their trees and answers; nothing of them is paid again`,
    `  you type  ${here} resume ${row.run} --max-usd ${RAISED_USD}     (done for you now)`,
    '',
  ];
}
