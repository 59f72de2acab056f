/**
 * An agent leaf whose driver dies, at every append: the next attempt goes on with what was recorded. No answer
 * is paid for twice, no result is made twice, and what is handed over is what it would have been.
 */
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import type { ModelRequest, ModelToolCall } from '../../src/model/model-provider.ts';
import { estimateInputTokens } from '../../src/model/model-request.ts';
import type { LeafDocument } from '../../src/workflow/document.ts';
import { type AgentSetting, type AgentWorld, agentWorld } from './agent-world.ts';
import { dice } from './chance.ts';
import type { Crash } from './crashing-store.ts';
import { specOf, workflowOf } from './spec-of.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const DOUBLE_CRASHES = isSoak ? 300 : 20;
const TIMEOUT_MS = isSoak ? 3_600_000 : 600_000;

const call = (name: string, input: object | string = {}, id = name): ModelToolCall => ({
  id,
  name,
  input: typeof input === 'string' ? input : JSON.stringify(input),
});
const edit = (old: string, fresh: string) =>
  call('edit_file', { path: 'src/add.txt', old, new: fresh }, `${old}-${fresh}`);
const run = (command: string) => call('run_command', { command }, command);
const finish = call('finish', { status: 'succeeded', summary: 'Done.' });

const script = [
  [call('read_file', { path: 'long.txt' }), call('list_files')],
  [edit('minus', 'plus'), call('write_file', { path: 'new/one.txt', text: '1\n' })],
  [call('launch_rockets'), call('read_file', '{"path": ')],
  [run('cp readme.txt copied.txt'), run('grep plus src/add.txt')],
  [run('rm new/one.txt'), run('false')],
  [edit('plus', 'plus or minus'), call('git_diff')],
  [finish],
];

const leaf: LeafDocument = {
  kind: 'leaf',
  id: 'mend',
  task: { type: 'agent', prompt: 'Mend it.', agentType: 'implementer' },
  mode: 'read_write',
};
const spec = specOf({
  ...workflowOf([leaf]),
  permissions: { write: true, shell: true, commands: ['*'] },
});

let open: AgentWorld[] = [];
afterEach(() => {
  for (const world of open) world[Symbol.dispose]();
  open = [];
});

async function begin(parts: Partial<AgentSetting> = {}): Promise<AgentWorld> {
  const world = await agentWorld({ script, ...parts }, spec);
  open.push(world);
  return world;
}

async function runWith(crashes: readonly Crash[]): Promise<AgentWorld> {
  const world = await begin();
  for (const crash of crashes) await world.drive(crash);
  expect((await world.drive()).end).toBe('finished');
  return world;
}

function check(world: AgentWorld, at: unknown): void {
  expect({ at, repeated: world.repeated }).toEqual({ at, repeated: [] });
  expect({ at, result: world.result() }).toEqual({ at, result: expected });
  expect(replay(world.events())).toMatchObject({ verdict: 'identical' });
  const twice = world.commands.filter((one, index) => world.commands.indexOf(one) !== index);
  const marked = calledTools(world).filter(({ maybeRepeated }) => maybeRepeated === true);
  const said = marked.map(({ input }) => world.text(input.digest));
  for (const command of twice) expect(said.join()).toContain(command);
}

const calledTools = (world: AgentWorld) =>
  world.events().flatMap((event) => (event.type === 'tool.called' ? [event] : []));
const continued = (world: AgentWorld) =>
  world.events().flatMap((event) => (event.type === 'leaf.continued' ? [event] : []));

const clean = await agentWorld({ script }, spec);
const { appends } = await clean.drive();
const expected = clean.result();
const cleanEvents = clean.events();
clean[Symbol.dispose]();

test('without a crash it changes what it says, and each call is a fact', () => {
  expect(expected).toMatchObject({
    run: 'succeeded',
    status: 'succeeded',
    patch: expect.stringContaining('plus or minus'),
    output: {
      self_report: { summary: 'Done.' },
      verified: [
        { command: 'cp readme.txt copied.txt', before_last_change: true },
        { command: 'grep plus src/add.txt', before_last_change: true },
        { command: 'rm new/one.txt', before_last_change: true },
      ],
      failed_commands: [{ command: 'false', exitCode: 1 }],
    },
  });
  const tools = cleanEvents.flatMap((event) => (event.type === 'tool.called' ? [event.tool] : []));
  expect(tools).toHaveLength(12);
  const kept = cleanEvents.flatMap((event) =>
    event.type === 'tool.called' && event.files !== undefined ? [event.tool] : [],
  );
  expect(kept).toEqual(['edit_file', 'write_file', 'run_command', 'run_command', 'edit_file']);
});

