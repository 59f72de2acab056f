/**
 * What can be wrong with files, stores, disks and repositories, each before the built command line: one
 * clear message with its own code, the exit status of the table, no stack trace, nothing lost.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ErrorCode, errorCodes } from '../../src/base/error-codes.ts';
import { openShell, type Said, type Shell } from '../process/shell.ts';

const leaf = (id: string, more = ''): string =>
  `  - {id: ${id}, kind: leaf, task: {type: model, prompt: "Go"}${more}}\n`;
const yaml = (nodes: string, more = ''): string => `id: w\ngoal: g\n${more}nodes:\n${nodes}`;
const command = yaml('  - {id: t, kind: leaf, task: {type: command, argv: [git, status]}}\n');
const allow = ['--allow', 'git status', '-y'];

/** YAML that would grow to 3^20 values. */
const bomb = `${Array.from({ length: 20 }, (_, at) =>
  at === 0 ? 'a0: &a0 [x]\n' : `a${at}: &a${at} [*a${at - 1}, *a${at - 1}, *a${at - 1}]\n`,
).join('')}`;

/** 20 ^ 4 leaves. */
const crowd = yaml(
  [0, 1, 2, 3].reduceRight(
    (inner, depth) =>
      `${' '.repeat(2 + 4 * depth)}- id: l${depth}\n` +
      `${' '.repeat(4 + 4 * depth)}kind: loop_until\n` +
      `${' '.repeat(4 + 4 * depth)}maxIterations: 20\n` +
      `${' '.repeat(4 + 4 * depth)}until: {op: succeeded, node: ${depth === 3 ? 'x' : `l${depth + 1}`}}\n` +
      `${' '.repeat(4 + 4 * depth)}children:\n${inner}`,
    `${' '.repeat(18)}- {id: x, kind: leaf, task: {type: model, prompt: "Go"}}\n`,
  ),
);

// Processes of a busy machine.

type Row = readonly [
  name: string,
  code: ErrorCode,
  said: RegExp,
  files: Readonly<Record<string, string>>,
];

/** The first file is the one that is run. */
const sources: readonly Row[] = [
  ['a file that is not there', 'WF2003', /no file .*absent\.yaml/, { 'absent.yaml': '' }],
  ['a syntax error in YAML', 'WF1001', /w\.yaml:\d/, { 'w.yaml': 'id: w\ngoal: "g\nnodes: []\n' }],
  ['a syntax error in JSON', 'WF1001', /w\.json:1:/, { 'w.json': '{"id": "w",, }' }],
  ['a syntax error in Starlark', 'WF1001', /w\.star:\d/, { 'w.star': 'workflow(id = "w"\n' }],
  [
    'an unknown reference, with the nearest name',
    'WF1202',
    /did you mean `first`/,
    { 'w.yaml': yaml(leaf('first') + leaf('next', ', inputs: [frist]')) },
  ],
  [
    'files that load each other',
    'WF1103',
    /cycle|itself|each other/,
    {
      'w.star': 'load("b.star", "b")\na = 1\n',
      'b.star': 'load("w.star", "a")\nb = 1\n',
    },
  ],
  ['an id that is there twice', 'WF1201', /`?a`?/, { 'w.yaml': yaml(leaf('a') + leaf('a')) }],
  [
    'a loop without a bound',
    'WF1305',
    /maxIterations/,
    {
      'w.yaml': yaml(
        `  - id: l\n    kind: loop_until\n    until: {op: succeeded, node: x}\n    children:\n    ${leaf('x')}`,
      ),
    },
  ],
  ['more leaves than the limit', 'WF1301', /160,000/, { 'w.yaml': crowd }],
  ['YAML that grows', 'WF1008', /alias/, { 'w.yaml': bomb + yaml(leaf('a')) }],
  [
    'Starlark that does not end',
    'WF1102',
    /step|long|time/,
    {
      'w.star':
        'def spin():\n    for a in range(1000000):\n        for b in range(1000000):\n            pass\nspin()\n',
    },
  ],
];

