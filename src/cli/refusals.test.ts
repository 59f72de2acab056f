/** What is refused before a run begins or a file is lost. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pickFiles, testHost } from './test-host.ts';

const started = ['run', 'pick.yaml', '--mock=good.yaml', '-y'];

test('a file that is there is kept unless --force says otherwise, in any command', async () => {
  using host = testHost({ files: { ...pickFiles, 'out.json': 'mine' } });
  const file = join(host.folder, 'out.json');
  await host.run(...started);
  for (const words of [['ls', '--json'], ['export', '@last'], ['plan', 'pick.yaml'], started]) {
    const { exit, err } = await host.run(...words, '-o', 'out.json');
    expect(exit).toBe(2);
    expect(err).toContain('WF2009');
    expect(err).toContain('--force');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  }
  expect(host.store.runs()).toHaveLength(1);
  expect((await host.run('ls', '--json', '-o', 'out.json', '--force')).exit).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('runs');
  expect((await host.run('ls', '-o', '/dev/null')).exit).toBe(0);
});

test('a name means one run', async () => {
  using host = testHost({ files: pickFiles });
  await host.run(...started, '--name', 'nightly');
  const [first] = host.store.runs();
  const again = await host.run(...started, '--name', 'nightly');
  expect(again.exit).toBe(2);
  expect(again.err).toContain(`error[WF2002]: the name nightly is taken by ${first?.run}`);
  expect(again.err).toContain(`whaleflow rm ${first?.run}`);
  expect((await host.run('fork', '@last', '-y', '--name', 'nightly')).exit).toBe(2);
  for (const name of ['a/b', '@last', 'a#1', '']) {
    expect((await host.run(...started, '--name', name)).exit).toBe(2);
  }
  expect(host.store.runs()).toHaveLength(1);
});

test('a base that is not there is refused, whether or not the run takes one', async () => {
  using host = testHost({ files: pickFiles });
  const without = await host.run(...started, '--base', 'nope');
  expect(without.exit).toBe(9);
  expect(without.err).toContain('is no git repository');
  const git = (...args: string[]): void => {
    execFileSync('git', args, { cwd: host.folder, stdio: 'ignore' });
  };
  git('init', '-q');
  writeFileSync(join(host.folder, 'a'), 'a');
  git('add', 'a');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a');
  const { exit, err } = await host.run(...started, '--base', 'nope');
  expect(exit).not.toBe(0);
  expect(err).toContain('error[WF6003]: --base: no commit "nope"');
  expect(host.store.runs()).toEqual([]);
  expect((await host.run(...started, '--base', 'HEAD')).exit).toBe(0);
});

test('garbage in the heads is one message: the line, and what to do', async () => {
  using host = testHost({
    files: { ...pickFiles, '.whaleflow/state/heads': 'what is this\n\n?\n' },
  });
  await host.run(...started);
  const { exit, out, err } = await host.run('verify');
  expect(exit).toBe(9);
  expect(out).toContain('state/heads:1 and 1 more: no line of heads (run, seq, hash): take it out');
  expect(err).toContain('the store is damaged: 1 problem');
  expect(err).toContain('no run is damaged');
});
