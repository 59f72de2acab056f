import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '../../base/json.ts';
import { noneSandbox } from '../../sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import type { SearchTask } from '../../workflow/task.ts';
import type { LinkedFolder } from '../../workspace/linked-folder.ts';
import type { RunnerReport } from '../leaf-runner.ts';
import { testHost, testJob } from '../test-host.ts';
import { searchRunner } from './search-runner.ts';

const RIPGREP = 'rg';
const hasRipgrep = spawnSync(RIPGREP, ['--version']).status === 0;
const engines: readonly (readonly [string, string | undefined])[] = [
  ['the walk', undefined],
  ...(hasRipgrep ? [['ripgrep', process.env['PATH']] as const] : []),
];
let root = '';

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-search-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

async function search(
  task: Partial<SearchTask> & { readonly query: string },
  path: string | undefined,
  fileScope?: readonly string[],
  linked: readonly LinkedFolder[] = [],
): Promise<RunnerReport> {
  const found = path === undefined ? {} : { path };
  const runner = searchRunner({ clock: nodeClock, linked, ...found });
  const sandbox = noneSandbox({ clock: nodeClock, timers: nodeTimers });
  const job = testJob<SearchTask>(
    { type: 'search', maxMatches: 100, ...task },
    fileScope === undefined ? {} : { node: { fileScope } },
  );
  return runner.run(job, { root, sandbox, host: testHost() }, new AbortController().signal);
}

/** What was found, as `path:line:column text`. */
const places = ({ output }: RunnerReport): readonly string[] =>
  (
    (output as { readonly matches: readonly Json[] }).matches as readonly {
      readonly [key: string]: Json;
    }[]
  ).map(({ path, line, column, text }) => `${path}:${line}:${column} ${text}`);

test.each(engines)('%s gives lines in the order of their paths', async (_name, path) => {
  await write({
    'b.txt': 'nothing\n  a whale here, a whale there\r\n',
    'b/a.txt': 'whale',
    'a/z.txt': 'x\nx\nwhale\nwhale\n',
  });
  expect(await search({ query: 'whale' }, path)).toMatchObject({
    status: 'succeeded',
    output: {
      count: 4,
      files: ['a/z.txt', 'b/a.txt', 'b.txt'],
      matches: [
        { path: 'a/z.txt', line: 3, column: 1, text: 'whale' },
        { path: 'a/z.txt', line: 4, column: 1, text: 'whale' },
        { path: 'b/a.txt', line: 1, column: 1, text: 'whale' },
        { path: 'b.txt', line: 2, column: 5, text: '  a whale here, a whale there' },
      ],
      truncated: false,
    },
  });
});

test.each(engines)('%s counts columns in UTF-16 units', async (_name, path) => {
  await write({ 'a.txt': 'ä🐋x whale\n', 'b.txt': Buffer.from([0xff, 0xe4, 0x20, 0x77, 0x68]) });
  expect(places(await search({ query: 'wh' }, path))).toEqual([
    'a.txt:1:6 ä🐋x whale',
    'b.txt:1:4 \ufffd\ufffd wh',
  ]);
});

test.each(engines)('%s takes a query as it is, and case as asked', async (_name, path) => {
  await write({ 'a.txt': 'a.*b\na--b\nA.*B\nÄ straße\n' });
  expect(places(await search({ query: 'a.*b' }, path))).toEqual(['a.txt:1:1 a.*b']);
  expect(places(await search({ query: 'a.*b', caseSensitive: false }, path))).toEqual([
    'a.txt:1:1 a.*b',
    'a.txt:3:1 A.*B',
  ]);
  expect(places(await search({ query: 'ä STRA', caseSensitive: false }, path))).toEqual([
    'a.txt:4:1 Ä straße',
  ]);
  expect(places(await search({ query: '--' }, path))).toEqual(['a.txt:2:2 a--b']);
});

