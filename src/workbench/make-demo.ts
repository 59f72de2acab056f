import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRunGit } from '../workspace/git/run-git.ts';
import { demoFiles } from './demo-files.ts';
import type { Workbench } from './workbench.ts';
import { toWriteError } from './write-error.ts';

/**
 * Makes the demo’s repository anew in the cache folder, with one commit. Returns its root.
 * @throws {WhaleFlowError} WF6003 when git cannot be run, WF2003 when the cache folder cannot be written.
 */
export async function makeDemo({ places, env }: Workbench): Promise<string> {
  const root = join(places.cacheFolder, 'demo');
  try {
    writeFiles(root);
  } catch (cause) {
    throw toWriteError(cause, root);
  }
  const git = createRunGit(env);
  const gitFolder = join(root, '.git');
  const place = { gitFolder, workTree: root };
  await git({ place, args: ['init', '--quiet', '--initial-branch=main', root] });
  await git({ place, args: ['add', '--all', '--', '.'] });
  await git({ place, args: ['commit', '--quiet', '--message=A slug function with a bug'] });
  return root;
}

function writeFiles(root: string): void {
  rmSync(root, { recursive: true, force: true });
  for (const [path, text] of Object.entries(demoFiles)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
