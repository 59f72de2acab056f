/** `--sandbox`: what is refused, what needs no consent, and what is recorded. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canConfine } from '../../test/sandbox/can-confine.ts';
import type { TraceEvent } from '../trace/events.ts';
import { type TestHost, testHost } from './test-host.ts';

const leaf = (id: string, rest: string): string => `  - {id: ${id}, kind: leaf, ${rest}}\n`;
const head = 'id: u\ngoal: g\npermissions: {write: true, shell: true, commands: ["*"]}\nnodes:\n';
const files = {
  'src/a.txt': 'a\n',
  'say.yaml': head + leaf('say', 'task: {type: command, argv: [cat, src/a.txt]}'),
  'ask.yaml': head + leaf('ask', 'task: {type: model, prompt: "Say it"}'),
  'beyond.yaml':
    head +
    leaf(
      'beyond',
      'mode: read_write, fileScope: ["src/**"], task: {type: command, argv: [touch, README]}',
    ),
  'still.yaml': head + leaf('still', 'task: {type: command, argv: [touch, src/b]}'),
  'home.yaml':
    head + leaf('home', 'task: {type: command, shell: bash, argv: [bash, -c, "cat ~/.ssh/id"]}'),
  'out.yaml':
    head +
    leaf(
      'out',
      'task: {type: command, shell: bash, argv: [bash, -c, "exec 3<>/dev/tcp/127.0.0.1/1"]}',
    ),
};
const PATH = process.env['PATH'] ?? '';

function repository(parts: Partial<Parameters<typeof testHost>[0]> = {}): TestHost {
  const host = testHost({ files, env: { PATH }, sandbox: 'default', ...parts });
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: host.folder });
  git('init', '-q');
  git('add', '-A');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a');
  return host;
}

function eventsOf({ store }: TestHost): readonly TraceEvent[] {
  const [row] = store.runs();
  return row === undefined ? [] : store.read(row.run, 0);
}

test('strict that cannot be had is refused before anything is made, with what to do', async () => {
  using host = repository({ env: { PATH: '/nonexistent' } });
  const screen = await host.run('run', 'say.yaml', '-y');
  expect(screen.exit).toBe(9);
  expect(screen.err).toMatch(/WF4004.*no strict sandbox here: /);
  expect(screen.err).toContain('--sandbox off');
  expect(host.store.runs()).toEqual([]);
});

test('a search goes without, where there is none', async () => {
  using host = repository({
    env: { PATH: '/nonexistent' },
    files: { ...files, 'look.yaml': head + leaf('look', 'task: {type: search, query: a}') },
  });
  expect(await host.run('run', 'look.yaml', '-y')).toMatchObject({ exit: 0 });
  const [started, ...rest] = eventsOf(host);
  expect(started).toMatchObject({ config: { sandbox: 'in-process' } });
  expect(rest.find(({ type }) => type === 'leaf.started')).toMatchObject({ sandbox: 'in-process' });
});

test('another word is refused', async () => {
  using host = repository();
  const screen = await host.run('run', 'say.yaml', '-y', '--sandbox', 'loose');
  expect([screen.exit, screen.err]).toEqual([2, expect.stringContaining('strict or off')]);
});

test('a run that starts no process needs no sandbox', async () => {
  using host = repository({ env: { PATH: '/nonexistent' } });
  const flags = ['--model', 'mock', '-y'];
  expect(await host.run('run', 'ask.yaml', ...flags)).toMatchObject({ exit: 0 });
  expect(eventsOf(host)[0]).toMatchObject({ config: { sandbox: 'in-process' } });
});

describe.skipIf(!canConfine)('where bubblewrap is installed', () => {
  const strict = ['-y'];

  test('commands run without --allow and without the banner, and the record says where', async () => {
    using host = repository();
    const screen = await host.run('run', 'say.yaml', ...strict);
    expect([screen.exit, screen.err]).toEqual([0, expect.not.stringContaining('WITHOUT')]);
    const [started, ...rest] = eventsOf(host);
    expect(started).toMatchObject({ config: { sandbox: 'strict' }, consent: { commands: [] } });
    expect(rest.find(({ type }) => type === 'leaf.started')).toMatchObject({ sandbox: 'strict' });
  });

  test('git and the toolchain work inside, and folders that the person names can be read', async () => {
    const tools = mkdtempSync(join(homedir(), '.whaleflow-tools-'));
    try {
      writeFileSync(join(tools, 'hello'), '#!/bin/sh\necho hello', { mode: 0o755 });
      const argv = ['bash', '-c', `git log --format=%s | tail -1 && node -p 1 && ${tools}/hello`];
      const text = `task: {type: command, shell: bash, argv: ${JSON.stringify(argv)}}`;
      const env = { PATH, WHALEFLOW_SANDBOX_READ: tools };
      using host = repository({
        env,
        files: { ...files, 'tools.yaml': head + leaf('tools', text) },
      });
      expect(await host.run('run', 'tools.yaml', ...strict)).toMatchObject({ exit: 0 });
      const { out } = await host.run('show', '@last/tools');
      expect(out).toMatch(/stdout:\n\s*a\n\s*1\n\s*hello/);
    } finally {
      rmSync(tools, { recursive: true });
    }
  });

  test('the path inside is what is there: nothing of a home that cannot be seen', async () => {
    const tools = mkdtempSync(join(homedir(), '.whaleflow-tools-'));
    try {
      const hidden = join(homedir(), '.hidden-tools/bin');
      const argv = ['bash', '-c', 'echo "=$PATH=" && command -v node'];
      const text = `task: {type: command, shell: bash, argv: ${JSON.stringify(argv)}}`;
      const env = { PATH: `${hidden}:${tools}:${PATH}`, WHALEFLOW_SANDBOX_READ: tools };
      using host = repository({ env, files: { ...files, 'path.yaml': head + leaf('path', text) } });
      expect(await host.run('run', 'path.yaml', ...strict)).toMatchObject({ exit: 0 });
      const { out } = await host.run('show', '@last/path', '--full');
      const seen = /=(\/\S+)=/.exec(out)?.[1]?.split(':') ?? [];
      expect(seen).toContain(tools);
      expect(seen).toContain('/usr/bin');
      expect(seen).not.toContain(hidden);
      for (const entry of seen) expect(env.PATH.split(':')).toContain(entry);
    } finally {
      rmSync(tools, { recursive: true });
    }
  });

  test('the record says which bubblewrap it was and by which profile, and so does an export', async () => {
    using host = repository();
    expect(await host.run('run', 'say.yaml', ...strict)).toMatchObject({ exit: 0 });
    const driven = eventsOf(host).find(({ type }) => type === 'run.driven');
    if (driven?.type !== 'run.driven') throw new Error('nobody drove it');
    expect(driven.versions).toMatchObject({
      bubblewrap: expect.stringMatching(/^\d+\.\d+/),
      sandbox_profile: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await host.run('export', '@last', '-o', 'run.json')).toMatchObject({ exit: 0 });
    const { environment } = JSON.parse(readFileSync(join(host.folder, 'run.json'), 'utf8'));
    expect(environment.versions).toEqual(driven.versions);
    expect(await host.run('run', 'ask.yaml', '--model', 'mock', '-y')).toMatchObject({ exit: 0 });
    const other = eventsOf(host).find(({ type }) => type === 'run.driven');
    expect(other).not.toHaveProperty('versions.bubblewrap');
  });

  test('a report of tests in the folder of temporary files is counted', async () => {
    const text = `task: {type: command, purpose: test, argv: "echo '<testsuite><testcase/></testsuite>' > $TMPDIR/r.xml", report: "$TMPDIR/r.xml"}`;
    using host = repository({ files: { ...files, 'report.yaml': head + leaf('report', text) } });
    expect(await host.run('run', 'report.yaml', ...strict)).toMatchObject({ exit: 0 });
    const { out } = await host.run('show', '@last/report', '--json');
    expect(JSON.parse(out)).toMatchObject({
      output: { tests: { passed: 1, source: 'JUnit XML' } },
    });
  });

  test('the plan says so, and shows the commands all the same', async () => {
    using host = repository();
    const { out } = await host.run('run', 'say.yaml', '--dry-run');
    expect(out).toMatch(/runs `\*` · network: no · sandbox: strict/);
  });

  test.each([
    ['beyond.yaml', /it write to the folders of src\/\*\*/],
    ['still.yaml', /a read_only leaf write nothing/],
    ['home.yaml', /not your home/],
    ['out.yaml', /no network, and a loopback of its own/],
  ])('%s fails inside, and is told why', async (file, hint) => {
    using host = repository();
    const screen = await host.run('run', file, ...strict);
    expect([screen.exit, screen.err]).toEqual([1, expect.stringMatching(hint)]);
  });

  const giveBack = async (
    { store }: { readonly store: (mode: 'write') => TestHost['store'] },
    run: string,
  ): Promise<void> => {
    const lease = store('write').lease(run);
    if (lease !== undefined) await store('write').release(run, lease.epoch);
  };

  /** A run that was recorded strict and has not begun. */
  async function begun(env: Record<string, string>): Promise<TestHost> {
    const host = repository({ env, startDriver: giveBack });
    await host.run('run', 'say.yaml', ...strict, '-d');
    return host;
  }

  test('a run goes on as it was recorded: where that cannot be had, not below it', async () => {
    const env = { PATH };
    using host = await begun(env);
    env.PATH = '/nonexistent';
    const refused = await host.run('resume', '@last', '--foreground');
    expect([refused.exit, refused.err]).toEqual([9, expect.stringContaining('WF4004')]);
    env.PATH = PATH;
    expect(await host.run('resume', '@last', '--foreground')).toMatchObject({ exit: 0 });
    expect(eventsOf(host).find(({ type }) => type === 'leaf.started')).toMatchObject({
      sandbox: 'strict',
    });
  });

  test('--sandbox off goes below it, once its commands are accepted, and is recorded', async () => {
    using host = await begun({ PATH });
    const off = ['resume', '@last', '--foreground', '--sandbox', 'off', '-y'];
    const refused = await host.run(...off);
    expect([refused.exit, refused.err]).toEqual([5, expect.stringContaining("--allow '*'")]);
    const screen = await host.run(...off, '--allow', 'cat *', '--allow', '*');
    expect([screen.exit, screen.err]).toEqual([0, expect.stringContaining('WITHOUT a sandbox')]);
    const events = eventsOf(host);
    expect(events.find(({ type }) => type === 'run.driven')).toMatchObject({
      sandbox: 'none',
      consent: { by: 'flag', commands: ['cat *', '*'] },
    });
    expect(events.find(({ type }) => type === 'leaf.started')).toMatchObject({ sandbox: 'none' });
  });

  test('show says where each leaf ran, and says it loudly where nothing confines it', async () => {
    using host = repository();
    await host.run('run', 'say.yaml', ...strict);
    expect((await host.run('show', '@last')).out).toContain('sandbox: strict');
    expect((await host.run('show', '@last/say')).out).toMatch(/sandbox +strict/);
    expect(JSON.parse((await host.run('show', '@last', '--json')).out)).toMatchObject({
      sandbox: 'strict',
      leaves: [{ sandbox: 'strict' }],
    });
    const off = ['-y', '--sandbox', 'off', '--allow', '*'];
    const screen = await host.run('run', 'say.yaml', ...off);
    expect(screen.err).toContain('commands run WITHOUT a sandbox');
    expect(screen.err).toContain('started u WITHOUT a sandbox');
    expect((await host.run('show', '@last')).out).toContain('WITHOUT a sandbox');
    expect((await host.run('show', '@last/say')).out).toMatch(/sandbox +none/);
  });

  test('status says which open runs nothing confines', async () => {
    using host = repository({ startDriver: giveBack });
    await host.run('run', 'say.yaml', ...strict, '-d');
    expect((await host.run('status')).out).not.toContain('WITHOUT');
    await host.run('run', 'say.yaml', '-y', '--sandbox', 'off', '--allow', '*', '-d');
    expect((await host.run('status')).out).toMatch(/warning: \w+ WITHOUT a sandbox/);
  });

  test('a fork is confined as its parent, unless it is told otherwise', async () => {
    using host = repository();
    await host.run('run', 'say.yaml', ...strict);
    await host.run('fork', '@last', '--at', 'say', '-y');
    expect(eventsOf(host)[0]).toMatchObject({ config: { sandbox: 'strict' } });
    await host.run('fork', '@last', '--at', 'say', '-y', '--sandbox', 'off', '--allow', '*');
    expect(eventsOf(host)[0]).toMatchObject({ config: { sandbox: 'none' } });
  });
});