test.each(engines)(
  '%s leaves out what git ignores, git itself, binaries and links',
  async (_name, path) => {
    await write({
      '.gitignore': 'out/\n*.log\n!keep.log\n/top.txt\n',
      'out/a.txt': 'whale',
      'deep/out/a.txt': 'whale',
      'a.log': 'whale',
      'keep.log': 'whale',
      'top.txt': 'whale',
      'deep/top.txt': 'whale',
      'sub/.gitignore': '!*.log\nno.txt\n',
      'sub/a.log': 'whale',
      'sub/no.txt': 'whale',
      '.hidden/a.txt': 'whale',
      '.git/config': 'whale',
      'sub/.git': 'whale',
      '.ignore': 'seen.txt\n',
      'seen.txt': 'whale',
      'binary.bin': Buffer.from('whale\n\0\n'),
      'late.bin': `whale\n${'x'.repeat(200_000)}\0`,
      'large.txt': `whale${' '.repeat(4 * 1024 * 1024)}`,
    });
    await symlink('seen.txt', join(root, 'link.txt'));
    expect((await search({ query: 'whale' }, path)).output).toMatchObject({
      files: ['.hidden/a.txt', 'deep/top.txt', 'keep.log', 'seen.txt', 'sub/a.log'],
    });
  },
);

test.each(engines)(
  '%s stops at the most that is wanted, and looks only where it should',
  async (_name, path) => {
    await write({ 'a/1.ts': 'w\nw\nw\n', 'a/2.md': 'w', 'b/1.ts': 'w\n' });
    const two = await search({ query: 'w', maxMatches: 2 }, path);
    expect(two.output).toMatchObject({ count: 2, files: ['a/1.ts'], truncated: true });
    const exact = await search({ query: 'w', maxMatches: 5 }, path);
    expect(exact.output).toMatchObject({ count: 5, truncated: false });
    const named = await search({ query: 'w', files: ['**/*.ts'] }, path, ['a']);
    expect(named.output).toMatchObject({ files: ['a/1.ts', 'b/1.ts'] });
    expect((await search({ query: 'w' }, path, ['b'])).output).toMatchObject({ files: ['b/1.ts'] });
    expect((await search({ query: 'w', files: ['c'] }, path)).output).toMatchObject({ count: 0 });
  },
);

test.each(engines)('%s cuts a long line around its match', async (_name, path) => {
  await write({ 'a.txt': `${'x'.repeat(1000)}whale${'y'.repeat(1000)}` });
  const [match] = places(await search({ query: 'whale' }, path));
  expect(match).toBe(`a.txt:1:1001 ${'x'.repeat(100)}whale${'y'.repeat(295)}`);
});

test.each(engines)('%s refuses what is no query', async (_name, path) => {
  for (const query of ['', 'a\nb', 'a\0']) {
    expect(await search({ query }, path)).toMatchObject({ failure: { kind: 'refused' } });
  }
});

test('regular expressions are ripgrep’s', async () => {
  await write({ 'a.txt': 'whale 12\n' });
  const regex = { query: '\\d+$', regex: true };
  expect(await search(regex, undefined)).toMatchObject({
    failure: {
      kind: 'refused',
      message: 'regular expressions need ripgrep (rg), which is not on PATH',
    },
  });
  // Without ripgrep on the path it is the same.
  expect(await search(regex, '/nowhere')).toMatchObject({ failure: { kind: 'refused' } });
  expect((await search({ query: 'whale' }, '/nowhere')).output).toMatchObject({ count: 1 });
});

test.runIf(hasRipgrep)(
  'ripgrep searches by expression, and says what is wrong with one',
  async () => {
    await write({ 'a.txt': 'whale 12\n' });
    const path = process.env['PATH'];
    expect(places(await search({ query: '\\d+$', regex: true }, path))).toEqual([
      'a.txt:1:7 whale 12',
    ]);
    expect(await search({ query: '(', regex: true }, path)).toMatchObject({
      failure: { kind: 'refused', message: expect.stringMatching(/unclosed group/) },
    });
    // It says so in other words where an expression is too large, or could match a line break.
    expect(await search({ query: '(\\pL{100}){500}', regex: true }, path)).toMatchObject({
      failure: { kind: 'refused', message: expect.stringMatching(/size limit/) },
    });
    expect(await search({ query: 'a\\nb', regex: true }, path)).toMatchObject({
      failure: { kind: 'refused', message: expect.stringMatching(/not allowed in a regex/) },
    });
  },
);

