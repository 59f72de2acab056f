/** The demo as a stranger runs it: no key, no network, nothing of theirs touched; exit statuses decide. */
import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoFiles } from '../../src/workbench/demo/demo-files.ts';
import { type ServerProcess, startServer } from '../process/server-process.ts';
import { cli, isAlive, openShell, type Said, type Shell, until } from '../process/shell.ts';
import { usersTree } from '../process/users-tree.ts';

interface Demo {
  readonly run: string;
  readonly state: string;
  readonly winner: string | null;
  readonly folder: string;
  readonly candidates: readonly {
    readonly name: string;
    readonly approach: string;
    readonly passed: boolean;
    readonly claim: string;
    readonly ran: readonly { readonly command: string; readonly exitCode: number }[];
  }[];
  readonly kept: readonly { readonly file: string }[];
  readonly output: unknown;
  readonly mishaps: readonly { readonly what: string; readonly path: string }[];
  readonly cost_microusd: number;
  readonly next: readonly string[];
}

const SPREAD = 'spread the odd cents, one each';
const LAST = 'give the odd cents to the last one';

let shell: Shell;
beforeAll(() => {
  shell = openShell({ 'src/mine.txt': 'mine\n' });
  shell.write('src/mine.txt', 'edited, not committed\n');
  // As a stranger has it: in the sandbox, where there is one, and nothing of us on the path.
  delete shell.env['WHALEFLOW_SANDBOX_MODE'];
  shell.env['PATH'] = process.env['PATH'];
});
afterAll(() => shell[Symbol.dispose]());

/** As typed in the folder of the demo. */
function inDemo(folder: string, ...words: string[]): Said {
  const options = { cwd: folder, env: shell.env, encoding: 'utf8', timeout: 60_000 } as const;
  const done = spawnSync(process.execPath, [cli, ...words], options);
  return { exit: done.status, out: done.stdout, err: done.stderr };
}

