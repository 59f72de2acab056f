/** A folder without a repository: what only looks works, what runs commands is refused. */
import { expect, test } from 'vitest';
import { testHost } from './test-host.ts';

const files = {
  'marks.yaml': `id: marks
goal: find marks
nodes:
  - {id: marks, kind: leaf, task: {type: search, query: "FIX" }}
`,
  'unit.yaml': `id: unit
goal: run the tests
nodes:
  - {id: unit, kind: leaf, task: {type: command, argv: [npm, test]}}
`,
  'ask.yaml': `id: ask
goal: ask a model
nodes:
  - {id: ask, kind: leaf, task: {type: model, prompt: "Ask"}}
`,
  'src/a.txt': 'nothing\nFIX this\n',
};

test('a search reads the folder itself', async () => {
  using host = testHost({ files });
  const { exit, out } = await host.run('run', 'marks.yaml', '-y');
  expect(out).toContain('src/a.txt');
  expect(exit).toBe(0);
});

test('a command needs a repository', async () => {
  using host = testHost({ files });
  const { exit, err } = await host.run('run', 'unit.yaml', '-y', '--allow', 'npm test');
  expect(exit).toBe(9);
  expect(err).toContain('error[WF6001]: unit needs a git worktree');
});

test('a dry run starts nothing, so it is not refused: it says what would be', async () => {
  using host = testHost({ files });
  const model = await host.run('run', 'ask.yaml', '--dry-run');
  expect(model.exit).toBe(0);
  expect(model.err).toContain('warning[WF3002]: a run would be refused: no model');
  const command = await host.run('run', 'unit.yaml', '--dry-run');
  expect(command.exit).toBe(0);
  expect(command.err).toContain('warning[WF6001]: a run would be refused: unit needs a git');
});
