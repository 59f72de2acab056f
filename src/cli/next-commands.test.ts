/** What is recommended to type next works when it is typed. */
import { expect, test } from 'vitest';
import { damagedEvent } from '../trace/store-refusals.ts';
import { commandLine, shellWord } from './program-words.ts';
import { testHost } from './test-host.ts';

const files = {
  'two.yaml': `id: two
goal: ask and test
nodes:
  - {id: ask, kind: leaf, task: {type: model, prompt: "Ask"}}
  - {id: unit, kind: leaf, task: {type: command, argv: [npm, test]}}
  - {id: lint, kind: leaf, task: {type: command, argv: [bash, -c, "echo 'a b'"]}}
`,
  'sum.yaml': `id: sum
goal: sum it up
nodes:
  - {id: ask, kind: leaf, task: {type: model, prompt: "Ask"}}
  - {id: report, kind: reduce, inputs: [ask], task: {type: model, prompt: "Sum up of them"}}
`,
  'refused.yaml': `- {path: "report/$reduce", fail: {kind: refused, message: "will not"}}\n`,
  'conflict.yaml': `- {path: ask, fail: {kind: merge_conflict, message: "a and b"}}\n`,
};

const nextOf = (shown: string): readonly string[] =>
  shown
    .split('\n')
    .filter((line) => / {2}whaleflow /.test(line))
    .map((line) => line.trim());

test('the line to type when commands are not accepted is the typed one and what it lacked', async () => {
  using host = testHost({ files: { ...files, '.git/HEAD': '' } });
  const typed = ['run', 'two.yaml', '--model', 'mock', '--name', 'my run', '--allow', 'npm test'];
  const { exit, err } = await host.run(...typed);
  expect(exit).toBe(5);
  expect(err.split('\n').find((line) => line.startsWith('help'))).toBe(
    "help: whaleflow run two.yaml --model mock --name 'my run' --allow 'npm test' " +
      "-y --allow 'bash -c echo '\\''a b'\\'''",
  );
});

test('the plan names each command as --allow takes it', async () => {
  using host = testHost({ files });
  const { out } = await host.run('plan', 'two.yaml');
  expect(out.split('\n').filter((line) => line.includes('--allow'))).toEqual([
    "  to accept   --allow 'bash -c echo '\\''a b'\\'''",
    "  to accept   --allow 'npm test'",
  ]);
});

test('a finished run that failed is offered a retry, any other a fork', async () => {
  const nodes = (status: number): string =>
    `nodes:\n  - {id: a, kind: leaf, task: {type: command, purpose: shell, argv: [sh, -c, exit ${status}]}}\n`;
  const files = {
    'good.yaml': `id: good\ngoal: g\n${nodes(0)}`,
    'bad.yaml': `id: bad\ngoal: g\n${nodes(1)}`,
    'rules.yaml': '- {path: a, exit: 1}\n',
  };
  using host = testHost({ files });
  await host.run('run', 'good.yaml', '--mock', '-y');
  expect((await host.run('resume', '@last')).err).toMatch(/in a new run: whaleflow fork /);
  await host.run('run', 'bad.yaml', '--mock=rules.yaml', '-y');
  expect((await host.run('resume', '@last')).err).toMatch(/whaleflow retry \w+\/LEAF/);
});

test('a fork that would run nothing and fail again is not begun, and names what does more', async () => {
  using host = testHost({ files, terminal: { columns: 100, rows: 30 } });
  await host.run('run', 'sum.yaml', '--mock=refused.yaml', '-y');
  const { run } = host.store.runs()[0] ?? { run: '' };
  for (const more of [[], ['-y'], ['sum.yaml']]) {
    const { exit, err, shown } = await host.run('fork', run, ...more);
    expect(exit).toBe(2);
    expect(err).not.toContain('[Enter]');
    expect(err).toContain('also what failed: $reduce: will not');
    expect(shown).toContain("whaleflow retry 'r1a0/report/$reduce'");
    expect(shown).toContain('whaleflow fork r1a0 sum.yaml');
    expect(shown).toContain('whaleflow fork r1a0 --at report');
  }
  expect(host.store.runs()).toHaveLength(1);
  const dry = await host.run('fork', run, '--dry-run');
  expect([dry.exit, dry.out]).toEqual([0, expect.stringMatching(/runs nothing, and fails as/)]);
  expect((await host.run('fork', run, '--at', 'report', '-y')).exit).toBe(1);
  expect(host.store.runs()).toHaveLength(2);
});

