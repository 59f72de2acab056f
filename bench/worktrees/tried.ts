/** Ways to have the files of a commit in a folder, each on its own; `docs/benchmarks.md` says what came of them. */
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { diskUse } from './disk-use.ts';
import type { SampleRepository } from './sample-repository.ts';

export interface Tried {
  readonly what: string;
  /** Absent where this disk cannot. */
  readonly ms?: number;
  /** What it takes beside the others. */
  readonly bytes?: number;
}

type Take = (from: string, to: string) => void;

/** `folder`: a new one on the disk that matters. Nothing is deleted meanwhile, which would slow the next. */
export function tryAll({ root, git }: SampleRepository, folder: string): readonly Tried[] {
  const at = (name: string): string => join(folder, name);
  const add = (name: string, ...words: readonly string[]): void => {
    git(...words, 'worktree', 'add', '--quiet', '--detach', at(name));
  };
  const sparse = (name: string): void => {
    git('worktree', 'add', '--quiet', '--detach', '--no-checkout', at(name));
    const patterns = join(root, '.git/worktrees', name, 'info');
    mkdirSync(patterns, { recursive: true });
    writeFileSync(join(patterns, 'sparse-checkout'), '/packages/p0/\n');
    git('-c', 'core.sparseCheckout=true', '-C', at(name), 'read-tree', '-mu', 'HEAD');
  };
  const reset = (name: string): void => {
    writeFileSync(join(at(name), 'left-over.txt'), 'x');
    git('-C', at(name), 'reset', '--quiet', '--hard', 'HEAD');
    git('-C', at(name), 'clean', '-ffdxq');
  };
  const fromTemplate = (take: Take) => (name: string) => copied(at('template'), at(name), take);
  const ways: readonly (readonly [what: string, name: string, make: (name: string) => void])[] = [
    ['git worktree add', 'template', add],
    ['the same, two workers', 'workers', (name) => add(name, '-c', 'checkout.workers=2')],
    ['copies of a template', 'copied', fromTemplate(copyFileSync)],
    ['reflinks to a template', 'reflinked', fromTemplate(reflink)],
    ['hard links to a template', 'linked', fromTemplate(linkSync)],
    ['sparse: a package of 24', 'sparse', sparse],
    ['reset of a free one', 'workers', reset],
  ];
  return ways.map(([what, name, make]) => {
    const before = diskUse(folder);
    const begun = performance.now();
    try {
      make(name);
    } catch (error) {
      if (!isNotSupported(error)) throw error;
      rmSync(at(name), { recursive: true });
      return { what };
    }
    return { what, ms: performance.now() - begun, bytes: diskUse(folder) - before };
  });
}

const isNotSupported = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOTSUP', 'EXDEV'].includes(String(error.code));

const reflink: Take = (from, to) => copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);

function copied(from: string, to: string, take: Take): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === '.git') continue;
    if (entry.isDirectory()) copied(source, target, take);
    else take(source, target);
  }
}