const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** Programs that a command starts and connections that it opens, itself first, as the kernel sees them. */
function tracedCalls(cwd: string, words: readonly string[]): readonly string[] {
  const log = join(shell.root, '..', 'strace.log');
  const watched = ['-f', '-qq', '-e', 'trace=execve,connect,sendto', '-o', log];
  const program = [process.execPath, cli, ...words];
  const options = { cwd, env: shell.env } as const;
  expect(spawnSync('strace', [...watched, ...program], options).status).toBe(0);
  const calls = readFileSync(log, 'utf8').matchAll(/\b(execve|connect|sendto)\(/g);
  return Array.from(calls, ([, name = '']) => name);
}

test('it succeeds, shows what happened, and leaves the folder that it was called in alone', () => {
  const before = [shell.fingerprint(), shell.git('status', '--porcelain')];
  const { exit, out, err } = shell.whaleflow('demo');
  expect([exit, err.includes('error')]).toEqual([0, false]);
  for (const shown of [
    /^✔ done in .* winner a$/m,
    /✔ a-agent +done .* \+3 −2 in 1 file/,
    /✖ b-tests +failed/,
    /✔ \$harvest\[b\] +done/,
    /bug +each share is rounded by itself/,
    /fix a +✔ spread the odd cents, one each +winner/,
    /fix b +✖ give the odd cents to the last one/,
    /it says: “The last share is what the others leave\. All tests pass\.”/,
    /it ran: node --test test\/more-people-than-cents\.test\.mjs → 0/,
    /kept +test\/more-people-than-cents\.test\.mjs of .* passes on/,
    /\.\/whaleflow apply '@last\/best\/\$harvest\[b\]' +takes the kept test over too$/m,
  ]) {
    expect(out).toMatch(shown);
  }
  expect([shell.fingerprint(), shell.git('status', '--porcelain')]).toEqual(before);
  expect(readdirSync(shell.root).sort()).toEqual(['.git', 'README.md', 'src']);
});

/** Pid of the first driver, by the events of a run. */
const driverIn = (log: string): number =>
  Number(/"type":"run\.driven".*?"pid":(\d+)/.exec(log)?.[1]);

describe('from the demo to its end', () => {
  let demo: Demo;
  beforeAll(() => {
    demo = shell.json('demo', '--json') as Demo;
  });

  test('tests decide, whatever the agents say; what the loser tried is kept', () => {
    const { state, winner, candidates, kept, output } = demo;
    expect({ state, winner, candidates, kept, output }).toMatchObject({
      state: 'succeeded',
      winner: 'a',
      candidates: [
        { name: 'a', approach: SPREAD, passed: true, ran: [{ exitCode: 1 }, { exitCode: 0 }] },
        {
          name: 'b',
          approach: LAST,
          passed: false,
          claim: expect.stringContaining('All tests pass.'),
          ran: [{ command: 'node --test test/more-people-than-cents.test.mjs', exitCode: 0 }],
        },
      ],
      kept: [{ file: 'test/more-people-than-cents.test.mjs' }],
      output: {
        bug: expect.stringContaining('rounded'),
        winner: 'a',
        keep: [expect.stringContaining('more-people-than-cents')],
      },
    });
  });

  test('a run changes nothing of the repository; apply does, and its tests pass', () => {
    const { folder } = demo;
    const git = (...words: string[]) =>
      spawnSync('git', words, { cwd: folder, env: shell.env, encoding: 'utf8' }).stdout;
    for (const [path, text] of Object.entries(demoFiles)) {
      expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
    }
    expect([git('status', '--porcelain'), git('branch', '--format=%(refname)')]).toEqual([
      '',
      'refs/heads/main\n',
    ]);
    const before = usersTree(folder);
    const words = ['run', 'demo', '--model', 'demo:scripted', '-y', '--json'];
    const allow = ['--allow', 'node --test', '--allow', 'node --test test/*'];
    expect(inDemo(folder, ...words, ...allow).exit).toBe(0);
    expect(usersTree(folder)).toBe(before);
    const tests = () => spawnSync('npm', ['test'], { cwd: folder, env: shell.env }).status;
    expect(tests()).toBe(1);
    expect(inDemo(folder, 'apply', demo.run).exit).toBe(0);
    expect(git('status', '--porcelain')).toBe(' M src/split.mjs\n');
    expect(tests()).toBe(0);
    expect(inDemo(folder, 'undo').exit).toBe(0);
    expect(usersTree(folder)).toBe(before);
  });

  test('what it says to type next can be typed there, and works', () => {
    expect(demo.next.length).toBeGreaterThanOrEqual(3);
    const PATH = `${dirname(process.execPath)}:${shell.env['PATH']}`;
    for (const line of demo.next) {
      const options = { cwd: demo.folder, env: { ...shell.env, PATH }, encoding: 'utf8' } as const;
      const done = spawnSync('sh', ['-c', line], options);
      expect([line, done.status, done.stderr.includes('error')]).toEqual([line, 0, false]);
    }
    expect(inDemo(demo.folder, 'undo').exit).toBe(0);
  });

  test('its models end with its driver', async () => {
    const pid = driverIn(inDemo(demo.folder, 'logs', demo.run, '--json').out);
    expect(pid).toBeGreaterThan(1);
    await until(() => !isAlive(pid));
  });

  test('its replay is identical, asks no model and starts no process', () => {
    const { out } = inDemo(demo.folder, 'replay', demo.run, '--json');
    const calls = { verdict: 'identical', leaves: 10, provider_calls: 0, processes: 0 };
    expect(JSON.parse(out)).toMatchObject(calls);
  });

  test.skipIf(!hasStrace)('its replay is one process and no connection to the kernel, too', () => {
    expect(tracedCalls(demo.folder, ['replay', demo.run])).toEqual(['execve']);
  });

  test('once more, every leaf is answered from the record, without a process', () => {
    const words = ['demo', '--again', '--json'];
    const again = shell.json(...words) as Demo & { readonly from_record: unknown };
    expect(again).toMatchObject({
      state: 'succeeded',
      winner: 'a',
      output: demo.output as object,
      candidates: demo.candidates as object,
      from_record: { leaves: 10, provider_calls: 0, processes: 0 },
    });
    expect(again.run).not.toBe(demo.run);
    expect(inDemo(demo.folder, 'replay', again.run).exit).toBe(0);
    if (!hasStrace) return;
    expect(tracedCalls(shell.root, words)).toEqual(['execve']);
  });

  test('once more after an edit, only what was edited runs', () => {
    const file = join(demo.folder, '.whaleflow/workflows/demo.star');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('keeping of the other?', 'keeping of the loser?'));
    const { exit, out, err } = shell.whaleflow('demo', '--again');
    writeFileSync(file, text);
    expect(exit).toBe(0);
    expect(err).toContain('9 leaves from the record');
    expect(err).toContain('changed: summary/$reduce');
    expect(out).toContain('saved: 9 leaves reused');
  });

  test('a changed workflow gets an honest error, and no answer', () => {
    const text = demoFiles['.whaleflow/workflows/demo.star'] ?? '';
    const changed = text.replace('Why does splitBill()', 'What does splitBill() do');
    writeFileSync(join(demo.folder, 'other.star'), changed);
    const words = ['run', 'other.star', '--model', 'demo:scripted', '-y', '--allow', 'node *'];
    const { exit, out } = inDemo(demo.folder, ...words);
    expect(exit).toBe(1);
    expect(out).toContain('no script answers `What does splitBill() do');
    expect(out).toContain('--model PROVIDER:MODEL');
  });
});

