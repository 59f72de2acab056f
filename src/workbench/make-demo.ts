import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { createRunGit } from '../workspace/git/run-git.ts';
import { demoFiles } from './demo/demo-files.ts';
import { isDriven } from './liveness.ts';
import { openWorkbench, type Workbench } from './workbench.ts';
import { toWriteError } from './write-error.ts';

/** `demo-fail` keeps the runs of `demo --fail` apart, so that `demo --again` finds the plain one. */
export type DemoName = 'demo' | 'demo-fail';

export interface MakeDemoRequest {
  readonly name: DemoName;
  /** Words that start this program, for a script in the folder where no path leads to it. */
  readonly program: readonly string[];
}

/** The name of that script. */
export const OWN_PROGRAM = 'whaleflow';

export function demoFolder({ places }: Pick<Workbench, 'places'>, name: DemoName): string {
  return join(places.cacheFolder, name);
}

/**
 * Makes the demo’s repository anew in the cache folder, with one commit. Returns its root.
 * @throws {WhaleFlowError} WF5005 where a run of it is at work, WF6003 when git cannot be run, WF2003 when the
 * cache folder cannot be written.
 */
export async function makeDemo(
  workbench: Workbench,
  { name, program }: MakeDemoRequest,
): Promise<string> {
  const root = demoFolder(workbench, name);
  refuseWhileDriven(workbench, root);
  try {
    writeFiles(root);
  } catch (cause) {
    throw toWriteError(cause, root);
  }
  const git = createRunGit(workbench.env);
  const gitFolder = join(root, '.git');
  const place = { gitFolder, workTree: root };
  await git({ place, args: ['init', '--quiet', '--initial-branch=main', root] });
  await git({ place, args: ['add', '--all', '--', '.'] });
  await git({ place, args: ['commit', '--quiet', '--message=A bill that loses cents'] });
  if (program.length > 0) addProgram(root, program);
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

/** What is deleted must be nobody’s work. */
function refuseWhileDriven({ env }: Workbench, root: string): void {
  if (!existsSync(join(root, '.whaleflow', 'state', 'whaleflow.db'))) return;
  using own = openWorkbench({ cwd: root, env });
  const store = own.store('read');
  const driven = store.runs().find(({ run }) => isDriven(own, store, run));
  if (driven === undefined) return;
  throw new WhaleFlowError('WF5005', `a demo is at work in ${root}, run ${driven.run}`, {
    hint: `see it: whaleflow -C ${root} watch     end it: whaleflow -C ${root} cancel ${driven.run}`,
  });
}

/** Git does not see it: it is no part of the repository. */
function addProgram(root: string, program: readonly string[]): void {
  const quoted = program.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const file = join(root, OWN_PROGRAM);
  writeFileSync(file, `#!/bin/sh\n# The program that made this folder.\nexec ${quoted} "$@"\n`);
  chmodSync(file, 0o755);
  const info = join(root, '.git', 'info');
  mkdirSync(info, { recursive: true });
  writeFileSync(join(info, 'exclude'), `/${OWN_PROGRAM}\n`);
}