test.runIf(hasRipgrep)('both engines agree', async () => {
  const name = fc.constantFrom('a', 'b', 'a.txt', 'b.log', 'ä', 'x y', '🐋', '.h', 'A');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const text = fc
    .array(fc.constantFrom('w', 'W', '🐋', 'ä', ' ', '\n', '\r\n', '.', 'é'), { maxLength: 30 })
    .map((parts) => parts.join(''));
  const rules = fc.subarray([
    '*.log',
    '!b.log',
    'a/',
    '/b',
    'ä',
    'a/b',
    '**/x y',
    '#c',
    '[ab].txt',
  ]);
  const files = fc.dictionary(path, text, { maxKeys: 8 });
  const ignored = fc.dictionary(fc.constantFrom('', 'a/', 'b/'), rules, { maxKeys: 2 });
  const query = fc.constantFrom('w', '🐋', 'ä ', '.', 'É');
  await fc.assert(
    fc.asyncProperty(files, ignored, query, fc.boolean(), async (tree, ignores, asked, exact) => {
      await rm(root, { recursive: true, force: true });
      await mkdir(root);
      for (const [file, content] of Object.entries(tree)) {
        await write({ [file]: content }).catch(() => {});
      }
      for (const [below, lines] of Object.entries(ignores)) {
        await write({ [`${below}.gitignore`]: lines.join('\n') }).catch(() => {});
      }
      const task = { query: asked, caseSensitive: exact, maxMatches: 6 };
      const [walked, ripped] = await Promise.all([
        search(task, undefined),
        search(task, process.env['PATH']),
      ]);
      expect(walked).toEqual(ripped);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

test.each(engines)(
  '%s looks into a linked folder where it is named, and nowhere else',
  async (_name, path) => {
    const target = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-installed-')));
    try {
      await mkdir(join(target, 'dep'));
      await writeFile(join(target, 'dep/index.js'), 'a whale\n');
      await writeFile(join(target, 'other.js'), 'a whale\n');
      await write({ '.gitignore': 'node_modules\n', 'src/a.js': 'a whale\n', secret: 'a whale\n' });
      await symlink(join(root, 'secret'), join(target, 'out'));
      await symlink(target, join(root, 'node_modules'));
      const linked = [{ path: 'node_modules', target }];
      const find = async (...files: readonly string[]) =>
        places(await search({ query: 'whale', files }, path, undefined, linked));
      expect(await find('**/*.js')).toEqual(['src/a.js:1:3 a whale']);
      const dep = 'node_modules/dep/index.js:1:3 a whale';
      expect(await find('node_modules/dep/**')).toEqual([dep]);
      expect(await find('node_modules/dep/index.js')).toEqual([dep]);
      expect(await find('src/*.js', 'node_modules/dep/*', 'node_modules/**/*.js')).toEqual([
        'src/a.js:1:3 a whale',
        dep,
        'node_modules/other.js:1:3 a whale',
      ]);
      if (path === undefined) expect(await find('node_modules/out')).toEqual([]);
    } finally {
      await rm(target, { recursive: true });
    }
  },
);

test.each([
  ['says other things', 'echo usage: rg TEXT; echo "{}"'],
  ['says nothing', 'exit 0'],
])('another program of the name of ripgrep, which %s, is passed over', async (_name, program) => {
  await write({ 'a.txt': 'whale', 'bin/rg': `#!/bin/sh\n${program}\n` });
  await chmod(join(root, 'bin/rg'), 0o755);
  const path = `${join(root, 'bin')}:${process.env['PATH']}`;
  expect(places(await search({ query: 'whale' }, path))).toEqual(['a.txt:1:1 whale']);
});
