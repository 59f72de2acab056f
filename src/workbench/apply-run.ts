/** What a run has changed, and the way of that into the user's folder: only when a person says so. */
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { viewRun } from '../trace/read-run.ts';
import type { RunView } from '../trace/run-view.ts';
import { gitUserTree } from '../workspace/git/git-user-tree.ts';
import type { Change, UserTree } from '../workspace/user-tree.ts';
import type { Address } from './find-run.ts';
import type { Workbench } from './workbench.ts';

export interface RunChange {
  readonly run: string;
  readonly change: Change;
  /** HEAD when the run began. */
  readonly head: string;
  readonly goal: string;
}

/** @throws {WhaleFlowError} WF6001 without git. */
export function userTreeOf({ places, chance, clock }: Workbench): UserTree {
  if (!places.hasGit) {
    throw new WhaleFlowError('WF6001', `${places.root} is in no git repository`, {
      hint: 'go to the repository that the run was made in: whaleflow -C DIR apply RUN',
    });
  }
  const { root: repositoryRoot, cacheFolder, stateFolder } = places;
  const journalFolder = join(stateFolder, 'applies');
  return gitUserTree({ repositoryRoot, cacheFolder, chance, clock, journalFolder });
}

/**
 * Of a run: its tree against its base. Of a node with a tree of its own: from where that was forked. Of a
 * leaf: what it did itself.
 * @throws {WhaleFlowError} WF6006 where no files were changed.
 */
export function changeOf(workbench: Workbench, { row, path }: Address): RunChange {
  const view = viewRun(workbench.store('read'), row.run);
  const { started } = view.state;
  const base = started?.base;
  const change = base === undefined ? undefined : changeAt(view, path, base.commit);
  if (base === undefined || change === undefined || change.from === change.to) {
    const what = path === undefined ? `run ${row.run}` : `${path} of run ${row.run}`;
    throw new WhaleFlowError('WF6006', `${what} has changed no files`, {
      hint: hintFor(view, row.run, path),
    });
  }
  return { run: row.run, change, head: base.head, goal: started?.spec.goal ?? '' };
}

/** What a branch changed stays with it where nothing chose it for the run. */
function hintFor({ state }: RunView, run: string, path: string | undefined): string {
  const whole = path === undefined || path === '';
  const changed = [...state.trees].find(([at, tree]) => at !== '' && tree.from !== tree.at);
  return whole && changed !== undefined
    ? `nothing chose a branch for the run; what one of them changed: whaleflow diff ${run}/${changed[0]}`
    : `what its leaves did: whaleflow show ${run}`;
}

function changeAt(view: RunView, path: string | undefined, base: string): Change | undefined {
  const { trees } = view.state;
  if (path === undefined || path === '') return { from: base, to: trees.get('')?.at ?? base };
  const own = trees.get(path);
  if (own !== undefined) return { from: own.from, to: own.at };
  const attempt = view.attempt(path);
  const from = attempt?.request.tree?.commit;
  const to = attempt?.tree?.commit;
  return from === undefined || to === undefined ? undefined : { from, to };
}
