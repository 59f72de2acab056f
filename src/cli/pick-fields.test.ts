/** `--json FIELDS` as in gh: of the rows for lists, of the record for one thing. */
import { expect, test } from 'vitest';
import { commands } from './commands.ts';
import { pickFiles, testHost } from './test-host.ts';

const started = ['run', 'pick.yaml', '--mock=good.yaml', '-y'];
const fieldsOf = (name: string): readonly string[] => {
  const found = commands.find((one) => one.name === name);
  const { fields = [], moreFields = [], rows } = found ?? {};
  return [...fields, ...moreFields, ...(rows?.fields ?? [])];
};

test('of a list the fields are those of its rows', async () => {
  using host = testHost({ files: pickFiles });
  await host.run(...started);
  const { out } = await host.run('ls', '--json', 'workflow,state');
  expect(JSON.parse(out)).toEqual({
    schema: 'whaleflow.runs/1',
    runs: [{ workflow: 'pick-one', state: 'succeeded' }],
  });
  const lines = await host.run('ls', '--format', 'jsonl', '--json', 'state');
  expect(JSON.parse(lines.out)).toEqual({ schema: 'whaleflow.run/1', state: 'succeeded' });
});

test('an empty list has its fields too', async () => {
  using host = testHost();
  const { exit, out } = await host.run('ls', '--json=run,state');
  expect(exit).toBe(0);
  expect(JSON.parse(out)).toEqual({ schema: 'whaleflow.runs/1', runs: [] });
});

test('of one run they are its own, and status picks of every run that it names', async () => {
  using host = testHost({ files: pickFiles });
  await host.run(...started);
  const shown = await host.run('show', '--json', 'state,cost_microusd');
  expect(JSON.parse(shown.out)).toEqual({
    schema: 'whaleflow.run/1',
    state: 'succeeded',
    cost_microusd: 1_630_000,
  });
  const status = await host.run('status', '--json', 'finished,workflow');
  expect(JSON.parse(status.out)).toEqual({
    schema: 'whaleflow.status/1',
    finished: [{ workflow: 'pick-one' }],
  });
});

test('an unknown field ends with 2 before anything is done', async () => {
  using host = testHost({ files: pickFiles });
  const { exit, err } = await host.run(...started, '--json=stat');
  expect(exit).toBe(2);
  expect(JSON.parse(err)).toMatchObject({
    error: {
      message: '--json: run has no field `stat`',
      notes: [expect.stringContaining('there are: run, name, workflow')],
      help: ['did you mean `state`?'],
    },
  });
  expect(host.store.runs()).toEqual([]);
});

test('of events they are those of any event, and no others', async () => {
  using host = testHost({ files: pickFiles });
  await host.run(...started);
  const { out } = await host.run('logs', '@last', '--json', 'type,path');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines[0]).toEqual({ schema: 'whaleflow.event/1', type: 'run.started' });
  expect(lines).toContainEqual({
    schema: 'whaleflow.event/1',
    type: 'leaf.finished',
    path: 'attempts/small',
  });
  const wrong = await host.run('logs', '@last', '--json=type,pth');
  expect(wrong.exit).toBe(2);
  expect(wrong.err).toContain('did you mean `path`?');
});

test('the fields that are offered are those that there are', async () => {
  using host = testHost({ files: pickFiles });
  const argv: Readonly<Record<string, readonly string[]>> = {
    run: started,
    show: ['show'],
    ls: ['ls'],
    status: ['status'],
    plan: ['plan', 'pick.yaml'],
    doctor: ['doctor'],
    config: ['config', 'ls'],
    providers: ['providers', 'ls'],
    wait: ['wait', '@last'],
    watch: ['watch', '@last'],
    cancel: ['cancel', '@last'],
    approvals: ['approvals'],
    logs: ['logs', '--tail', '1'],
  };
  for (const [name, words] of Object.entries(argv)) {
    const { out } = await host.run(...words, '--json');
    if (out === '') continue;
    const { schema: _, ...value } = JSON.parse(out) as Record<string, unknown>;
    const lists = commands.find((one) => one.name === name)?.rows?.lists ?? [];
    const rows = lists.flatMap((list) => (value[list] ?? []) as readonly object[]);
    const names = [...Object.keys(value), ...rows.flatMap((row) => Object.keys(row))];
    expect(names.filter((one) => !fieldsOf(name).includes(one))).toEqual([]);
  }
});
