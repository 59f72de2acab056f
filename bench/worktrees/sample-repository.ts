/** A repository like a grown project: thousands of small text files, a few hundred folders. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface SampleRepository {
  readonly root: string;
  readonly files: number;
  git(...words: readonly string[]): string;
}

const FILES_A_FOLDER = 16;
const LINE = 'export const value = { name: "some name", size: 1234, flags: ["a", "b"] };\n';

/** Files of 0.2 to 12 KB, every one different; one commit. */
export function makeSampleRepository(root: string, files: number): SampleRepository {
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@localhost', ...words], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      maxBuffer: 64 * 1024 * 1024,
    });
  mkdirSync(root, { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  for (let index = 0; index < files; index += 1) {
    const folder = Math.floor(index / FILES_A_FOLDER);
    const path = join(root, `packages/p${folder % 24}/src/f${folder}/file-${index}.ts`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `// ${index}\n${LINE.repeat(2 + ((index * 7919) % 160))}`);
  }
  git('add', '--all');
  git('commit', '--quiet', '--message=start');
  git('gc', '--quiet');
  return { root, files, git };
}