const OFFLINE = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const hasNamespaces = spawnSync(OFFLINE[0] ?? '', [...OFFLINE.slice(1), 'true']).status === 0;

test('exit statuses decide, without a network: swapping the fixes swaps the winner', () => {
  const own = [process.execPath, cli, 'demo', '-a', `a=${LAST}`, '-a', `b=${SPREAD}`, '--json'];
  const [program = '', ...rest] = hasNamespaces ? [...OFFLINE, ...own] : own;
  const done = spawnSync(program, rest, { cwd: shell.root, env: shell.env, encoding: 'utf8' });
  expect([done.status, done.stderr.includes('error')]).toEqual([0, false]);
  const swapped = JSON.parse(done.stdout) as Demo;
  expect([swapped.state, swapped.winner]).toEqual(['succeeded', 'b']);
  expect(swapped.output).toMatchObject({ winner: 'b' });
  const fixes = new Map(swapped.candidates.map((one) => [one.name, one]));
  expect(fixes.get('a')).toMatchObject({ approach: LAST, passed: false });
  expect(fixes.get('b')).toMatchObject({ approach: SPREAD, passed: true });
});

test('where no fix passes, it says so and fails', () => {
  const { exit, out } = shell.whaleflow('demo', '-a', `a=${LAST}`);
  expect(exit).toBe(1);
  expect(out).toMatch(/^✖ failed after /m);
  expect(out).not.toContain('winner');
});

describe('the one in which all goes wrong', () => {
  let demo: Demo;
  let said: Said;
  beforeAll(() => {
    said = shell.whaleflow('demo', '--fail', '--json');
    demo = JSON.parse(said.out) as Demo;
  });

  test('a stall, a refusal, a lost branch and an empty budget are survived, and told', () => {
    expect(said.exit).toBe(0);
    expect(demo).toMatchObject({
      state: 'succeeded',
      winner: 'a',
      kept: [{ file: 'test/more-people-than-cents.test.mjs' }],
      mishaps: [
        {
          what: 'stall',
          path: 'cause',
          message: 'demo stopped sending content for 1.5 s',
          outcome: 'asked again, answered',
        },
        {
          what: 'refusal',
          path: 'fixes/b/b-agent',
          message: 'demo answered 429: Too Many Requests',
          outcome: expect.stringMatching(
            /^it wants \d\.\d s of rest; every leaf left it alone for \d\.\d s, then asked again/,
          ),
        },
        {
          what: 'branch',
          path: 'fixes/b',
          message: 'b-agent: the model called no tool rightly 4 times in a row',
          outcome: 'the other one went on; its test was kept',
        },
        {
          what: 'budget',
          path: '',
          message: expect.stringContaining('does not fit into'),
          outcome: 'raised, and resumed: 1 more leaf ran',
        },
      ],
    });
  });

  test('the stop says what was spent, what is kept, and what to type', () => {
    expect(said.err).toMatch(/‖ stopped +budget: a call of up to \$0\.31 does not fit/);
    expect(said.err).toMatch(/spent +\$0\.\d\d, pretended/);
    expect(said.err).toMatch(/kept +8 leaves with their trees and answers/);
    expect(said.err).toMatch(new RegExp(`you type .* resume ${demo.run} --max-usd 1`));
  });

  test('nothing that was done before the stop was done again', () => {
    const { out } = inDemo(demo.folder, 'logs', demo.run, '--json');
    const starts = Array.from(
      out.matchAll(/"type":"leaf\.started"[^\n]*?"path":"([^"]+)"/g),
      ([, path]) => path,
    );
    expect(starts.toSorted()).toEqual([
      'best/$harvest[b]',
      'cause',
      'fixes/a/a-agent',
      'fixes/a/a-tests',
      'fixes/b/b-agent',
      'look/before',
      'look/where',
      'proof',
      'summary/$reduce',
      'summary/$reduce',
    ]);
  });

  test('what it says to type next is of this run: `--again` is of the other demo', () => {
    expect(demo.next.at(-1)).toMatch(/whaleflow demo$/);
    expect(demo.next.filter((line) => /--(again|fail)/.test(line))).toEqual([]);
  });

  test('its patch applies, its tests pass, and its replay is identical', () => {
    const { folder, run } = demo;
    const replayed = JSON.parse(inDemo(folder, 'replay', run, '--json').out) as object;
    expect(replayed).toMatchObject({ verdict: 'identical', provider_calls: 0, processes: 0 });
    expect(inDemo(folder, 'apply', run).exit).toBe(0);
    expect(spawnSync('npm', ['test'], { cwd: folder, env: shell.env }).status).toBe(0);
  });
});

