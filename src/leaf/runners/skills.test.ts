/** Skills as leaves see them: read by an agent when it needs them, given whole to a model without tools. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptedProvider } from '../../model/mock/scripted-provider.ts';
import type { ModelEvent, ModelToolCall } from '../../model/model-provider.ts';
import { noneSandbox } from '../../sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { walkingFiles } from '../../tool/files/walking-files.ts';
import type { RecordedSkill } from '../../trace/run-terms.ts';
import { NO_USAGE } from '../../trace/usage.ts';
import { type TestHost, testHost, testJob } from '../test-host.ts';
import { agentRunner } from './agent/agent-runner.ts';
import { modelRunner } from './model-runner.ts';

let root = '';
let host: TestHost;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-skills-')));
  host = testHost();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const chain = {
  clock: nodeClock,
  timers: nodeTimers,
  chance: { bytes: (length: number) => new Uint8Array(length) },
};
const sandbox = noneSandbox({ clock: nodeClock, timers: nodeTimers });
const never = new AbortController().signal;

function styleSkill(): Readonly<Record<string, RecordedSkill>> {
  const files = {
    'SKILL.md': host.keep(
      '---\nname: style\ndescription: House style\n---\n\nWhole words.\n',
      'text',
    ),
    'more/names.md': host.keep('No abbreviations.\n', 'text'),
  };
  return { style: { digest: 'd', description: 'House style', from: 'repository', files } };
}

const call = (name: string, input: object, id = name): ModelToolCall => ({
  id,
  name,
  input: JSON.stringify(input),
});
const says = (...toolCalls: readonly ModelToolCall[]): readonly ModelEvent[] => [
  { type: 'finished', text: '', toolCalls, usage: NO_USAGE, model: 'm' },
];

function runAgent(skills: readonly string[], ...calls: readonly ModelToolCall[]) {
  const finish = call('finish', { status: 'succeeded', summary: 'Done.' });
  const provider = scriptedProvider([says(...calls), says(finish)]);
  const runner = agentRunner({
    ...chain,
    route: () => ({ provider, model: 'm' }),
    environment: {},
    temporaryFolder: tmpdir(),
    files: (folder) => walkingFiles(folder, () => '.new'),
  });
  const task = { type: 'agent', prompt: 'Do it.', agentType: 'general', maxTurns: 5 } as const;
  const job = testJob(task, { node: { skills }, skills: styleSkill() });
  return { provider, report: runner.run(job, { root, sandbox, host }, never) };
}

test('an agent is told what its skills are about, and reads what they say when it wants to', async () => {
  const { provider, report } = runAgent(
    ['style'],
    call('read_skill', { name: 'style' }, '1'),
    call('read_skill', { name: 'style', file: './more/names.md' }, '2'),
    call('read_skill', { name: 'stile' }, '3'),
    call('read_skill', { name: 'style', file: '../../etc/passwd' }, '4'),
  );
  await report;
  const [first, second] = provider.asked;
  expect(first?.system).toContain('- style: House style');
  expect(first?.system).not.toContain('Whole words');
  expect(first?.tools?.map(({ name }) => name)).toContain('read_skill');
  expect(second?.messages.at(-1)).toMatchObject({
    results: [
      { isError: false, text: 'Whole words.\n\n[its files: more/names.md]' },
      { isError: false, text: 'No abbreviations.\n' },
      { isError: true, text: 'there is no skill stile; there are style' },
      { isError: true, text: expect.stringContaining('it has more/names.md') },
    ],
  });
});

test('an agent without skills hears nothing of them', async () => {
  const { provider, report } = runAgent([]);
  await report;
  expect(provider.asked[0]?.system).not.toContain('Skills');
  expect(provider.asked[0]?.tools?.map(({ name }) => name)).not.toContain('read_skill');
});

test('a skill that the run does not have fails the leaf before anybody is asked', async () => {
  const { provider, report } = runAgent(['other']);
  expect(await report).toMatchObject({
    status: 'failed',
    failure: { kind: 'refused', message: 'this run has no skill other' },
  });
  expect(provider.asked).toEqual([]);
});

test('a model is given what its skills say', async () => {
  const provider = scriptedProvider([
    [{ type: 'finished', text: 'yes', usage: NO_USAGE, model: 'm' }],
  ]);
  const runner = modelRunner({ ...chain, route: () => ({ provider, model: 'm' }) });
  const task = { type: 'model', prompt: 'Well?', system: 'Be brief.' } as const;
  const job = testJob(task, { node: { skills: ['style'] }, skills: styleSkill() });
  await runner.run(job, { sandbox, host }, never);
  expect(provider.asked[0]?.system).toBe(
    'Be brief.\n\n<skill name="style">\nWhole words.\n</skill>',
  );
});
