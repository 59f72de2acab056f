/** `whaleflow recover`: a sound store of what a damaged one still holds. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { printable } from '../../base/printable.ts';
import { type Recovery, recover } from '../../workbench/recover-store.ts';
import type { CommandContext } from '../context.ts';
import { lineText, markSegment } from '../segments.ts';

export async function run(context: CommandContext): Promise<ExitStatus> {
  const { output } = context;
  const recovery = recover(await context.workbench());
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.recovery/1',
      moved_to: recovery?.movedTo ?? null,
      runs: (recovery?.runs ?? []).map((each) => ({ ...each })),
      lost_runs: [...(recovery?.lostRuns ?? [])],
    });
  } else print(context, recovery);
  return 0;
}

function print({ output }: CommandContext, recovery: Recovery | undefined): void {
  const { style, columns } = output;
  const line = (mark: 'done' | 'failed', text: string): void =>
    output.data(lineText([markSegment(mark, style), { text: ` ${text}` }], style, columns));
  if (recovery === undefined) {
    line('done', 'nothing is damaged, nothing was changed');
    return;
  }
  const { runs, lostRuns, movedTo } = recovery;
  for (const { run, kept, known } of runs) {
    const isWhole = kept >= known;
    const text = isWhole ? `all ${kept} events` : `${kept} of ${known} events`;
    line(isWhole ? 'done' : 'failed', `${printable(run)}: ${text}`);
  }
  for (const run of lostRuns) line('failed', `${printable(run)}: none of its events could be read`);
  output.talk(`the damaged store is kept in ${movedTo}`);
  output.talk('`whaleflow verify` names contents that are missing; `whaleflow resume` goes on');
}