test('a driver that is killed amid its agents is gone on for by another, with models of its own', async () => {
  const run = shell.whaleflow('demo', '-d').out.trim();
  const folder = join(shell.root, '..', 'home', '.cache', 'whaleflow', 'demo');
  const calls = (): number => {
    const { out } = inDemo(folder, 'show', `${run}/fixes/a/a-agent`, '--json');
    const { attempts = [] } = out === '' ? {} : (JSON.parse(out) as Leaf);
    return attempts.reduce((sum, one) => sum + one.model_calls, 0);
  };
  await until(() => calls() > 0);
  const log = inDemo(folder, 'logs', run, '--json').out;
  process.kill(driverIn(log), 'SIGKILL');
  const { exit, out } = inDemo(folder, 'resume', run, '-y', '--json');
  expect([exit, JSON.parse(out)]).toMatchObject([
    0,
    { state: 'succeeded', output: { winner: 'a' } },
  ]);
  // Four turns, none of them twice.
  expect(calls()).toBe(4);
  expect(inDemo(folder, 'replay', run).exit).toBe(0);
});

interface Leaf {
  readonly attempts?: readonly { readonly model_calls: number }[];
}

test('--again wants a demo that has finished, and is no --fail', () => {
  using other = openShell();
  const none = other.whaleflow('demo', '--again');
  expect([none.exit, none.err]).toEqual([
    2,
    expect.stringContaining('run it first: whaleflow demo'),
  ]);
  expect(other.whaleflow('demo', '--again', '--fail').exit).toBe(2);
  const mock = other.whaleflow('demo', '--model', 'mock');
  expect([mock.exit, mock.err]).toEqual([2, expect.stringContaining('leave --model out')]);
});

describe('a configured provider', () => {
  let server: ServerProcess;
  let log = '';
  beforeAll(async () => {
    log = join(shell.root, '..', 'asked.log');
    server = await startServer('process/demo-models.ts', log);
    const lines = ['[providers.plain]', `base_url = "${server.url}/v1"`, 'tools = "yes"', ''];
    shell.configure(lines.join('\n'));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('takes a role by --model alone: nothing in the workflow knows of it', () => {
    const allow = ['--allow', 'node --test', '--allow', 'node --test test/*'];
    const demo = shell.json('demo', '--model', 'implementer=plain:m', ...allow, '--json') as Demo;
    expect([demo.state, demo.winner]).toEqual(['succeeded', 'a']);
    // Both fixes took four turns; the other roles asked the demo’s own models.
    expect(readFileSync(log, 'utf8')).toBe('m\n'.repeat(8));
  });
});

test('where the machine has no sandbox, it says so and goes on, and a run of yours does not', () => {
  const programs = mkdtempSync(join(tmpdir(), 'whaleflow-programs-'));
  try {
    for (const name of ['git', 'node', 'bash', 'sh', 'uname']) {
      const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
      symlinkSync(found.stdout.trim(), join(programs, name));
    }
    using bare = openShell({
      't.yaml':
        'id: t\ngoal: g\nnodes: [{id: t, kind: leaf, task: {type: command, argv: ["true"]}}]\n',
    });
    delete bare.env['WHALEFLOW_SANDBOX_MODE'];
    bare.env['PATH'] = programs;
    const demo = bare.whaleflow('demo');
    expect([demo.exit, demo.err]).toEqual([
      0,
      expect.stringMatching(/warning: no strict sandbox here: .*its tests run as you/),
    ]);
    expect(demo.out).toContain('WITHOUT a sandbox');
    const mine = bare.whaleflow('run', 't.yaml', '-y', '--foreground');
    expect([mine.exit, mine.err]).toEqual([9, expect.stringMatching(/WF4004[\s\S]*apt install/)]);
    expect(bare.json('ls', '--json')).toMatchObject({ runs: [] });
  } finally {
    rmSync(programs, { recursive: true });
  }
});
