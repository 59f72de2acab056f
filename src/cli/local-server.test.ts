/** A model server of this machine that does not run: said before anything is started, with what to start. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScriptedTurn } from '../model/scripted-server/dialect.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../model/scripted-server/scripted-server.ts';
import { nodeTimers } from '../system/node/node-clock.ts';
import { type TestHost, testHost } from './test-host.ts';

const files = {
  'say.yaml':
    'id: say\ngoal: g\nnodes:\n  - {id: say, kind: leaf, task: {type: model, prompt: "Say"}}\n',
};

let server: ScriptedServer;
let script: () => ScriptedTurn = () => ({ text: 'said' });
let closed = '';
beforeAll(async () => {
  const gone = await startScriptedServer({ timers: nodeTimers, script: () => script() });
  closed = `${gone.url}/v1`;
  await gone.close();
  server = await startScriptedServer({ timers: nodeTimers, script: () => script() });
});
afterAll(() => server.close());

async function withProviders(): Promise<TestHost> {
  const host = testHost({ files });
  await host.run('config', 'set', 'providers.ollama.base_url', closed);
  await host.run('config', 'set', 'providers.lab.base_url', `${server.url}/v1`);
  await host.run('config', 'set', 'providers.shed.base_url', closed);
  return host;
}

test('nothing is started, and what to start and to try is named', async () => {
  using host = await withProviders();
  const { exit, err } = await host.run('run', 'say.yaml', '--model', 'ollama:qwen3:8b', '-y');
  expect(exit, err).toBe(4);
  expect(err).toContain(
    `error[WF3005]: nothing listens at ${new URL(closed).host}, where the provider ollama ought to be`,
  );
  expect(err).toContain('say asks ollama:qwen3:8b as leaf_reasoner');
  expect(err).toContain('start it: ollama serve');
  expect(err).toContain('whaleflow providers test ollama:qwen3:8b');
  expect(host.store.runs()).toEqual([]);
  const own = await host.run('run', 'say.yaml', '--model', 'shed:m', '-y');
  expect(own.err).toContain(`start the server at ${closed}`);
  const tried = await host.run('providers', 'test', 'ollama:qwen3:8b');
  expect(tried.out + tried.err).toContain('ollama serve');
  const dry = await host.run('run', 'say.yaml', '--model', 'ollama:qwen3:8b', '--dry-run');
  expect([dry.exit, dry.err]).toEqual([0, expect.stringContaining('WF3005')]);
});

test('a server that runs is asked, also where another of the same role does not', async () => {
  using host = await withProviders();
  const models = ['--model', 'lab:m,ollama:qwen3:8b'];
  const { exit, err } = await host.run('run', 'say.yaml', ...models, '-y', '--allow-unknown-cost');
  expect(exit, err).not.toBe(4);
  expect(err).not.toContain('WF3005');
  expect(host.store.runs()).toHaveLength(1);
});

test('a run that a model failed is offered a test of it, and of a mock of none', async () => {
  using broken = await withProviders();
  script = () => ({ fault: 'no-such-model' });
  const failed = await broken.run(
    'run',
    'say.yaml',
    '--model',
    'lab:m',
    '-y',
    '--allow-unknown-cost',
  );
  script = () => ({ text: 'said' });
  expect(failed.out).toContain('try the model  whaleflow providers test lab:m');
  const refusing = '- {path: say, fail: {kind: provider, message: "broke off"}}\n';
  using host = testHost({ files: { ...files, 'broken.yaml': refusing } });
  const { out } = await host.run('run', 'say.yaml', '--mock=broken.yaml', '-y');
  expect(out).toContain('look at it');
  expect(out).not.toContain('try the model');
});
