/** Skills that a workflow names: looked for before anything runs, and part of what its leaves are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testHost } from './test-host.ts';

const leaf = (id: string, skill: string): string =>
  `  - {id: ${id}, kind: leaf, skills: [${skill}], task: {type: model, prompt: "Do ${id}"}}\n`;
const flow = (...leaves: readonly string[]): string =>
  `id: flow\ngoal: a goal\nnodes:\n${leaves.join('')}`;
const skill = (name: string, body: string): string =>
  `---\nname: ${name}\ndescription: About ${name}\n---\n${body}\n`;

const files = {
  'flow.yaml': flow(leaf('a', 'style'), leaf('b', 'tests')),
  '.whaleflow/skills/style/SKILL.md': skill('style', 'Whole words.'),
  '.whaleflow/skills/tests/SKILL.md': skill('tests', 'Sentences.'),
};

test('an unknown skill is told at its place, with the one that was meant', async () => {
  using host = testHost({ files: { ...files, 'flow.yaml': flow(leaf('a', 'stile')) } });
  const { exit, out } = await host.run('check', 'flow.yaml');
  expect(exit).toBe(2);
  expect(out).toContain('error[WF1403]: a names the skill `stile`, which is not there');
  expect(out).toContain('flow.yaml:4:34');
  expect(out).toContain('did you mean `style`?');
  expect(out).not.toContain('✔');
  for (const words of [['run', '-y', '--mock'], ['plan']]) {
    const refused = await host.run(...words, 'flow.yaml');
    expect(refused.exit).toBe(2);
    expect(refused.err).toContain('WF1403');
  }
  expect(host.store.runs()).toEqual([]);
});

test('a skill that cannot be used is told with its file', async () => {
  const broken = { ...files, '.whaleflow/skills/style/SKILL.md': 'Whole words.' };
  using host = testHost({ files: broken });
  const { exit, out } = await host.run('check', 'flow.yaml');
  expect(exit).toBe(2);
  expect(out).toContain('error[WF1404]: the skill style cannot be used');
  expect(out).toContain('it does not begin with lines between two ---');
});

test('only what asks a model has skills', async () => {
  const command = '  - {id: c, kind: leaf, skills: [style], task: {type: search, query: "x"}}\n';
  using host = testHost({ files: { ...files, 'flow.yaml': flow(command) } });
  expect((await host.run('check', 'flow.yaml')).out).toContain('c is a search leaf');
});

test('after a skill has changed a fork runs its leaves again, and no others', async () => {
  using host = testHost({ files });
  expect((await host.run('run', 'flow.yaml', '-y', '--model', 'mock')).exit).toBe(0);
  const [row] = host.store.runs();
  const [started] = host.store.read(row?.run ?? '', 0, 1);
  expect(started).toMatchObject({
    config: { skills: { style: { from: 'repository', description: 'About style' } } },
  });
  writeFileSync(join(host.folder, '.whaleflow/skills/style/SKILL.md'), skill('style', 'Verbs.'));
  expect((await host.run('fork', '@last', 'flow.yaml', '-y')).exit).toBe(0);
  const reused = host.store
    .read(host.store.runs()[0]?.run ?? '', 0)
    .flatMap((event) =>
      event.type === 'leaf.finished' ? [`${event.path} ${event.from === undefined}`] : [],
    );
  expect(reused).toEqual(['a true', 'b false']);
  expect((await host.run('replay', '@last')).exit).toBe(0);
});
