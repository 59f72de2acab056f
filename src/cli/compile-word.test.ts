/** `-` is the workflow on stdin, in any of the three languages; a folder is none. */
import { describe, expect, test } from 'vitest';
import { testHost } from './test-host.ts';

const texts = {
  starlark: `workflow(id = "piped", goal = "g", nodes = [ask("ask", "Ask")])\n`,
  yaml: `id: piped\ngoal: g\nnodes:\n  - {id: ask, kind: leaf, task: {type: model, prompt: Ask}}\n`,
  json: `{"id": "piped", "goal": "g",
 "nodes": [{"id": "ask", "kind": "leaf", "task": {"type": "model", "prompt": "Ask"}}]}\n`,
};

describe.each(Object.entries(texts))('%s from stdin', (language, input) => {
  test('is checked, planned, run, replayed and forked from its record', async () => {
    using host = testHost({ input });
    expect((await host.run('check', '-')).out).toContain('<stdin>   piped: 1 phase');
    const plan = JSON.parse((await host.run('plan', '-', '--json')).out) as { source: object };
    expect(plan.source).toMatchObject({ path: '<stdin>', language });
    expect((await host.run('run', '-', '--mock', '-y')).exit).toBe(0);
    expect(host.store.runs()[0]?.source).toBe('<stdin>');
    const replayed = await host.run('replay', '@last', '--json');
    expect(JSON.parse(replayed.out)).toMatchObject({ verdict: 'identical', against: 'recorded' });
    expect((await host.run('fork', '@last', '-y')).exit).toBe(0);
    const forked = await host.run('fork', '@last', '-', '-y');
    expect(forked.exit, forked.err).toBe(0);
    expect(forked.err).toContain('reuses 1 leaf');
  });
});

test('a problem of stdin is drawn with its line', async () => {
  using host = testHost({ input: texts.yaml.replace('type:', 'kind:') });
  const { exit, err } = await host.run('run', '-', '--mock', '-y');
  expect(exit).toBe(2);
  expect(err).toMatch(/--> <stdin>:4:\d+\n/);
  expect(err).toContain('4 |   - {id: ask, kind: leaf, task: {kind: model, prompt: Ask}}');
});

test('a run from stdin goes on from its record', async () => {
  const giveBack = async (_workbench: unknown, run: string): Promise<void> => {
    await host.store.release(run, host.store.lease(run)?.epoch ?? 0);
  };
  using host = testHost({ input: texts.yaml, startDriver: giveBack });
  await host.run('run', '-', '--mock', '-y', '-d');
  const { exit, err } = await host.run('resume', '@last', '-y', '--foreground');
  expect(err).not.toContain('has changed');
  expect(exit).toBe(0);
});

test('stdin is read once: not for the workflow and its parameters', async () => {
  using host = testHost({ input: texts.yaml });
  const { exit, err } = await host.run('run', '-', '--args', '-', '--mock', '-y');
  expect(exit).toBe(2);
  expect(err).toContain('cannot both come from stdin');
});

test('a terminal is no file', async () => {
  using host = testHost({ input: texts.yaml, terminal: { columns: 80, rows: 24 } });
  expect((await host.run('plan', '-')).err).toContain('that is a terminal');
});

test('a folder is told from a file that is not there, with what lies in it', async () => {
  using host = testHost({
    files: { 'flows/a.yaml': texts.yaml, 'flows/b.star': '', 'flows/c': '' },
  });
  const { exit, err } = await host.run('plan', 'flows');
  expect(exit).toBe(2);
  expect(err).toBe(`error[WF2003]: flows is a folder, not a workflow
   = note: in it: a.yaml, b.star
help: name a file: flows/a.yaml
`);
});
