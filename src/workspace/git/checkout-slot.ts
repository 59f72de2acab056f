/**
 * One checkout of the pool. The leaf's own git sees a plain detached worktree, linked to the repository by
 * three small files (gitrepository-layout(5)) which are written anew each time: that is also the repair of
 * whatever a kill or a leaf has left. Our git never reads them; it uses the slot's private git folder.
 */
import { copyFile, mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splitRecords, toFile } from './byte-path.ts';
import { findLeftovers } from './find-forbidden.ts';
import type { GitPlace } from './hardened-environment.ts';
import { placeLinks } from './place-links.ts';
import { filePlace, type GitWorld, indexOf, writeGitFolder } from './private-git-folder.ts';
import { removeFolder } from './remove-folder.ts';

export interface CheckoutSlot {
  readonly name: string;
  /** Root of the files. */
  readonly root: string;
  /** Private git folder, out of the leaf's reach. */
  readonly gitFolder: string;
  /** The leaf's git folder, inside the repository's. */
  readonly adminFolder: string;
}

export function toSlot({ pool, repository }: GitWorld, name: string): CheckoutSlot {
  return {
    name,
    root: join(pool, name, 'tree'),
    gitFolder: join(pool, name, 'git'),
    adminFolder: join(repository.commonFolder, 'worktrees', `whaleflow-${name}`),
  };
}

export function slotPlace(world: GitWorld, { gitFolder, root }: CheckoutSlot): GitPlace {
  return filePlace(world, gitFolder, root);
}

/** What was in the slot before: nothing, this very tree, or a tree of somebody else. */
export type SlotPast = 'new' | 'same' | 'other';

/**
 * Makes the files exactly those of `commit`. Ignored files, such as installed packages, stay when the past is
 * this very tree.
 */
export async function checkOut(
  world: GitWorld,
  slot: CheckoutSlot,
  { commit, past }: { commit: string; past: SlotPast },
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(slot.root, { recursive: true });
  await writeGitFolder(world, slot.gitFolder, commit);
  const place = slotPlace(world, slot);
  await world.runGit({ place, args: ['read-tree', '--reset', '-u', commit] }, signal);
  if (past !== 'new') await cleanUp(world, slot, past, signal);
  await placeLinks(slot.root, world.links);
  await rm(slot.adminFolder, { recursive: true, force: true });
  await link(world, slot, commit);
}

/** Shows the leaf's own git where the tree stands. */
export async function link(world: GitWorld, slot: CheckoutSlot, commit: string): Promise<void> {
  const { adminFolder, root } = slot;
  const dotGit = join(root, '.git');
  const young = join(adminFolder, `index.${world.newName()}`);
  await mkdir(adminFolder, { recursive: true });
  await rm(dotGit, { recursive: true, force: true });
  await Promise.all([
    writeFile(join(adminFolder, 'gitdir'), `${dotGit}\n`),
    writeFile(join(adminFolder, 'commondir'), '../..\n'),
    writeFile(join(adminFolder, 'HEAD'), `${commit}\n`),
    writeFile(dotGit, `gitdir: ${adminFolder}\n`),
    rm(join(adminFolder, 'index.lock'), { force: true }),
    copyFile(indexOf(slot.gitFolder), young),
  ]);
  await rename(young, join(adminFolder, 'index'));
}

export async function removeSlot({ repository }: GitWorld, slot: CheckoutSlot): Promise<void> {
  await rm(slot.adminFolder, { recursive: true, force: true });
  // As git does it: the last worktree takes the folder of worktrees with it.
  await rmdir(join(repository.commonFolder, 'worktrees')).catch(() => {});
  await removeFolder(join(slot.root, '..'));
}

async function cleanUp(
  world: GitWorld,
  slot: CheckoutSlot,
  past: SlotPast,
  signal?: AbortSignal,
): Promise<void> {
  const place = slotPlace(world, slot);
  const args = ['clean', '-ffd', '--quiet', ...(past === 'same' ? [] : ['-x'])];
  await world.runGit({ place, args }, signal);
  const listed = await world.runGit({ place, args: ['ls-files', '--stage', '-z'] }, signal);
  // `git clean` leaves alone what lies where a submodule belongs, and every `.git` beside tracked files.
  for (const record of splitRecords(listed.stdout)) {
    if (!record.startsWith('160000 ')) continue;
    const folder = toFile(slot.root, record.slice(record.indexOf('\t') + 1));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  const ignored = past === 'same' ? await listIgnored(world, place, signal) : new Set<string>();
  for (const path of await findLeftovers(slot.root, ignored, signal)) {
    await rm(toFile(slot.root, path), { recursive: true, force: true });
  }
}

async function listIgnored(world: GitWorld, place: GitPlace, signal?: AbortSignal) {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  const { stdout } = await world.runGit({ place, args }, signal);
  return new Set(splitRecords(stdout).map((path) => path.replace(/\/$/, '')));
}
