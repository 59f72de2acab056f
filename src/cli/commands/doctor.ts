/** `whaleflow doctor`: what a run needs on this machine; each thing that is amiss with what mends it. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { printable } from '../../base/printable.ts';
import { examine, type Finding } from '../../workbench/doctor.ts';
import { clearOrphans } from '../../workbench/orphans.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { lineText, markSegment } from '../segments.ts';
import type { Mark } from '../style.ts';
import { typable } from '../typed.ts';
import { wrapped } from '../wrapped.ts';

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
  const indent = ' '.repeat(NAME_WIDTH + 2);
  const text = printable(found);
  const lines = columns === undefined ? [text] : wrapped(text, columns - indent.length);
  const [first = '', ...rest] = lines;
  const head = [
    markSegment(marks[verdict], style),
    { text: ` ${check.padEnd(NAME_WIDTH)}${first}` },
  ];
  output.data(lineText(head, style, undefined));
  for (const line of rest) output.data(lineText([{ text: `${indent}${line}` }], style, undefined));
  if (fix === undefined) return;
  // Whole, so that it can be copied from a narrow terminal.
  const mend = [{ text: indent }, { text: `→ ${typable(fix)}`, paint: 'cyan' as const }];
  output.data(lineText(mend, style, undefined));
}
