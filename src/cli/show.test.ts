/** What `show` says of nodes that ran, did not run, or are not there. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pickFiles, type TestHost, testHost } from './test-host.ts';

const files = {
  ...pickFiles,
  'asks.yaml': `id: asks
goal: ask a person
nodes:
  - {id: plan, kind: leaf, task: {type: model, prompt: "Plan"}}
  - id: gate
    kind: sequence
    children:
      - {id: ok, kind: approve, message: "go on?"}
`,
  'rounds.yaml': `id: rounds
goal: at most two rounds
nodes:
  - id: fix
    kind: loop_until
    maxIterations: 2
    until: {op: succeeded, node: unit}
    children:
      - {id: unit, kind: leaf, task: {type: command, argv: [npm, test]}}
`,
  'sides.yaml': `id: sides
goal: test both sides
nodes:
  - id: sides
    kind: branch_set
    children:
      - {id: left, kind: leaf, task: {type: command, purpose: test, argv: [npm, test]}}
      - {id: right, kind: leaf, task: {type: command, purpose: test, argv: [npm, test]}}
`,
  'sides-exit.yaml': '- {path: "sides/left", exit: 1}\n',
  'tests.yaml': `- {path: "fix/unit", exit: 0, stdout: "ok 1\\nok 2\\n"}\n`,
};

const rowOf = (shown: string, name: string): string =>
  shown.split('\n').find((line) => line.includes(` ${name} `)) ?? '';

async function ended(host: TestHost, ...words: readonly string[]): Promise<void> {
  await host.run('run', ...words, '-y');
}

test('a node that an ended run never came to has not run, and it says why', async () => {
  using host = testHost({ files });
  await ended(host, 'pick.yaml', '--mock=bad.yaml');
  const { shown, out } = await host.run('show', '@last');
  expect(rowOf(shown, 'attempts')).toMatch(/not run .*plan failed/);
  expect(out).not.toContain('waits for');
  expect((await host.run('show', '@last/attempts/small')).out).toContain('not run: plan failed');
  const json = JSON.parse((await host.run('show', '@last', '--json', 'phases')).out);
  expect(json.phases[1]).toMatchObject({ phase: 'attempts', state: 'not_run' });
});

test('a run that waits for a person is not lost, nor is what stands around the question', async () => {
  using host = testHost({ files });
  await ended(host, 'asks.yaml', '--mock', '--no-input');
  const { out } = await host.run('show', '@last');
  expect(rowOf(out, 'ok')).toContain('needs you');
  expect(rowOf(out, 'gate')).toContain('waiting');
  expect(out).toMatch(/asks {2}\w+\/gate\/ok {2}/);
  expect(out).not.toContain('lost');
});

test.each(['fix[3]/unit', 'fix/unit', 'unit', 'nothing/fix[1]/unit', 'fix[1]/unit#7', 'fix#x'])(
  'there is no node at %s',
  async (path) => {
    using host = testHost({ files });
    await ended(host, 'rounds.yaml', '--mock=tests.yaml');
    const { exit, err } = await host.run('show', `@last/${path}`);
    expect(err).toContain(`error[WF2006]: no node ${path.replace('#x', '#NaN')} in `);
    expect(exit).toBe(2);
  },
);

test('of a command: what was run, how it ended, and the end of what it wrote, as text', async () => {
  using host = testHost({ files });
  await ended(host, 'rounds.yaml', '--mock=tests.yaml');
  const { out } = await host.run('show', '@last/fix[1]/unit');
  expect(out).toMatch(/\n {2}exit {8}0\n/);
  expect(out.slice(out.indexOf('command:'))).toMatchInlineSnapshot(`
    "command:
      npm test

    stdout:
      ok 1
      ok 2
    "
  `);
});

test('tests that were looked for and not found are said as none', async () => {
  const text =
    'id: t\ngoal: g\nnodes:\n  - {id: a, kind: leaf, task: {type: command, purpose: test, argv: [npm, test]}}\n';
  using host = testHost({
    files: { 't.yaml': text, 'none.yaml': '- {path: a, exit: 0, stdout: "1..0\\n# tests 0\\n"}\n' },
  });
  await ended(host, 't.yaml', '--mock=none.yaml');
  expect((await host.run('show', '@last/a')).out).toMatch(/ {2}tests {7}none ran \(node:test\)/);
});

test('a command that really ran shows no JSON: exit status, time, last lines, nothing that moves the cursor', async () => {
  const script = 'for i in $(seq 100); do echo line $i; done; printf "\\033[2Jred\\n" >&2; exit 3';
  const argv = JSON.stringify(['sh', '-c', script]);
  const text = `id: one\ngoal: g\nnodes:\n  - {id: a, kind: leaf, task: {type: command, purpose: shell, argv: ${argv}}}\n`;
  using host = testHost({ files: { 'one.yaml': text } });
  const git = (...words: string[]): unknown =>
    execFileSync('git', words, { cwd: host.folder, stdio: 'ignore' });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a');
  await host.run('run', 'one.yaml', '-y', '--allow', '**');
  const { out } = await host.run('show', '@last/a');
  expect(out).toMatch(/ {2}exit {8}3 after \d/);
  expect(out).toContain(`command:\n  sh -c '${script}'\n`);
  expect(out).toMatch(/stdout:\n {2}… 60 more lines: --full\n {2}line 61\n/);
  expect(out).toContain('  line 100\n\nstderr:\n  \\x1b[2Jred\n');
  expect(out).not.toContain('exitCode');
  expect(out).not.toContain('transcript');
  expect((await host.run('show', '@last/a', '--full')).out).toContain('stdout:\n  line 1\n');
});

test('fruit is listed with its leaf, for a run or a part of it; none is said', async () => {
  using host = testHost({ files });
  const asTest = files['rounds.yaml'].replace('type: command', 'type: command, purpose: test');
  writeFileSync(join(host.folder, 'rounds.yaml'), asTest);
  await ended(host, 'rounds.yaml', '--mock=tests.yaml');
  const { run = '' } = host.store.runs()[0] ?? {};
  const { out } = await host.run('show', '@last', '--fruit', '--plain');
  expect(out).toBe(`test\tnpm test\t${run.slice(0, 4)}/fix[1]/unit#1\t–\tfix[1]/unit#1\n`);
  const json = JSON.parse((await host.run('show', '@last/fix', '--fruit', '--json')).out);
  expect(json.fruit).toEqual([
    {
      type: 'test',
      title: 'npm test',
      leaf: `${run}/fix[1]/unit#1`,
      harvested_for: null,
      value: { exitCode: 0, passed: true, tests: { status: 'not_found' } },
      content: null,
      evidence: ['fix[1]/unit#1'],
    },
  ]);
  await ended(host, 'asks.yaml', '--mock', '--no-input');
  expect((await host.run('show', '@last', '--fruit')).out).toBe(
    'no leaf has handed over any fruit\n',
  );
});

test('fruit of a failed branch is listed with the branch that it was harvested for', async () => {
  using host = testHost({ files });
  await ended(host, 'sides.yaml', '--mock=sides-exit.yaml');
  const { fruit } = JSON.parse((await host.run('show', '@last', '--fruit', '--json')).out);
  const told = fruit.map((one: Record<string, string>) => [one['evidence'], one['harvested_for']]);
  expect(told).toEqual([
    [['sides/left#1'], 'sides/left'],
    [['sides/right#1'], null],
  ]);
  const { out } = await host.run('logs', '@last', '--level', 'debug');
  expect(out).toContain('sides harvested 1 leaf');
});

test('another run is named as short as everywhere', async () => {
  using host = testHost({ files });
  await ended(host, 'pick.yaml', '--mock=good.yaml');
  const { run = '' } = host.store.runs()[0] ?? {};
  const fork = await host.run('fork', '@last', '--at', 'best', '-y');
  expect(fork.err).toContain(`reused from ${run.slice(0, 4)}\n`);
  expect(rowOf((await host.run('show', '@last')).out, 'plan')).toMatch(
    new RegExp(`from ${run.slice(0, 4)}$`),
  );
});

test('a tournament shows its ranking, and why the others are not first', async () => {
  using host = testHost({ files });
  await ended(host, 'pick.yaml', '--mock=good.yaml');
  expect((await host.run('show', '@last/best')).shown).toMatchInlineSnapshot(`
    "r1a0/best   tournament
      ✔ best      done 0.1s                        winner small

      PLACE  CANDIDATE  SCORE  WHY
          1  small        0.9  0.9
          2  large        0.4  0.4; behind small

    output:
      {
        "winner": "small",
        "ranking": [
          {
            "candidate": "small",
            "place": 1,
            "score": 0.9,
            "outcome": "succeeded",
            "why": "0.9"
          },
          {
            "candidate": "large",
            "place": 2,
            "score": 0.4,
            "outcome": "succeeded",
            "why": "0.4; behind small"
          }
        ],
        "ties": [],
        "why": "best by field: 0.9"
      }
    "
  `);
});

test('a pareto choice shows what stands against what it dropped', async () => {
  const front = `id: front
goal: the best ones
nodes:
  - id: both
    kind: branch_set
    children:
      - {id: x, kind: leaf, task: {type: model, prompt: X}, output: {type: object, properties: {s: {type: number}}}}
      - {id: y, kind: leaf, task: {type: model, prompt: Y}, output: {type: object, properties: {s: {type: number}}}}
  - {id: kept, kind: pareto, candidates: [x, y], objectives: [{by: field, field: s, goal: max}]}
`;
  const answers = '- {path: both/x, json: {s: 1}}\n- {path: both/y, json: {s: 2}}\n';
  using host = testHost({ files: { 'front.yaml': front, 'front-answers.yaml': answers } });
  await ended(host, 'front.yaml', '--mock=front-answers.yaml');
  expect((await host.run('show', '@last/kept')).shown).toMatchInlineSnapshot(`
    "r1a0/kept   pareto
      ✔ kept      done 0.1s

      KEPT  CANDIDATE  VALUES  WHY NOT
      yes   y          2
      no    x          1       y is as good in all and better in s (2 against 1)

    output:
      {
        "items": [
          {
            "candidate": "y",
            "values": [
              2
            ]
          }
        ],
        "others": [
          {
            "candidate": "x",
            "values": [
              1
            ],
            "outcome": "succeeded",
            "why": "y is as good in all and better in s (2 against 1)"
          }
        ]
      }
    "
  `);
});
