/** The demo as a stranger runs it: no key, no network, nothing of theirs touched; exit statuses decide. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openShell, type Shell } from '../process/shell.ts';

interface Demo {
  readonly run: string;
  readonly state: string;
  readonly winner: string | null;
  readonly folder: string;
  readonly candidates: readonly {
    readonly name: string;
    readonly approach: string;
    readonly passed: boolean;
    readonly iterations: number;
  }[];
  readonly next: readonly string[];
}

const MAX_DEMO_MS = 10_000;
const TEST_MS = 120_000;
vi.setConfig({ testTimeout: TEST_MS });
const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

let shell: Shell;
beforeAll(() => {
  shell = openShell({ 'src/mine.txt': 'mine\n' });
  shell.write('src/mine.txt', 'edited, not committed\n');
});
afterAll(() => shell[Symbol.dispose]());

test('it succeeds, shows what happened, and leaves the folder that it was called in alone', () => {
  const before = [shell.fingerprint(), shell.git('status', '--porcelain')];
  const begun = performance.now();
  const { exit, out, err } = shell.whaleflow('demo');
  expect(performance.now() - begun).toBeLessThan(MAX_DEMO_MS);
  expect([exit, err.includes('error')]).toEqual([0, false]);
  for (const shown of [
    /^✔ done in .* winner a$/m,
    /✖ \[1\]\/a-tests +failed/,
    /✔ \[2\]\/a-tests +done/,
    /PHASE +LEAVES +CALLS +TOKENS +COST/,
    /together +13 /,
    /winner +a, best by tests: 1/,
    /fix a +minimal: tests pass after 2 tries \(exit status 0: node --test\)/,
    /fix b +rewrite: tests fail after 2 tries \(exit status 1: node --test\)/,
  ]) {
    expect(out).toMatch(shown);
  }
  expect([shell.fingerprint(), shell.git('status', '--porcelain')]).toEqual(before);
  expect(readdirSync(shell.root).sort()).toEqual(['.git', 'README.md', 'src']);
});

test('what it says to type next can be typed, and works', () => {
  const demo = shell.json('demo', '--json') as Demo;
  expect(demo.next).toHaveLength(3);
  const env = { ...shell.env, PATH: `${dirname(process.execPath)}:${shell.env['PATH']}` };
  for (const line of demo.next) {
    const done = spawnSync('sh', ['-c', line], { cwd: shell.root, env, encoding: 'utf8' });
    expect([line, done.status, done.stderr.includes('error')]).toEqual([line, 0, false]);
  }
  const replayed = shell.json('-C', demo.folder, 'replay', demo.run, '--json');
  const calls = { verdict: 'identical', leaves: 13, provider_calls: 0, processes: 0 };
  expect(replayed).toMatchObject(calls);
});

const hasNamespaces = spawnSync('unshare', ['--net', 'true']).status === 0;

test('exit statuses decide, without a network: swapping the fixes swaps the winner', () => {
  const words = [process.execPath, cli, 'demo', '-a', 'a=rewrite', '-a', 'b=minimal', '--json'];
  const [program = '', ...rest] = hasNamespaces ? ['unshare', '--net', ...words] : words;
  const done = spawnSync(program, rest, { cwd: shell.root, env: shell.env, encoding: 'utf8' });
  expect([done.status, done.stderr.includes('error')]).toEqual([0, false]);
  const swapped = JSON.parse(done.stdout) as Demo;
  expect([swapped.state, swapped.winner]).toEqual(['succeeded', 'b']);
  const fixes = new Map(swapped.candidates.map((one) => [one.name, one]));
  expect(fixes.get('a')).toMatchObject({ approach: 'rewrite', passed: false, iterations: 2 });
  expect(fixes.get('b')).toMatchObject({ approach: 'minimal', passed: true, iterations: 2 });
});

test('where no fix passes, it says so and fails', () => {
  const { exit, out } = shell.whaleflow('demo', '-a', 'a=rewrite');
  expect(exit).toBe(1);
  expect(out).toMatch(/^✖ failed after /m);
  expect(out).toMatch(/winner +a, best by tests: 0; its tests fail/);
});
