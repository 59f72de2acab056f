import { rm, rmdir } from 'node:fs/promises';
import { type BytePath, foldersAbove, splitRecords, toFile, toRecords } from './byte-path.ts';
import { type CheckoutSlot, slotPlace } from './checkout-slot.ts';
import type { GitWorld } from './private-git-folder.ts';

/** Makes paths what the slot's index says: removes those that it hasn't, writes the others again. */
export async function putBack(
  world: GitWorld,
  slot: CheckoutSlot,
  paths: readonly BytePath[],
  signal?: AbortSignal,
): Promise<void> {
  for (const path of paths) await rm(toFile(slot.root, path), { recursive: true, force: true });
  for (const folder of new Set(paths.flatMap(foldersAbove))) {
    // Fails while something is left in it, which is right.
    await rmdir(toFile(slot.root, folder)).catch(() => {});
  }
  const place = slotPlace(world, slot);
  const known = await world.runGit({ place, args: ['ls-files', '-z'] }, signal);
  const tracked = new Set(splitRecords(known.stdout));
  const input = toRecords(paths.filter((path) => tracked.has(path)));
  const args = ['checkout-index', '--force', '--index', '-z', '--stdin'];
  await world.runGit({ place, args, input }, signal);
}
