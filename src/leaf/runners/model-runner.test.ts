import { expect, test } from 'vitest';
import { scriptedProvider } from '../../model/mock/scripted-provider.ts';
import type { ModelEvent, ModelRequest } from '../../model/model-provider.ts';
import { noneSandbox } from '../../sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import type { Slice } from '../../trace/events.ts';
import { NO_USAGE } from '../../trace/usage.ts';
import type { RunnerReport } from '../leaf-runner.ts';
import { testHost, testJob } from '../test-host.ts';
import { modelRunner } from './model-runner.ts';

const output = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
const says = (text: string, parts: object = {}): ModelEvent => ({
  type: 'finished',
  text,
  usage: NO_USAGE,
  model: 'm',
  ...parts,
});

async function run(
  answers: readonly ModelEvent[],
  slice: Slice = {},
): Promise<{ readonly report: RunnerReport; readonly asked: readonly ModelRequest[] }> {
  const provider = scriptedProvider(answers.map((answer) => [answer]));
  const runner = modelRunner({
    route: () => ({ provider, model: 'm', estimateCost: () => 0 }),
    clock: nodeClock,
    timers: nodeTimers,
    chance: { bytes: (count) => new Uint8Array(count) },
  });
  const job = testJob({ type: 'model', prompt: 'Count.' }, { node: { output }, slice });
  const world = {
    sandbox: noneSandbox({ clock: nodeClock, timers: nodeTimers }),
    host: testHost(),
  };
  const report = await runner.run(job, world, new AbortController().signal);
  return { report, asked: provider.asked };
}

test('an answer that fits is taken as it is', async () => {
  const { report, asked } = await run([says('{"n": 1}')]);
  expect(report).toEqual({ status: 'succeeded', output: { n: 1 } });
  expect(asked).toHaveLength(1);
});

test.each([
  ['no JSON', says('one'), 'the answer is not JSON'],
  ['of another form', says('{"n": "one"}'), 'output field n must be integer'],
  [
    'of another form by the schema mode',
    says('', { value: { m: 1 } }),
    "must have required property 'n'",
  ],
  ['empty', says(''), 'the answer is empty'],
  ['cut', says('{"n": 1', { isCut: true }), 'it was cut at its limit'],
])(
  'an answer that is %s goes back to the model once, with what is wrong',
  async (_name, bad, why) => {
    const { report, asked } = await run([bad, says('{"n": 2}')]);
    expect(report).toEqual({ status: 'succeeded', output: { n: 2 } });
    expect(asked).toHaveLength(2);
    expect(asked[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(JSON.stringify(asked[1]?.messages.at(-1))).toContain(why);
  },
);

test('free text: a cut answer is half a one, an empty one is none, and neither is asked for again', async () => {
  const text = async (answer: ModelEvent) => {
    const provider = scriptedProvider([[answer]]);
    const parts = { clock: nodeClock, timers: nodeTimers, route: () => ({ provider, model: 'm' }) };
    const runner = modelRunner({ ...parts, chance: { bytes: (count) => new Uint8Array(count) } });
    const sandbox = noneSandbox({ clock: nodeClock, timers: nodeTimers });
    const job = testJob({ type: 'model', prompt: 'Say it.' });
    const report = await runner.run(
      job,
      { sandbox, host: testHost() },
      new AbortController().signal,
    );
    return { report, calls: provider.asked.length };
  };
  expect(await text(says('Once'))).toMatchObject({ report: { status: 'succeeded' }, calls: 1 });
  expect(await text(says('Onc', { isCut: true }))).toMatchObject({
    report: { status: 'degraded', output: 'Onc' },
    calls: 1,
  });
  expect(await text(says(' ', { isCut: true }))).toMatchObject({
    report: {
      failure: { kind: 'schema', message: 'the answer is empty: it was cut at its limit' },
    },
    calls: 1,
  });
});

test('two answers that do not fit are a failure of form, with the last of them', async () => {
  const { report, asked } = await run([says('one'), says('{"n": "two"}'), says('{"n": 3}')]);
  expect(report).toMatchObject({
    status: 'failed',
    failure: { kind: 'schema', message: 'output field n must be integer' },
    output: { n: 'two' },
  });
  expect(asked).toHaveLength(2);
});

test('where the slice has no room for a second call the first answer is what there is', async () => {
  const { report, asked } = await run([says('one'), says('{"n": 2}')], { steps: 1 });
  expect(report).toMatchObject({ status: 'failed', failure: { kind: 'schema' }, output: 'one' });
  expect('short' in report).toBe(false);
  expect(asked).toHaveLength(1);
});
