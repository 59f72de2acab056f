/** The built command line keeps compiled code in the cache folder, and works where it cannot. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const CLI = join(import.meta.dirname, '../../src/cli/cli.ts');

function version(env: Readonly<Record<string, string>>): string {
  const whole = { PATH: process.env['PATH'], ...env };
  const { stdout } = spawnSync(process.execPath, [CLI, '--version'], {
    env: whole,
    encoding: 'utf8',
  });
  return stdout;
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-code-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test.each([
  ['WHALEFLOW_HOME', 'cache/code'],
  ['XDG_CACHE_HOME', 'whaleflow/code'],
  ['HOME', '.cache/whaleflow/code'],
])('compiled code is kept below $%s', (name, place) => {
  const folder = scratch();
  expect(version({ [name]: folder })).toMatch(/^whaleflow /);
  expect(readdirSync(join(folder, place))).not.toEqual([]);
  expect(readdirSync(folder)).toEqual([place.split('/')[0]]);
});

test('where it cannot be kept, all goes on without', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'cache'), 'a file stands in the way');
  expect(version({ WHALEFLOW_HOME: folder })).toMatch(/^whaleflow /);
});

test('who wants none sets what Node asks for', () => {
  const folder = scratch();
  expect(version({ HOME: folder, NODE_DISABLE_COMPILE_CACHE: '1' })).toMatch(/^whaleflow /);
  expect(existsSync(join(folder, '.cache'))).toBe(false);
});
