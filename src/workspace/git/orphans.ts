/**
 * What processes that were killed have left of their trees in a repository and in the pool. Commits are
 * never among it: what keeps those are refs, and whose they are a store knows, not git.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCheckoutPool } from './checkout-pool.ts';
import { toSlot } from './checkout-slot.ts';
import { findGitWorld, type GitWorkspaceOptions } from './git-workspace.ts';
import { type GitWorld, repositoryPlace } from './private-git-folder.ts';
import { openSlotLeases } from './slot-leases.ts';

export interface Orphans {
  /** Folders of checkouts whose process has ended without giving them back. */
  readonly checkouts: readonly string[];
  /** Worktrees that the repository lists and whose files are gone: their folders in its git folder. */
  readonly entries: readonly string[];
}

const ENTRY = /^whaleflow-([0-9a-z]{12})$/;

export async function findOrphans(options: GitWorkspaceOptions): Promise<Orphans> {
  const world = await findGitWorld(options);
  const dead = await openSlotLeases(join(world.pool, 'leases'), world.newName).listDead();
  return {
    checkouts: dead.map((name) => dirname(toSlot(world, name).root)),
    entries: await listEntries(world),
  };
}

/** Removes them; what could not be removed stays, and is found again. Returns what was there. */
export async function removeOrphans(options: GitWorkspaceOptions): Promise<Orphans> {
  const found = await findOrphans(options);
  const world = await findGitWorld(options);
  await openCheckoutPool(world, { checkouts: 0, files: 0 }).endDead();
  for (const entry of await listEntries(world)) await rm(entry, { recursive: true, force: true });
  return found;
}

/** Runs of which the repository keeps commits. */
export async function listKeptRuns(options: GitWorkspaceOptions): Promise<readonly string[]> {
  const world = await findGitWorld(options);
  const place = repositoryPlace(world);
  const args = ['for-each-ref', '--format=%(refname)', 'refs/whaleflow/'];
  const { stdout } = await world.runGit({ place, args });
  const runs = stdout.toString('utf8').trim().split('\n');
  return [...new Set(runs.map((ref) => ref.split('/')[2] ?? ''))].filter((run) => run !== '');
}

/** Of this product only, whichever cache folder their checkouts were in. */
async function listEntries({ repository }: GitWorld): Promise<readonly string[]> {
  const folder = join(repository.commonFolder, 'worktrees');
  const names = await readdir(folder).catch(() => []);
  const entries: string[] = [];
  for (const name of names) {
    const entry = join(folder, name);
    const slot = ENTRY.exec(name)?.[1];
    const dotGit = (await readFile(join(entry, 'gitdir'), 'utf8').catch(() => '')).trim();
    // A user’s worktree may be called that too.
    if (slot === undefined || !dotGit.endsWith(`/${slot}/tree/.git`)) continue;
    const files = await stat(dirname(dotGit)).catch(() => undefined);
    if (files === undefined) entries.push(entry);
  }
  return entries;
}
