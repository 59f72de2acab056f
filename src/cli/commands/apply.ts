/** `whaleflow apply RUN[/PATH]`: puts what a run has changed on the user's files. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';
import { changeOf, type RunChange, userTreeOf } from '../../workbench/apply-run.ts';
import type { Applied, ApplyRequest, UserTree } from '../../workspace/user-tree.ts';
import type { ChangedFile } from '../../workspace/workspace.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { shellWord } from '../program-words.ts';
import { addressed } from '../runs.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const word = input.words[0] ?? '@last';
  const found = changeOf(workbench, addressed(workbench, word));
  const userTree = userTreeOf(workbench);
  const name = input.text('to-branch');
  if (name !== undefined) return toBranch(context, { userTree, found, name, word });
  const request: ApplyRequest = {
    change: found.change,
    how: input.has('3way') ? 'threeWay' : 'exact',
    run: found.run,
  };
  const isCheck = input.has('check');
  const applied = await (isCheck ? userTree.plan(request) : userTree.apply(request));
  refuseConflicts(applied.conflicts, word);
  report(context, applied, isCheck);
  return 0;
}

function report({ output }: CommandContext, applied: Applied, isCheck: boolean): void {
  const { id, files, done } = applied;
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.apply/1',
      applied: id ?? null,
      check: isCheck,
      files: files.map(plain),
      done,
    });
    return;
  }
  for (const { path, change } of files) output.data(`${change} ${printable(path)}`);
  const already = done.length === 0 ? '' : `   ${done.length} already as they should be`;
  if (isCheck) output.talk(`it would change ${count(files.length)}${already}; nothing was written`);
  else if (id === undefined) output.talk(`nothing to write${already}`);
  else output.talk(`changed ${count(files.length)}${already}   take it back: whaleflow undo ${id}`);
}

const plain = (file: ChangedFile): JsonObject => ({ ...file });
const count = (files: number): string => (files === 1 ? '1 file' : `${files} files`);

function refuseConflicts(conflicts: readonly string[], word: string): void {
  if (conflicts.length === 0) return;
  throw new WhaleFlowError(
    'WF6005',
    `${shellWord(word)} does not apply: ${count(conflicts.length)} changed here too, or in the way`,
    {
      notes: [...conflicts.slice(0, 20).map(printable), 'nothing was written'],
      hint: `whaleflow apply ${shellWord(word)} --3way     or keep it aside: --to-branch NAME`,
    },
  );
}

interface Branching {
  readonly userTree: UserTree;
  readonly found: RunChange;
  readonly name: string;
  readonly word: string;
}

async function toBranch(
  { output }: CommandContext,
  { userTree, found, name, word }: Branching,
): Promise<ExitStatus> {
  const { change, run: id, head, goal } = found;
  const message = `${goal === '' ? `whaleflow run ${id}` : goal}\n\nwhaleflow run ${id}`;
  const made = await userTree.branch({ change, run: id, onto: head, name, message });
  if ('conflicts' in made) {
    refuseConflicts(made.conflicts, word);
    return 0;
  }
  const { commit, files } = made;
  if (output.isJson) {
    output.json({ schema: 'whaleflow.apply/1', branch: name, commit, files: files.map(plain) });
  } else {
    output.data(`branch ${printable(name)} at ${commit.slice(0, 12)}: ${count(files.length)}`);
  }
  return 0;
}
