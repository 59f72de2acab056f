/** What killed runs have left in the repository and in the cache, for `doctor`. */
import { WhaleFlowError } from '../base/errors.ts';
import {
  findOrphans,
  listKeptRuns,
  type Orphans,
  removeOrphans,
} from '../workspace/git/orphans.ts';
import type { Finding } from './doctor.ts';
import type { Workbench } from './workbench.ts';

const MAX_NAMED = 3;

/** Checkouts that nobody holds any more, and commits of runs that the store does not know. */
export async function orphanFindings(workbench: Workbench): Promise<readonly Finding[]> {
  if (!workbench.places.hasGit) return [];
  const { checkouts, entries } = await findOrphans(optionsOf(workbench));
  return [checkoutsFinding([...checkouts, ...entries]), await keptFinding(workbench)];
}

/** Removes such checkouts. Returns their folders. */
export async function clearOrphans(workbench: Workbench): Promise<readonly string[]> {
  if (!workbench.places.hasGit) return [];
  const { checkouts, entries }: Orphans = await removeOrphans(optionsOf(workbench));
  return [...checkouts, ...entries];
}

function checkoutsFinding(folders: readonly string[]): Finding {
  const check = 'checkouts';
  if (folders.length === 0) return { check, verdict: 'ok', found: 'none is left behind' };
  const found = `${folders.length} left behind by processes that are gone: ${some(folders)}`;
  return { check, verdict: 'warning', found, fix: 'whaleflow doctor --fix' };
}

/** Another state folder may know them, and they may hold work that was never committed: a person removes them. */
async function keptFinding(workbench: Workbench): Promise<Finding> {
  const check = 'kept commits';
  const kept = await listKeptRuns(optionsOf(workbench));
  const known = knownRuns(workbench);
  const strange = kept.filter((run) => !known.has(run));
  const [first] = strange;
  if (first === undefined) return { check, verdict: 'ok', found: `of ${runsText(kept.length)}` };
  const found = `of ${runsText(strange.length)} not in this store: ${some(strange)}`;
  const list = `git for-each-ref --format='delete %(refname)' refs/whaleflow/${first}`;
  const fix = `if no other --state-dir has it: ${list} | git update-ref --stdin`;
  return { check, verdict: 'warning', found, fix };
}

const runsText = (count: number): string => (count === 1 ? '1 run' : `${count} runs`);

function knownRuns(workbench: Workbench): ReadonlySet<string> {
  try {
    const runs = workbench.store('read').runs();
    return new Set(runs.map(({ run }) => run));
  } catch (error) {
    // Without a store nothing is known; what is wrong with one is said where it is read.
    if (error instanceof WhaleFlowError) return new Set();
    throw error;
  }
}

function some(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const optionsOf = ({ places, chance }: Workbench) => ({
  repositoryRoot: places.root,
  cacheFolder: places.cacheFolder,
  chance,
});
