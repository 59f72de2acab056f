/** Files of trees for tools in our own process, with what is linked into them. */
import type { Chance } from '../system/chance.ts';
import { withLinked } from '../tool/files/linked-files.ts';
import { walkingFiles } from '../tool/files/walking-files.ts';
import type { TreeFiles } from '../tool/tree-files.ts';
import type { LinkedFolder } from '../workspace/linked-folder.ts';

const NAME_BYTES = 8;

export function filesOfTrees(
  chance: Chance,
  linked: readonly LinkedFolder[],
): (root: string) => TreeFiles {
  const newName = (): string =>
    `.whaleflow-${Buffer.from(chance.bytes(NAME_BYTES)).toString('hex')}`;
  return (root) => withLinked(walkingFiles(root, newName), root, linked);
}
