import { expect, test } from 'vitest';
import { parseMockFixture } from './mock-fixture.ts';

test('a fixture is a list of rules', () => {
  const text = `
- path: fix/test
  iteration: 1
  exit: 1
  stdout: |
    1 failing
- path: "judge*"
  json: {ranking: [{candidate: a, score: 1}]}
- path: search
  matches:
    - {path: src/a.ts, line: 3, text: found}
- path: slow
  fail: {kind: timeout}
  latencyMs: 20
  usage: {uncached: 10, output: 5}
  costMicroUsd: 300
`;
  expect(parseMockFixture(text, 'f.yaml')).toEqual({
    fixture: {
      rules: [
        { path: 'fix/test', iteration: 1, exit: 1, stdout: '1 failing\n' },
        { path: 'judge*', json: { ranking: [{ candidate: 'a', score: 1 }] } },
        { path: 'search', matches: [{ path: 'src/a.ts', line: 3, column: 1, text: 'found' }] },
        {
          path: 'slow',
          fail: { kind: 'timeout', message: 'failed as the fixture says' },
          latencyMs: 20,
          usage: { uncached: 10, output: 5 },
          costMicroUsd: 300,
        },
      ],
    },
  });
  expect(parseMockFixture('', 'f.yaml')).toEqual({ fixture: { rules: [] } });
});

test.each([
  ['- path: a\n  anwser: x\n', 'WF1002 2:3 unknown field `anwser`; did you mean `answer`?'],
  ['- path: a\n  fail: {kind: exit, why: x}\n', 'WF1002 2:22 unknown field `why`'],
  ['- answer: x\n', 'WF1003 1:3 rule 1: `path` is missing'],
  ['- path: a\n  exit: 300\n', 'WF1005 2:9 rule 1: `exit` is at most 255'],
  ['- path: a\n  exit: no\n', 'WF1004 2:9 rule 1: `exit` is no number'],
  ['- path: ""\n', 'WF1005 1:9 rule 1: `path` is empty'],
  ['- path: a\n- b\n', 'WF1004 2:3 rule 2 is no map of fields'],
  ['path: a\n', 'WF1004 1:1 a fixture is a list of rules'],
  ['- path: a\n  path: b\n', 'WF1001 2:3 the key `path` stands twice in one map'],
  [`- path: a\n  json: ${'['.repeat(100_000)}\n`, 'WF1006 2:72 nested deeper than 64 levels'],
  [
    `- path: a\n  json:\n${'    k:\n'.repeat(60_000)}`,
    'WF1006 40000:6 more than 40000 keys and items',
  ],
  ['- path: &a x\n- path: *a\n', 'WF1008 2:9 a fixture has no aliases'],
])('%.60j is refused with its place', (text, expected) => {
  const parsed = parseMockFixture(text, 'f.yaml');
  const [first] = 'diagnostics' in parsed ? parsed.diagnostics : [];
  const { line, column } = first?.span ?? {};
  const help = first?.help === undefined ? '' : `; ${first.help}`;
  expect(`${first?.code} ${line}:${column} ${first?.message}${help}`).toBe(expected);
});

test('a text that is no YAML is refused where reading stopped', () => {
  expect(parseMockFixture('- path: [\n', 'f.yaml')).toMatchObject({
    diagnostics: [{ code: 'WF1001', span: { file: 'f.yaml', line: 2 } }],
  });
});
