/** `whaleflow undo [APPLY]`: puts the files back as they were before an apply, and its commit away. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { userTreeOf } from '../../workbench/apply-run.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output } = context;
  const userTree = userTreeOf(await context.workbench());
  const id = input.words[0] ?? userTree.records().findLast(({ state }) => state !== 'undone')?.id;
  if (id === undefined) {
    // A lock of the index may be left of an apply that was killed before it wrote anything down.
    await userTree.settle();
    throw new WhaleFlowError('WF6006', 'nothing that was applied here is left to undo', {
      hint: 'what runs have changed: whaleflow ls, then whaleflow diff RUN',
    });
  }
  const { files, conflicts } = await userTree.undo(id);
  if (conflicts.length > 0) {
    throw new WhaleFlowError(
      'WF6007',
      `${conflicts.length} of ${files.length} files were changed since`,
      {
        notes: [...conflicts.slice(0, 20).map(printable), 'nothing was put back'],
        hint: 'put these aside, then undo again',
      },
    );
  }
  if (output.isJson) output.json({ schema: 'whaleflow.undo/1', undone: id, files });
  else output.talk(`put back ${files.length === 1 ? '1 file' : `${files.length} files`}`);
  return 0;
}