test('a fork may ask the mock in place of models', async () => {
  const text =
    'id: one\ngoal: g\nnodes:\n  - {id: a, kind: leaf, task: {type: model, prompt: A}}\n';
  using host = testHost({ files: { 'one.yaml': text } });
  await host.run('run', 'one.yaml', '--model', 'mock', '-y');
  const forked = await host.run('fork', '@last', '--model', 'mock', '-y');
  expect(forked.exit, forked.err).toBe(0);
  const both = await host.run('fork', '@last', '--model', 'mock', '--model', 'openai:x', '-y');
  expect(both.err).toContain('--model mock answers for all roles');
});

test('addresses are quoted for the shell', async () => {
  using host = testHost({ files });
  const { shown } = await host.run('run', 'sum.yaml', '--mock=refused.yaml', '-y');
  expect(nextOf(shown)).toMatchInlineSnapshot(`
    [
      "look at it     whaleflow show 'r1a0/report/$reduce'",
      "run it again   whaleflow retry 'r1a0/report/$reduce'",
      "look inside    whaleflow show r1a0",
    ]
  `);
});

test('what is looked into is not offered to be looked into', async () => {
  using host = testHost({ files });
  const ran = await host.run('run', 'sum.yaml', '--mock', '-y');
  expect(nextOf(ran.shown)).toContain('look inside    whaleflow show r1a0');
  const { shown } = await host.run('show');
  expect(nextOf(shown)).toEqual([
    'prove it       whaleflow replay r1a0',
    'after an edit  whaleflow fork r1a0 sum.yaml',
  ]);
});

test('an output that is cut is offered as a whole, and is given as it is', async () => {
  using host = testHost();
  const ran = await host.run('run', 'diagnose', '--mock', '-y');
  expect(nextOf(ran.shown)[0]).toBe('read it all    whaleflow show r1a0 --full');
  expect((await host.run('show')).out).not.toContain('"open_questions": [');
  const { out } = await host.run('show', '@last', '--full');
  expect(out).toContain('\n      "open_questions": [\n');
  expect(out).not.toContain('--full');
});

test('the log of a node that is not there is no empty one', async () => {
  using host = testHost({ files });
  await host.run('run', 'sum.yaml', '--mock', '-y');
  const { exit, shown } = await host.run('logs', '@last/reprot');
  expect([exit, shown]).toEqual([2, expect.stringContaining('no node reprot in r1a0')]);
  expect(shown).toContain('there are: ask, report');
  expect((await host.run('logs', '@last/report')).exit).toBe(0);
  expect((await host.run('logs', '@last/report', '--since', '0s')).exit).toBe(0);
});

test.each([
  ['what is built in', 'diagnose'],
  ['what came from stdin', '-'],
])('%s is offered as a copy, which can be edited and gone on with', async (_name, workflow) => {
  using host = testHost({ input: files['sum.yaml'] });
  const { out } = await host.run('run', workflow, '--mock', '-y');
  const copy = /to edit it +whaleflow (workflows save \w+)\n/.exec(out)?.[1]?.split(' ') ?? [];
  const saved = await host.run(...copy);
  expect([saved.exit, saved.err]).toEqual([0, expect.stringContaining('whaleflow fork ')]);
  const fork = /whaleflow (fork \S+ \S+)/.exec(saved.err)?.[1]?.split(' ') ?? [];
  expect((await host.run(...fork, '--dry-run')).exit).toBe(0);
});

test('a fork that runs nothing has nothing to ask', async () => {
  using host = testHost({ files, terminal: { columns: 100, rows: 30 } });
  await host.run('run', 'sum.yaml', '--mock', '-y');
  const { exit, err } = await host.run('fork', '@last');
  expect([exit, err]).toEqual([0, expect.stringContaining('runs nothing')]);
  expect(err).not.toContain('[Enter]');
  expect(host.store.runs()).toHaveLength(2);
  host.press('\x1b');
  expect((await host.run('fork', '@last', '--at', 'report')).err).toContain('[Enter]');
  host.press('\x1b');
  expect((await host.run('fork', '@last', '--fresh')).err).toContain('[Enter]');
  expect(host.store.runs()).toHaveLength(2);
});

test('what conflicted is not offered to be merged again', async () => {
  using host = testHost({ files });
  const { shown } = await host.run('run', 'sum.yaml', '--mock=conflict.yaml', '-y');
  expect(nextOf(shown)).toMatchInlineSnapshot(`
    [
      "look at it     whaleflow show r1a0/ask",
      "look inside    whaleflow show r1a0",
      "after an edit  whaleflow fork r1a0 sum.yaml",
    ]
  `);
});

test('a run that a ceiling stopped says which one to raise', async () => {
  using host = testHost({ files });
  const leaves = await host.run('run', 'sum.yaml', '--mock', '-y', '--max-leaves', '1');
  expect(nextOf(leaves.shown)[0]).toMatch(/^go on +whaleflow resume .* --max-leaves N$/);
  const tokens = await host.run('run', 'sum.yaml', '--mock', '-y', '--max-tokens', '1');
  expect(nextOf(tokens.shown)[0]).toMatch(/^go on +whaleflow resume .* --max-tokens N$/);
});