describe('workflow files', () => {
  let shell: Shell;
  beforeAll(() => {
    shell = openShell();
  });
  afterAll(() => shell[Symbol.dispose]());

  test.each(sources)('%s', (_name, code, said, files) => {
    const [file = ''] = Object.keys(files);
    for (const [path, text] of Object.entries(files)) {
      if (text !== '') shell.write(`case-${code}/${path}`, text);
    }
    const done = shell.whaleflow('run', '--mock', '-y', `case-${code}/${file}`);
    expectError(done, code, said);
    expect(existsSync(join(shell.root, '.whaleflow'))).toBe(false);
  });

  test('all problems of all files at once', () => {
    shell.write('one.yaml', yaml(leaf('a') + leaf('a')));
    shell.write('two.yaml', yaml(leaf('a', ', inputs: [b]') + leaf('c', ', inputs: [d]')));
    shell.write('fine.yaml', yaml(leaf('a')));
    const done = shell.whaleflow('check', 'one.yaml', 'two.yaml', 'fine.yaml', 'none.yaml');
    expect(done.exit).toBe(2);
    const codes = done.out.match(/error\[WF\d+\]/g);
    expect(codes).toEqual(['WF1201', 'WF1202', 'WF1202', 'WF2003'].map((one) => `error[${one}]`));
    expect(done.out).toContain('fine.yaml');
    expect(done.err).toBe('4 errors in 4 files\n');
  });

  test('a warning is an error where that is wanted', () => {
    shell.write('vendor.yaml', yaml(leaf('a', ', modelPolicy: {model: gpt-5}')));
    expect(shell.whaleflow('check', 'vendor.yaml').exit).toBe(0);
    const strict = shell.whaleflow('check', '--strict', 'vendor.yaml');
    expect([strict.exit, strict.err]).toEqual([2, '1 warning in 1 file\n']);
  });
});

