/** `whaleflow doctor`: what a run needs on this machine; each thing that is amiss with what mends it. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { examine, type Finding } from '../../workbench/doctor.ts';
import { clearOrphans } from '../../workbench/orphans.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { lineText, markSegment } from '../segments.ts';
import type { Mark } from '../style.ts';
import { typable } from '../typed.ts';

const marks: Readonly<Record<Finding['verdict'], Mark>> = {
  ok: 'done',
  warning: 'quiet',
  problem: 'failed',
};

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output } = context;
  const workbench = await context.workbench();
  const removed = input.has('fix') ? await clearOrphans(workbench) : [];
  const findings = await examine(workbench);
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length;
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.doctor/1',
      ok: problems === 0,
      removed,
      findings: findings.map(({ check, verdict, found, fix }) => {
        return { check, verdict, found, fix: fix ?? null };
      }),
    });
  } else {
    for (const folder of removed) output.data(`removed ${folder}`);
    for (const finding of findings) print(context, finding);
  }
  return problems === 0 ? 0 : 1;
}

const NAME_WIDTH = 14;

function print({ output }: CommandContext, { check, verdict, found, fix }: Finding): void {
  const { style, columns } = output;
  const head = [
    markSegment(marks[verdict], style),
    { text: ` ${check.padEnd(NAME_WIDTH)}${found}` },
  ];
  output.data(lineText(head, style, columns));
  if (fix === undefined) return;
  output.data(
    lineText(
      [{ text: ' '.repeat(NAME_WIDTH + 2) }, { text: `→ ${typable(fix)}`, paint: 'cyan' }],
      style,
      columns,
    ),
  );
}