test.each([
  ['x3jj/fix#2', 'x3jj/fix#2'],
  ['x3jj/fix[2]', "'x3jj/fix[2]'"],
  ["it's", "'it'\\''s'"],
  ["a\nb'c\\\u{202e}", "$'a\\nb\\'c\\\\\\U0000202e'"],
])('%j is the shell word %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('what is added stands before the words that are no options', () => {
  expect(commandLine(['run', '--', '-x.star'], ['-y'])).toBe('whaleflow run -y -- -x.star');
});

test('a fixture behind a space is told how it is written', async () => {
  using host = testHost({ files });
  const { exit, err } = await host.run('run', 'sum.yaml', '--mock', 'refused.yaml', '-y');
  expect(exit).toBe(2);
  expect(err).toContain('help: a value stands behind `=`: --mock=refused.yaml');
});

test('a file that is not there is told with the nearest beside it', async () => {
  using host = testHost({ files });
  const { err } = await host.run('run', 'smu.yaml', '--mock');
  expect(err).toContain('help: did you mean `sum.yaml`?');
});

test('rules of a fixture that matched nothing are named once, at the end', async () => {
  const slips =
    '- {path: ask, answer: "x"}\n- {path: aks, answer: "x"}\n- {path: ask, attempt: 4}\n';
  using host = testHost({ files: { ...files, 'slips.yaml': slips } });
  const { err } = await host.run('run', 'sum.yaml', '--mock=slips.yaml', '-y');
  expect(err).toContain('warning: 2 rules of the fixture matched no leaf: aks, ask#4\n');
  const { err: fine } = await host.run('run', 'sum.yaml', '--mock=refused.yaml', '-y');
  expect(fine).not.toContain('matched no leaf');
});

test('runs are deleted after a question, or with -y', async () => {
  const text =
    'id: one\ngoal: g\nnodes:\n  - {id: a, kind: leaf, task: {type: model, prompt: A}}\n';
  using host = testHost({ files: { 'one.yaml': text } });
  await host.run('run', 'one.yaml', '--mock', '-y');
  const refused = await host.run('rm', '@last');
  expect(refused.exit).toBe(5);
  expect(refused.err).toMatch(/help: whaleflow rm \w+ -y/);
  expect(host.store.runs()).toHaveLength(1);
  expect((await host.run('rm', '@last', '-y')).exit).toBe(0);
  expect(host.store.runs()).toEqual([]);
});

test('a mocked run is marked as one where runs are listed', async () => {
  using host = testHost({ files });
  await host.run('run', 'sum.yaml', '--mock', '-y', '--name', 'first');
  await host.run('run', 'sum.yaml', '--model', 'mock', '-y');
  expect((await host.run('ls')).out).toMatch(/ sum \(first, mock\) /);
  expect((await host.run('status')).out).toMatch(/ sum \(first, mock\) /);
  const { out } = await host.run('ls', '--json=mock');
  expect(JSON.parse(out)).toMatchObject({ runs: [{ mock: false }, { mock: true }] });
});

test('a list of a state that there is none of is a slip, no empty list', async () => {
  using host = testHost({ files });
  await host.run('run', 'sum.yaml', '--mock', '-y');
  const slip = await host.run('ls', '--state', 'faild');
  expect([slip.exit, slip.err]).toEqual([2, expect.stringContaining('there are: running, ')]);
  for (const state of ['succeeded', 'done']) {
    expect((await host.run('ls', '--state', state)).out).toContain('sum (mock)');
  }
  expect((await host.run('ls', '--state', 'failed')).err).toBe('none of these\n');
  expect((await host.run('explain', 'nonsense')).err).toContain('whaleflow explain WF2002');
});

test('runs are listed though the record of one is damaged', async () => {
  using host = testHost({ files });
  await host.run('run', 'sum.yaml', '--mock', '-y', '--name', 'first');
  await host.run('run', 'sum.yaml', '--mock', '-y');
  const { read } = host.store;
  const damaged = (run: string, after: number, limit?: number): ReturnType<typeof read> => {
    if (host.store.run(run)?.name === 'first') throw damagedEvent(run, 1, undefined);
    return read(run, after, limit);
  };
  Object.assign(host.store, { read: damaged });
  for (const command of ['ls', 'status']) {
    const { exit, out } = await host.run(command);
    expect(exit).toBe(0);
    expect(out).toMatch(/ sum \(mock\) [\s\S]* sum \(first\) /);
  }
  const { out } = await host.run('ls', '--json=mock');
  expect(JSON.parse(out)).toMatchObject({ runs: [{ mock: true }, { mock: false }] });
});