describe('the store', () => {
  let shell: Shell;
  let run = '';
  let database = '';
  beforeAll(() => {
    shell = openShell({ 'w.yaml': yaml(leaf('a') + leaf('b')) });
    expect(shell.whaleflow('run', 'w.yaml', '--mock', '-y', '--foreground').exit).toBe(0);
    const { runs } = shell.json('ls', '--json') as { readonly runs: readonly { run: string }[] };
    run = runs[0]?.run ?? '';
    database = join(shell.root, '.whaleflow/state/whaleflow.db');
    copyFileSync(database, `${database}.kept`);
  });
  afterAll(() => shell[Symbol.dispose]());

  /** Puts a store in its place that `change` has been at, and says that reading leaves it as it is. */
  const damaged = (change: (path: string) => void): Disposable => {
    change(database);
    const before = readFileSync(database);
    return {
      [Symbol.dispose]() {
        expect(readFileSync(database).equals(before)).toBe(true);
        for (const tail of ['-wal', '-shm']) rmSync(database + tail, { force: true });
        copyFileSync(`${database}.kept`, database);
      },
    };
  };

  test('a store that is no database any more is named, and left as it is', () => {
    using _damage = damaged((path) => {
      const bytes = readFileSync(path);
      bytes.fill(0x5a, 0, 200);
      writeFileSync(path, bytes);
    });
    expectError(shell.whaleflow('ls'), 'WF7001', /damaged/);
    expectError(shell.whaleflow('run', 'w.yaml', '--mock', '-y'), 'WF7001', /damaged/);
    const { out, exit } = shell.whaleflow('doctor');
    expect([exit, out.includes('damaged')]).toEqual([1, true]);
  });

  test('a store of a later version is not touched', () => {
    using _damage = damaged((path) => {
      using db = new DatabaseSync(path);
      db.exec('PRAGMA user_version = 99');
    });
    expectError(shell.whaleflow('ls'), 'WF7002', /version 99/);
    expectError(shell.whaleflow('run', 'w.yaml', '--mock', '-y'), 'WF7002', /version 99/);
  });

  test('an event that was changed is found by run and seq', () => {
    using _damage = damaged((path) => {
      using db = new DatabaseSync(path);
      const [row] = db.prepare('SELECT key, body FROM event ORDER BY key LIMIT 1 OFFSET 3').all();
      const body = Buffer.from(row?.['body'] as Uint8Array);
      body[body.length - 2] = (body[body.length - 2] ?? 0) ^ 1;
      db.prepare('UPDATE event SET body = ? WHERE key = ?').run(body, row?.['key'] ?? null);
    });
    const done = shell.whaleflow('verify');
    expect(done.out).toMatch(new RegExp(`^. ${run} event 4: `, 'm'));
    expectError({ ...done, out: '' }, 'WF5003', /the store is damaged/);
    const report = shell.json('verify', run, '--json') as { ok: boolean; problems: unknown[] };
    expect(report.ok).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining({ run, seq: 4 }));
  });

  test('a summary that does not fit its events is found', () => {
    using _damage = damaged((path) => {
      using db = new DatabaseSync(path);
      db.exec(`UPDATE run SET row = replace(row, 'succeeded', 'failed')`);
    });
    expectError({ ...shell.whaleflow('verify'), out: '' }, 'WF5003', /damaged/);
  });

  test('an undamaged one passes, and so does its export', () => {
    expect(shell.whaleflow('verify').out).toMatch(/1 run, \d+ events: nothing is damaged/);
    expect(shell.whaleflow('export', '-o', 'run.json').exit).toBe(0);
    expect(shell.whaleflow('verify', 'run.json').exit).toBe(0);
    expectError(shell.whaleflow('export', '-o', 'run.json'), 'WF2009', /exists/);
    const text = readFileSync(join(shell.root, 'run.json'), 'utf8');
    shell.write('run.json', text.replace('"prompt', '"Prompt'));
    expectError({ ...shell.whaleflow('verify', 'run.json'), out: '' }, 'WF5003', /run\.json/);
  });
});

describe.skipIf(!mayMount())('disks', () => {
  let shell: Shell;
  let disk = '';
  const mount = (...words: string[]): void => {
    expect(spawnSync('mount', [...words, disk]).status).toBe(0);
  };
  beforeAll(() => {
    shell = openShell({ 'w.yaml': yaml(leaf('a') + leaf('b')) });
    disk = join(shell.root, '..', 'disk');
    mkdirSync(disk);
    mount('-t', 'tmpfs', '-o', 'size=3m', 'tmpfs');
    const done = shell.whaleflow('run', 'w.yaml', '--mock', '-y', '--foreground', ...state());
    expect(done.exit).toBe(0);
  });
  afterAll(() => {
    spawnSync('umount', [disk]);
    shell[Symbol.dispose]();
  });
  const state = (): readonly string[] => ['--state-dir', join(disk, 'state')];
  const isKept = (): void => {
    const { runs } = shell.json('ls', '--json', ...state()) as { runs: { state: string }[] };
    expect(runs.map((one) => one.state)).toContain('succeeded');
    expect(shell.whaleflow('verify', ...state()).exit).toBe(0);
  };

  test('a disk that cannot be written', () => {
    mount('-o', 'remount,ro');
    expectError(shell.whaleflow('run', 'w.yaml', '--mock', '-y', ...state()), 'WF7003', /written/);
    isKept();
    expectError(shell.whaleflow('schema', 'config', '-o', join(disk, 'x')), 'WF2003', /write/);
    mount('-o', 'remount,rw');
  });

  test('a disk that is full', () => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize));
    expectError(shell.whaleflow('run', 'w.yaml', '--mock', '-y', ...state()), 'WF7004', /full/);
    // SQLite needs a little room to read, too.
    expectError(shell.whaleflow('ls', ...state()), 'WF7004', /full/);
    const out = join(disk, 'run.json');
    expect(shell.whaleflow('run', 'w.yaml', '--mock', '-y', '--foreground').exit).toBe(0);
    expectError(shell.whaleflow('export', '-o', out), 'WF7004', /no space/);
    expect(readdirSync(disk)).toEqual(['ballast', 'state']);
    rmSync(join(disk, 'ballast'));
    const after = shell.whaleflow('run', 'w.yaml', '--mock', '-y', '--foreground', ...state());
    expect(after.exit).toBe(0);
    isKept();
  });
});

