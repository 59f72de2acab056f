/** HEAD of the user's checkout: read, and moved only from where it was seen to stand. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import { findObject } from './commit-tree.ts';
import type { EnvironmentVariables } from './hardened-environment.ts';
import { type GitWorld, repositoryPlace } from './private-git-folder.ts';

export interface UserHead {
  /** Whole name of the branch, or `HEAD` where it is detached. */
  readonly ref: string;
  /** Absent before the first commit. */
  readonly commit: string | undefined;
}

export async function readHead(world: GitWorld): Promise<UserHead> {
  const place = repositoryPlace(world);
  const args = ['symbolic-ref', '--quiet', 'HEAD'];
  const { exit, stdout } = await world.runGit({ place, args, answers: [0, 1] });
  const ref = exit === 0 ? stdout.toString('utf8').trim() : 'HEAD';
  return { ref, commit: await findObject(world, place, 'HEAD^{commit}') };
}

export interface HeadMove {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
  /** For the reflog. */
  readonly why: string;
  readonly person?: EnvironmentVariables;
}

/** @throws {WhaleFlowError} WF6010 when it doesn't stand at `from`. */
export async function moveHead(world: GitWorld, move: HeadMove): Promise<void> {
  const { ref, from, to, why, person } = move;
  const place = { ...repositoryPlace(world), ...(person === undefined ? {} : { person }) };
  const deref = ref === 'HEAD' ? ['--no-deref'] : [];
  const args = ['update-ref', '-m', why, ...deref, ref, to, from];
  const { exit } = await world.runGit({ place, args, answers: [0, 1, 128] });
  if (exit === 0) return;
  const lock = lockOf(world, ref);
  throw new WhaleFlowError('WF6010', `${toBranch(ref) ?? ref} was moved or locked just now`, {
    notes: [
      ...(lock === undefined ? [] : [`locked by another git: ${lock}`]),
      'all files are as they were before',
    ],
    hint:
      lock === undefined
        ? 'git status, then the same again'
        : `the same again; where that git was killed: rm ${lock}`,
  });
}

/** What git locks to move a branch: a git that is killed leaves it there, and nobody can know that but a person. */
function lockOf({ repository }: GitWorld, ref: string): string | undefined {
  const { gitFolder, commonFolder } = repository;
  const names = [
    join(gitFolder, 'HEAD.lock'),
    join(commonFolder, `${ref}.lock`),
    join(commonFolder, 'packed-refs.lock'),
  ];
  return names.find((name) => existsSync(name));
}

/** Short name; undefined where HEAD is detached. */
export const toBranch = (ref: string): string | undefined =>
  ref === 'HEAD' ? undefined : ref.replace(/^refs\/heads\//, '');

const UNDER_WAY: readonly (readonly [file: string, verb: string])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['sequencer', 'cherry-pick'],
];

/** @throws {WhaleFlowError} WF6010 while a merge or the like is in progress: the next commit is its own. */
export function refuseWhileUnderWay({ repository: { gitFolder } }: GitWorld): void {
  const found = UNDER_WAY.find(([file]) => existsSync(join(gitFolder, file)));
  if (found === undefined) return;
  const [, verb] = found;
  throw new WhaleFlowError('WF6010', `a ${verb} is in progress in this checkout`, {
    notes: ['nothing was written'],
    hint: `git ${verb} --continue     or: git ${verb} --abort`,
  });
}
