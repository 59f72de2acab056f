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
  const isCommit = input.has('commit');
  const message = toMessage(found, input);
  const isCheck = input.has('check');
  if (name !== undefined) {
    const branching = { name, message, isUsers: isCommit, isCheck };
    return toBranch(context, { userTree, found, word, ...branching });
  }
  const request: ApplyRequest = {
    change: found.change,
    how: input.has('3way') ? 'threeWay' : 'exact',
    run: found.run,
    ...(isCommit ? { commit: { message } } : {}),
  };
  const applied = await (isCheck ? userTree.plan(request) : userTree.apply(request));
  refuseConflicts(applied.conflicts, word);
  report(context, applied, isCheck);
  return 0;
}

/** As typed, or made of the run's goal; in one line, so that no goal writes trailers of its own. */
function toMessage({ run: id, goal }: RunChange, input: CommandInput): string {
  const typed = input.text('message');
  if (typed === undefined) {
    const subject = printable(goal).replaceAll(/\s+/g, ' ').trim();
    return `${subject === '' ? `whaleflow run ${id}` : subject}\n\nWhaleFlow-Run: ${id}`;
  }
  if (!input.has('commit') && !input.has('to-branch')) {
    throw new WhaleFlowError('WF2002', '--message is that of a commit', {
      hint: 'with it: --commit, or --to-branch NAME',
    });
  }
  if (typed.trim() === '') throw new WhaleFlowError('WF2002', '--message has no words');
  return typed;
}

function report({ output }: CommandContext, applied: Applied, isCheck: boolean): void {
  const { id, files, done, commit, made } = applied;
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.apply/1',
      applied: id ?? null,
      check: isCheck,
      files: files.map(plain),
      done,
      ...(commit?.branch === undefined ? {} : { branch: commit.branch }),
      ...(made === undefined ? {} : { commit: made }),
      ...(commit?.lacksSignature ? { unsigned: true } : {}),
    });
    return;
  }
  for (const { path, change } of files) output.data(`${change} ${printable(path)}`);
  const already = done.length === 0 ? '' : `   ${done.length} already as they should be`;
  const where = commit === undefined ? '' : printable(commit.branch ?? 'HEAD, which is detached');
  const back = `take it back: whaleflow undo ${id}`;
  if (isCheck) {
    const onto = commit === undefined ? '' : ` and commit it onto ${where}`;
    output.talk(`it would change ${count(files.length)}${onto}${already}; nothing was written`);
  } else if (id === undefined) output.talk(`nothing to write${already}`);
  else if (made === undefined) output.talk(`changed ${count(files.length)}${already}   ${back}`);
  else {
    output.talk(`committed ${count(files.length)} as ${made.slice(0, 12)} onto ${where}   ${back}`);
  }
  if (commit?.lacksSignature) {
    const sign = 'sign it: git commit --amend --no-edit --gpg-sign (undo is not possible then)';
    output.talk(
      `not signed, although commit.gpgSign is set${made === undefined ? '' : `; ${sign}`}`,
    );
  }
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
  readonly message: string;
  readonly isUsers: boolean;
  readonly isCheck: boolean;
}

async function toBranch(
  { output }: CommandContext,
  { userTree, found, word, ...asked }: Branching,
): Promise<ExitStatus> {
  const { change, run: id, head } = found;
  const made = await userTree.branch({ change, run: id, onto: head, ...asked });
  if ('conflicts' in made) {
    refuseConflicts(made.conflicts, word);
    return 0;
  }
  const { commit, files } = made;
  const { name, isCheck } = asked;
  if (output.isJson) {
    const done = isCheck ? { check: true } : { commit };
    const schema = 'whaleflow.apply/1';
    output.json({ schema, branch: name, ...done, files: files.map(plain) });
  } else if (isCheck) {
    output.talk(
      `it would make branch ${printable(name)}: ${count(files.length)}; nothing was made`,
    );
  } else {
    output.data(`branch ${printable(name)} at ${commit.slice(0, 12)}: ${count(files.length)}`);
  }
  return 0;
}
