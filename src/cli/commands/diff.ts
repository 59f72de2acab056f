/** `whaleflow diff RUN[/PATH]`: what a run, a branch or a leaf has changed. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { printable } from '../../base/printable.ts';
import { changeOf } from '../../workbench/apply-run.ts';
import { workspaceOf } from '../../workbench/wiring.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { addressed } from '../runs.ts';

const MARKS = { A: 'added   ', M: 'changed ', D: 'deleted ', T: 'mode    ' } as const;

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output } = context;
  const workbench = await context.workbench();
  const { run: id, change } = changeOf(workbench, addressed(workbench, input.words[0]));
  const workspace = workspaceOf(workbench);
  const files = await workspace.changes(change.from, change.to);
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.diff/1',
      run: id,
      ...change,
      files: files.map((file) => ({ ...file })),
    });
    return 0;
  }
  if (input.has('name-only')) for (const { path } of files) output.data(printable(path));
  else if (input.has('stat')) {
    for (const { path, change: how } of files) output.data(`${MARKS[how]} ${printable(path)}`);
  } else {
    const patch = new TextDecoder().decode(await workspace.diff(change.from, change.to));
    if (context.host.stdout.isTerminal)
      for (const line of patch.split('\n')) output.data(printable(line));
    else output.raw(patch);
  }
  return 0;
}
