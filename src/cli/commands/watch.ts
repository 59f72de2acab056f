/** `whaleflow watch [RUN]`: attach like any reader. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { attend } from '../attend.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { addressed } from '../runs.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const { row } = addressed(workbench, input.words[0]);
  return attend(context, workbench, { run: row.run, isReader: true });
}
