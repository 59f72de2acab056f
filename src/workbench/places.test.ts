import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPlaces } from './places.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-places-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (at: string, ...words: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=u', '-c', 'user.email=u@localhost', ...words], {
    cwd: join(folder, at),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const places = (at: string, env: Readonly<Record<string, string>> = {}) =>
  findPlaces({ cwd: join(folder, at), env: { HOME: join(folder, 'home'), ...env } });

function makeRepository(): void {
  mkdirSync(join(folder, 'project/src/deep'), { recursive: true });
  git('project', 'init', '--quiet');
  git('project', 'commit', '--quiet', '--allow-empty', '--message=first');
}

test('a folder inside, and a linked worktree, share the state of the main worktree', () => {
  makeRepository();
  git('project', 'worktree', 'add', '--quiet', '--detach', '../linked');
  const state = join(folder, 'project/.whaleflow/state');
  expect(places('project/src/deep')).toMatchObject({
    root: join(folder, 'project'),
    stateFolder: state,
  });
  expect(places('linked')).toMatchObject({
    root: join(folder, 'linked'),
    mainRoot: join(folder, 'project'),
    stateFolder: state,
    projectFolder: join(folder, 'linked/.whaleflow'),
  });
});

test('state of a bare repository lies in no git folder, and is shared by its worktrees', () => {
  makeRepository();
  git('.', 'clone', '--quiet', '--bare', 'project', 'bare.git');
  git('bare.git', 'worktree', 'add', '--quiet', '--detach', '../of-bare');
  const { stateFolder, hasGit } = places('bare.git/hooks');
  expect(hasGit).toBe(false);
  expect(stateFolder).toMatch(/home\/\.local\/state\/whaleflow\/bare\.git-[0-9a-f]{16}$/);
  expect(places('bare.git').stateFolder).toBe(stateFolder);
  expect(places('of-bare')).toMatchObject({ hasGit: true, stateFolder });
  const env = { XDG_STATE_HOME: join(folder, 'elsewhere') };
  expect(places('bare.git', env).stateFolder).toContain(`${folder}/elsewhere/whaleflow/`);
  const home = { WHALEFLOW_HOME: join(folder, 'own') };
  expect(places('bare.git', home).stateFolder).toBe(join(folder, 'own/state'));
});

test('a folder called like parts of a git folder is none', () => {
  mkdirSync(join(folder, 'refs/objects'), { recursive: true });
  expect(places('refs').stateFolder).toBe(join(folder, 'refs/.whaleflow/state'));
});
