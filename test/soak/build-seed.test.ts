/** The same commit has the same verdict: what is left to chance in tests begins at the seed of its tree. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, inject, onTestFinished, test } from 'vitest';
import { buildSeed } from './build-seed.ts';

const root = join(import.meta.dirname, '../..');

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-seed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function commit(folder: string, text: string, message: string): void {
  writeFileSync(join(folder, 'file'), text);
  const git = (...words: readonly string[]): void =>
    void execFileSync('git', words, { cwd: folder, stdio: 'pipe' });
  git('init', '--quiet');
  git('add', 'file');
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  git(...who, 'commit', '--quiet', '--allow-empty', '--no-gpg-sign', '-m', message);
}

test('it is that of the files of a commit, and of nothing else', () => {
  const folder = scratch();
  commit(folder, 'one', 'first');
  const first = buildSeed({}, folder);
  expect(first).toSatisfy((seed: number) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31);
  commit(folder, 'two', 'second');
  expect(buildSeed({}, folder)).not.toBe(first);
  commit(folder, 'one', 'third');
  expect(buildSeed({}, folder)).toBe(first);
  writeFileSync(join(folder, 'file'), 'not committed');
  expect(buildSeed({}, folder)).toBe(first);
});

test('what has no commit has one seed', () => {
  expect(buildSeed({}, scratch())).toBe(1);
});

test('the environment names another, or any', () => {
  expect(buildSeed({ WHALEFLOW_SEED: '12' })).toBe(12);
  const some = (environment: NodeJS.ProcessEnv): number =>
    new Set(Array.from({ length: 20 }, () => buildSeed(environment))).size;
  expect(some({ WHALEFLOW_SEED: 'random' })).toBeGreaterThan(1);
  expect(some({ WHALEFLOW_SOAK: '1' })).toBeGreaterThan(1);
  expect(some({ WHALEFLOW_SOAK: '1', WHALEFLOW_SEED: '12' })).toBe(1);
  for (const text of ['', 'one', '-1', '1.5', '2147483648']) {
    expect(() => buildSeed({ WHALEFLOW_SEED: text }), text).toThrow('not a whole number');
  }
});

test('properties begin at it, and one that fails prints it', () => {
  const seen = (): readonly number[] => fc.sample(fc.nat(), 5);
  expect(seen()).toEqual(seen());
  const fails = (): void => fc.assert(fc.property(fc.nat(), () => false));
  expect(fails).toThrow(`{ seed: ${inject('seed')}, path: `);
});

test('no test throws dice of its own, or asks which day it is', () => {
  const files = globSync('{test,bench}/**/*.ts', { cwd: root }).concat(
    globSync('src/**/*.{test,suite}.{ts,tsx}', { cwd: root }),
  );
  expect(files.length).toBeGreaterThan(200);
  const chance = /Math\.random\(\)|\brandomInt\(|\bpid\)? %|\bnew Date\(\)|numbers: Math\.random/;
  const own = [
    'test/soak/build-seed.ts',
    'test/soak/build-seed.test.ts',
    'test/architecture.test.ts',
  ];
  const found = files.filter((file) => chance.test(readFileSync(join(root, file), 'utf8')));
  expect(found.filter((file) => !own.includes(file))).toEqual([]);
});