test.skipIf(!mayMount())('a disk that fills up in the middle of a run, and grows', () => {
  const children = Array.from({ length: 24 }, (_, index) => ({
    kind: 'leaf',
    id: `n${index}`,
    task: { type: 'command', argv: 'head -c 300000 /dev/urandom | base64 -w0' },
  }));
  const nodes = [{ kind: 'branch_set', id: 'noise', children }];
  using shell = openShell({ 'noise.json': JSON.stringify({ id: 'noise', goal: 'Fill', nodes }) });
  const disk = join(shell.root, '..', 'small');
  mkdirSync(disk);
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]).status).toBe(0);
  try {
    const state = ['--state-dir', join(disk, 'state')];
    const said = shell.whaleflow('run', 'noise.json', '-y', '--allow', '*', ...state);
    expect(said.exit).toBe(9);
    expect(said.out + said.err).toMatch(/disk of .* is full \(WF7004\)/);
    expect(said.out + said.err).not.toMatch(/ at .*\.js:\d/);
    expect(spawnSync('mount', ['-o', 'remount,size=40m', disk]).status).toBe(0);
    expect(shell.whaleflow('resume', '@last', '-y', ...state).exit).toBe(0);
    expect(shell.whaleflow('verify', ...state).exit).toBe(0);
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});

describe('git', () => {
  let shell: Shell;
  let folder = '';
  beforeAll(() => {
    shell = openShell();
    folder = join(shell.root, '..', 'other');
    mkdirSync(folder);
    writeFileSync(join(folder, 'w.yaml'), command);
  });
  afterAll(() => shell[Symbol.dispose]());

  test('no repository', () => {
    expectError(shell.whaleflow('-C', folder, 'run', 'w.yaml', ...allow), 'WF6001', /git init/);
    expect(existsSync(join(folder, '.whaleflow'))).toBe(false);
  });

  test('a repository without a commit', () => {
    spawnSync('git', ['init', '--quiet', folder]);
    expectError(shell.whaleflow('-C', folder, 'run', 'w.yaml', ...allow), 'WF6002', /commit/);
    const { out, exit } = shell.whaleflow('-C', folder, 'doctor');
    expect([exit, out.includes('no commit yet')]).toEqual([1, true]);
  });

  test('no git on the path', () => {
    const cli = join(import.meta.dirname, '../../dist/cli.js');
    shell.write('w.yaml', command);
    const done = spawnSync(process.execPath, [cli, 'run', 'w.yaml', ...allow], {
      cwd: shell.root,
      env: { ...shell.env, PATH: folder },
      encoding: 'utf8',
    });
    expectError({ exit: done.status, out: done.stdout, err: done.stderr }, 'WF6003', /git/);
  });
});

function expectError({ exit, out, err }: Said, code: ErrorCode, said: RegExp): void {
  expect(err.match(/error\[WF\d+\]/g)).toEqual([`error[${code}]`]);
  expect(err).toMatch(said);
  expect(err).not.toMatch(/^\s+at .*[(:]\d+/m);
  expect(out).toBe('');
  expect(exit).toBe(errorCodes[code].exit);
}

/** Mounts need rights that not everybody has; where tests are run for others, they are there. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = join(import.meta.dirname, '..', '..', 'node_modules', '.mount-probe');
  mkdirSync(probe, { recursive: true });
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', probe]).status === 0;
  if (isMounted) spawnSync('umount', [probe]);
  return isMounted;
}