describe('a crash at any append, then resume, ends as if there had been none', () => {
  test.each(['before', 'after', 'interrupt'] as const)(
    '%s',
    async (when) => {
      for (let at = 1; at <= appends; at += 1) check(await runWith([{ at, when }]), { at, when });
    },
    TIMEOUT_MS,
  );

  test(
    `${DOUBLE_CRASHES} times two of them`,
    async () => {
      for (let seed = 1; seed <= DOUBLE_CRASHES; seed += 1) {
        const chance = dice(seed);
        const crashes = [1, 2].map(() => ({
          at: 1 + chance.below(appends),
          when: chance.of(['before', 'after', 'interrupt'] as const),
        }));
        check(await runWith(crashes), crashes);
      }
    },
    TIMEOUT_MS,
  );
});

test('what came from the record is told, and only the rest is asked', async () => {
  const world = await begin();
  await world.drive({ at: 9, when: 'after' });
  const before = { asked: world.asked, tools: calledTools(world).length };
  await world.drive();
  expect(continued(world)).toMatchObject([{ attempt: 2, tools: before.tools }]);
  expect(continued(world)[0]?.dropped).toBeUndefined();
  expect(world.asked).toBe(script.length + (before.asked - (continued(world)[0]?.calls ?? 0)));
});

test('another request is live, on the files as they were when the record ended', async () => {
  const world = await begin();
  await world.drive({ at: 9, when: 'after' });
  const recorded = calledTools(world).length;
  world.set({ model: 'another' });
  await world.drive();
  const [told] = continued(world);
  expect(told).toMatchObject({
    calls: 0,
    tools: 0,
    dropped: { tools: recorded, because: expect.stringContaining('model: m, now another') },
  });
  expect(world.result()).toEqual(expected);
});

test('files that cannot be had again: it begins anew, and says so', async () => {
  const world = await begin();
  await world.drive({ at: 12, when: 'after' });
  world.set({ isGone: () => true });
  await world.drive();
  expect(continued(world)).toMatchObject([
    { calls: 0, tools: 0, dropped: { because: expect.stringContaining('cannot be had again') } },
  ]);
  expect(world.result()).toEqual(expected);
});

test('a tree that is deleted under it: the next attempt goes on in a new one', async () => {
  let isDone = false;
  const world = await begin({
    onCommand(command, root) {
      if (isDone || !command.startsWith('grep')) return;
      isDone = true;
      rmSync(root, { recursive: true });
    },
  });
  expect((await world.drive()).end).toBe('finished');
  expect(world.events()).toContainEqual(
    expect.objectContaining({ type: 'leaf.lost', because: 'tree', attempt: 1 }),
  );
  expect(continued(world)).toMatchObject([{ attempt: 2, calls: 4, tools: 7 }]);
  expect(world.repeated).toEqual([]);
  expect(world.result()).toEqual(expected);
});

test('a record that is another one from the middle on: live from there, on the files of that moment', async () => {
  const world = await begin();
  await world.drive({ at: appends, when: 'before' });
  expect(calledTools(world)).toHaveLength(12);
  const [fifth] = cleanEvents.filter((event) => event.type === 'model.called' && event.call === 5);
  const request = fifth?.type === 'model.called' ? world.text(fifth.request.digest) : '';
  const { maxOutputTokens } = JSON.parse(request) as { readonly maxOutputTokens: number };
  const tokens = estimateInputTokens(JSON.parse(request) as ModelRequest);
  world.set({ windowTokens: tokens + maxOutputTokens - 1 });
  await world.drive();
  expect(continued(world)).toMatchObject([
    { calls: 4, tools: 8, dropped: { tools: 4, because: expect.stringContaining('request 5') } },
  ]);
  expect(world.result()).toEqual(expected);
});

test('an attempt that a person restarts begins anew', async () => {
  let isTold = false;
  const world = await begin({
    onCommand() {
      if (isTold) return;
      isTold = true;
      world.send({ type: 'retry', path: 'mend' });
    },
  });
  expect((await world.drive()).end).toBe('finished');
  expect(continued(world)).toEqual([]);
  const [first] = world
    .events()
    .filter((event) => event.type === 'model.requested' && event.attempt === 2);
  expect(first).toMatchObject({ call: 1 });
  expect(world.result()).toEqual(expected);
});

test('three losses end it, and none of them repeats what was recorded', async () => {
  const world = await begin();
  for (let life = 0; life < 3; life += 1) await world.drive({ at: 4, when: 'after' });
  await world.drive();
  expect(world.repeated).toEqual([]);
  expect(world.events()).toContainEqual(
    expect.objectContaining({
      type: 'node.finished',
      path: '',
      outcome: expect.objectContaining({ failure: expect.objectContaining({ kind: 'lost' }) }),
    }),
  );
});

test('what cannot go on with a record begins anew, and says nothing of one', async () => {
  const world = await begin({ isContinued: false });
  await world.drive({ at: 9, when: 'after' });
  expect((await world.drive()).end).toBe('finished');
  expect(continued(world)).toEqual([]);
  expect(world.repeated).not.toEqual([]);
  expect(world.result()).toEqual(expected);
});
