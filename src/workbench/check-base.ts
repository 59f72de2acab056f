import { WhaleFlowError } from '../base/errors.ts';
import { locateRepository } from '../workspace/git/locate-repository.ts';
import { createRunGit } from '../workspace/git/run-git.ts';
import type { Workbench } from './workbench.ts';

/**
 * Holds `--base REF` against the repository, also for a run that takes no base.
 * @throws {WhaleFlowError} WF6001 no repository, WF6003 no such commit.
 */
export async function checkBase({ places, env }: Workbench, ref: string): Promise<void> {
  const repository = await locateRepository(places.root);
  if (repository === undefined) {
    throw new WhaleFlowError('WF6001', `--base ${ref}: ${places.root} is no git repository`, {
      hint: 'leave --base out, or: git init && git add -A && git commit -m start',
    });
  }
  const answer = await createRunGit(env)({
    place: { gitFolder: repository.gitFolder },
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
    answers: [0, 1, 128],
  });
  if (answer.exit !== 0)
    throw new WhaleFlowError('WF6003', `--base: no commit "${ref}"`, {
      hint: 'branches, tags and commits: git log --oneline --all',
    });
}
