/** What a commit says about what has to be installed. */
import { createHash } from 'node:crypto';
import { splitRecords, toText } from './byte-path.ts';
import { type GitWorld, repositoryPlace } from './private-git-folder.ts';

/** Names of files that pin what is installed, in any folder. */
const LOCKFILES: ReadonlySet<string> = new Set([
  'Cargo.lock',
  'Gemfile.lock',
  'Pipfile.lock',
  'bun.lock',
  'bun.lockb',
  'composer.lock',
  'go.sum',
  'mix.lock',
  'npm-shrinkwrap.json',
  'package-lock.json',
  'pdm.lock',
  'pnpm-lock.yaml',
  'poetry.lock',
  'requirements.txt',
  'uv.lock',
  'yarn.lock',
]);

export interface Lockfiles {
  readonly paths: readonly string[];
  /** 64 hex: of their paths and contents. */
  readonly digest: string;
}

export async function findLockfiles(world: GitWorld, commit: string): Promise<Lockfiles> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit];
  const { stdout } = await world.runGit({ place: repositoryPlace(world), args });
  const found = splitRecords(stdout).filter((record) =>
    LOCKFILES.has(
      record
        .slice(record.indexOf('\t') + 1)
        .split('/')
        .at(-1) ?? '',
    ),
  );
  return {
    paths: found.map((record) => toText(record.slice(record.indexOf('\t') + 1))),
    digest: createHash('sha256').update(found.join('\0'), 'latin1').digest('hex'),
  };
}
