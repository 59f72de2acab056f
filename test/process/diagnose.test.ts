/** The built-in workflow `diagnose`, through the real command line, by scripted models, on repositories of many kinds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { type ModelServer, startModelServer } from './server-process.ts';
import { openShell, type Shell } from './shell.ts';

/** Looks, reads a file, says what it found; the planner gives the diagnosis. */
const findings = { summary: 'Looked.', findings: [] };
const diagnosis = {
  answer: 'It does what it says.',
  languages: ['some'],
  health: 'fair',
  problems: [
    {
      title: 'add subtracts',
      cause: 'wrong operator',
      severity: 'high',
      confidence: 'seen',
      evidence: [{ file: 'README.md', line: 1, says: 'hello' }],
    },
  ],
  plan: [{ step: 'mend add', why: 'it is wrong', verify: 'run the tests', size: 'small' }],
  open_questions: [],
};
const finish = (result: JsonObject) => ({
  toolCalls: [{ name: 'finish', input: { status: 'succeeded', summary: 'Done.', result } }],
});
const look = [
  { toolCalls: [{ name: 'list_files', input: {} }] },
  { toolCalls: [{ name: 'search', input: { query: 'hello' } }] },
  { toolCalls: [{ name: 'read_file', input: { path: 'README.md' } }] },
];

let shell: Shell | undefined;
let server: ModelServer;
let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'whaleflow-diagnose-'));
  const mind = [...look.slice(1), finish(diagnosis)];
  server = await startModelServer(folder, { eyes: [...look, finish(findings)], mind });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  shell?.[Symbol.dispose]();
  shell = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Roles are configured by the command itself. */
function open(files: Readonly<Record<string, string>>): Shell {
  shell = openShell(files);
  const set = shell.whaleflow(
    'config',
    'set',
    ...['providers.lab.base_url', `${server.url}/v1`, 'roles.default', 'lab:eyes'],
    ...['roles.planner', 'lab:mind'],
  );
  expect(set.exit, set.err).toBe(0);
  return shell;
}

const repositories: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  TypeScript: {
    'package.json': '{"name": "x", "scripts": {"test": "vitest"}}\n',
    'src/add.ts': 'export const add = (a: number, b: number) => a - b; // FIXME\n',
    'src/add.test.ts': "test('adds', () => {});\n",
  },
  Python: {
    'pyproject.toml': '[project]\nname = "x"\n',
    'x/add.py': 'def add(a, b):\n    return a - b  # TODO\n',
    'tests/test_add.py': 'def test_add():\n    assert True\n',
  },
  Rust: {
    'Cargo.toml': '[package]\nname = "x"\n',
    'src/lib.rs': 'pub fn add() {}\n#[test]\nfn t() {}\n',
  },
  'C, conflicts and odd names': {
    'CMakeLists.txt': 'project(x)\n',
    'a b/ü\n.c': '<<<<<<< ours\nint x;\n>>>>>>> theirs\n',
    'bin/data': '\0\x01\x02',
  },
};

describe.each(Object.entries(repositories))('%s', (language, files) => {
  test('a typed diagnosis and a plan; nothing is changed, no command runs, replay agrees', () => {
    const opened = open(files);
    const said = opened.whaleflow('run', 'diagnose', '--yes');
    expect(said.exit, said.err).toBe(0);
    const shown = opened.json('show', '@last', '--json') as { readonly output: unknown };
    expect(shown.output).toEqual(diagnosis);
    expect(opened.whaleflow('diff', '@last').out).toBe('');
    const models = server.asked().map(({ model }) => model);
    expect(models.filter((name) => name === 'mind')).toHaveLength(3);
    expect(models.filter((name) => name === 'eyes')).toHaveLength(12);
    // What the searches found reaches those who look.
    const [first] = server.asked();
    const build = Object.keys(files)[0] ?? '';
    expect(first?.messages[0]?.text, language).toContain(build);
    expect(opened.whaleflow('replay', '@last').exit).toBe(0);
    expect(server.asked()).toHaveLength(15);
  });
});

test('a repository of one file', () => {
  const opened = open({});
  expect(opened.whaleflow('run', 'diagnose', '--yes').exit).toBe(0);
});

test('a repository without a commit is refused with what to type, before anybody is asked', () => {
  const opened = open({});
  rmSync(join(opened.root, '.git'), { recursive: true });
  opened.git('init', '--quiet');
  const said = opened.whaleflow('run', 'diagnose', '--yes');
  expect([said.exit, server.asked().length]).toEqual([9, 0]);
  expect(said.err).toContain('commit once: git commit');
});

test('a huge one: what a model is told stays within bounds', () => {
  const files = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, at) => [
      `pkg${at % 50}/deep/file${at}.ts`,
      `// TODO ${at} ${'x'.repeat(200)}\ntest('t', () => {});\n`,
    ]),
  );
  const opened = open({ ...files, 'package.json': '{}\n' });
  const said = opened.whaleflow('run', 'diagnose', '--yes');
  expect(said.exit, said.err).toBe(0);
  const longest = Math.max(
    ...server
      .asked()
      .map(({ messages }) => messages.reduce((sum, { text }) => sum + text.length, 0)),
  );
  expect(longest).toBeLessThan(400_000);
});

test('where nobody can look no diagnosis is made up: it fails with the reason', () => {
  server.say({ eyes: [{ fault: 'bad-request' }], mind: [finish(diagnosis)] });
  const opened = open(repositories['Python'] ?? {});
  const said = opened.whaleflow('run', 'diagnose', '--yes', '-a', 'question=Why is add wrong?');
  expect(said.exit, said.err).toBe(1);
  expect(said.err + said.out).toContain('lab answered 400');
  expect(server.asked().filter(({ model }) => model === 'mind')).toEqual([]);
  expect(server.asked()[0]?.messages[0]?.text).toContain('Why is add wrong?');
});
