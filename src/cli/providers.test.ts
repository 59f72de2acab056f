/** `providers add` and `test`, against a scripted server on loopback. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScriptedRequest, ScriptedTurn } from '../model/scripted-server/dialect.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../model/scripted-server/scripted-server.ts';
import { nodeTimers } from '../system/node/node-clock.ts';
import { type TestHost, testHost } from './test-host.ts';

const CANARY = 'sk-canary-0123456789abcdef';
const able = ({ schema, tools }: ScriptedRequest): ScriptedTurn =>
  tools.length > 0
    ? { toolCalls: [{ name: 'report', input: { ok: true } }] }
    : { text: schema === undefined ? 'ok' : '{"ok": true}' };

let server: ScriptedServer;
let script = able;
let closed = '';
beforeAll(async () => {
  const gone = await startScriptedServer({ timers: nodeTimers, script: able });
  closed = `${gone.url}/v1`;
  await gone.close();
  server = await startScriptedServer({ timers: nodeTimers, script: (asked) => script(asked) });
});
afterAll(() => server.close());

const own = (host: TestHost): string => join(host.folder, '.config/whaleflow/config.toml');

async function lab(
  said: typeof script,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<TestHost> {
  script = said;
  const host = testHost({ env: { LAB_KEY: CANARY, ...env } });
  const added = await host.run(
    ...['providers', 'add', 'lab', '--base-url', `${server.url}/v1`, '--model', 'small'],
    ...words,
  );
  expect(added.exit, added.err).toBe(0);
  return host;
}

describe.each(['openai', 'anthropic'])('%s', (dialect) => {
  test('what answers is shown with its time, its usage and what it can', async () => {
    using host = await lab(able, ['--dialect', dialect, '--key-env', 'LAB_KEY']);
    const before = server.requests.length;
    const { exit, out, err } = await host.run('providers', 'test', 'lab', '-y');
    expect(exit, err).toBe(0);
    expect(err).toContain('lab:small is asked three short questions: at a price that is not known');
    expect(out).toMatch(/lab:small {3}answered in \d+\.\ds/);
    expect(out).toContain(`${dialect} at ${server.url}/v1`);
    expect(out).toMatch(/usage is reported: uncached \d+, output \d+ {3}\$\?/);
    expect(out).toContain('tools yes · schema_mode');
    expect(server.requests.length - before).toBe(3);
    expect(out + err).not.toContain(CANARY);
  });
});

test.each(['openai', 'openai-responses', 'anthropic'])(
  'what %s says can be kept as a fixture, without the key, and never over another file',
  async (dialect) => {
    const talkative = (asked: ScriptedRequest): ScriptedTurn => {
      const turn = able(asked);
      return turn.text === 'ok' ? { text: `ok, your key is ${CANARY}` } : turn;
    };
    using host = await lab(talkative, ['--dialect', dialect, '--key-env', 'LAB_KEY']);
    const words = ['providers', 'test', 'lab', '-y', '--record', 'lab.json'];
    const { exit, err } = await host.run(...words);
    const asked = server.requests.length;
    expect(exit, err).toBe(0);
    expect(err).toContain('3 exchanges are in lab.json: read them');
    const text = readFileSync(join(host.folder, 'lab.json'), 'utf8');
    expect(text).not.toContain(CANARY);
    const all = JSON.parse(text) as readonly Readonly<Record<string, unknown>>[];
    expect(all).toHaveLength(3);
    expect(all[0]).toMatchObject({
      source: { from: 'recorded', date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
      dialect,
      ask: { model: 'small' },
      request: { model: 'small', stream: true },
      response: { status: 200, type: 'text/event-stream', events: expect.any(Array) },
      expect: { text: expect.stringMatching(/^ok, your key is \[/), model: 'small' },
    });
    expect(all[1]).toMatchObject({
      expect: { toolCalls: [{ name: 'report', input: { ok: true } }] },
    });
    const again = await host.run(...words);
    expect(again.err).toContain('WF2009');
    expect(server.requests.length).toBe(asked);
    expect(readFileSync(join(host.folder, 'lab.json'), 'utf8')).toBe(text);
  },
);

test('what it costs at most is said first, and nobody is asked without a yes', async () => {
  using host = await lab(able, ['--key-env', 'LAB_KEY']);
  const price = ['prices.lab:small.input', '1', 'prices.lab:small.output', '1000'];
  await host.run('config', 'set', ...price);
  const before = server.requests.length;
  const refused = await host.run('providers', 'test', 'lab');
  expect([refused.exit, server.requests.length]).toEqual([5, before]);
  expect(refused.err).toMatch(/three short questions: at most \$1\.5\d/);
  const asked = await host.run('providers', 'test', 'lab', '-y', '--json');
  const [report] = JSON.parse(asked.out).tests as readonly { cost_microusd: number }[];
  expect(report).toMatchObject({ model: 'lab:small', ok: true, usage_reported: true });
  expect(report?.cost_microusd).toBeGreaterThan(0);
});

test('a server on this machine without a key is free and asked at once; what it says is kept on request', async () => {
  using host = await lab(({ tools, ...rest }) =>
    tools.length > 0 ? { fault: 'bad-request' } : able({ tools, ...rest }),
  );
  const { exit, out } = await host.run('providers', 'test', '--save');
  expect(exit).toBe(0);
  expect(out).toContain('tools no · schema_mode yes');
  expect(readFileSync(own(host), 'utf8')).toContain(
    '[models."lab:small"]\ntools = "no"\nschema_mode = "yes"\n',
  );
  const list = await host.run('providers', 'ls');
  expect(list.out).toContain('lab:small');
});

test('usage that is not reported is said to be an estimate', async () => {
  using host = await lab(() => ({ text: 'ok', fault: 'usage-missing' }));
  const { out } = await host.run('providers', 'test', 'lab');
  expect(out).toMatch(/usage is not reported: about \d+ tokens/);
  expect(out).toContain('tools unknown');
});

describe('what stands in the way is named with what mends it', () => {
  test.each<readonly [string, string, string, string]>([
    ['bad-key', '', 'the key was refused (401)', 'it wants a key'],
    ['bad-request', '', 'it refused the request (400)', 'see its documentation'],
    ['server-error', '', 'the server failed (500)', 'try again later'],
    ['rate-limit-seconds', '', 'too many calls (429)', 'wait'],
    ['no-such-model', '', 'no model small, or nothing at this address (404)', 'base_url'],
    ['', 'closed', '(ECONNREFUSED)', 'start the server'],
    ['', 'http://whaleflow.invalid/v1', 'cannot be resolved (DNS', 'check base_url'],
    ['', 'tls', 'speaks no TLS', 'http://'],
  ])('%s %s', async (fault, address, cause, fix) => {
    using host = await lab(() => (fault === '' ? { text: 'ok' } : { fault }));
    const tls = `${server.url.replace('http:', 'https:')}/v1`;
    const url = address === 'tls' ? tls : address === 'closed' ? closed : address;
    if (url !== '') await host.run('config', 'set', 'providers.lab.base_url', url);
    const { exit, out } = await host.run('providers', 'test', 'lab', '-y');
    expect(exit).toBe(4);
    expect(out).toContain(cause);
    expect(out).toContain(fix);
  });

  test('a proxy that Node does not use is named', async () => {
    using host = await lab(able, [], { HTTPS_PROXY: 'http://proxy:3128' });
    await host.run('config', 'set', 'providers.lab.base_url', 'http://whaleflow.invalid/v1');
    const { out } = await host.run('providers', 'test', 'lab', '-y');
    expect(out).toContain('HTTPS_PROXY is set, and Node uses it only with NODE_USE_ENV_PROXY=1');
  });

  test('a key that is not there, a provider that is not, one without a model', async () => {
    using host = await lab(able, ['--key-env', 'NOT_THERE']);
    const missing = await host.run('providers', 'test', 'lab', '-y');
    expect([missing.exit, missing.out.includes('NOT_THERE is not set')]).toEqual([4, true]);
    const near = await host.run('providers', 'test', 'lub');
    expect([near.exit, near.err.includes('did you mean `lab`')]).toEqual([4, true]);
    const none = await host.run('providers', 'test', 'ollama');
    expect(none.err).toContain('whaleflow providers test ollama:MODEL');
  });
});

describe('add', () => {
  test('a built-in one needs no row; a role gets its model', async () => {
    using host = testHost();
    const { exit, out, err } = await host.run(
      ...['providers', 'add', 'deepseek', '--model', 'deepseek-chat'],
    );
    expect(exit, err).toBe(0);
    expect(readFileSync(own(host), 'utf8')).toBe('[roles]\ndefault = "deepseek:deepseek-chat"\n');
    expect(out).toContain('its key is read from DEEPSEEK_API_KEY, which is not set');
    const judge = ['--model', 'x/y', '--role', 'judge'];
    await host.run('providers', 'add', 'openrouter', ...judge);
    expect((await host.run('config', 'get', 'roles.judge')).out).toBe('openrouter:x/y\n');
  });

  test('a key from stdin lies in a file for its owner only, and in no configuration', async () => {
    using host = testHost({ input: `${CANARY}\n` });
    const { exit, out, err } = await host.run(
      ...['providers', 'add', 'anthropic', '--key-stdin', '--model', 'm'],
    );
    expect(exit, err).toBe(0);
    const file = join(host.folder, '.config/whaleflow/keys/anthropic');
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([
      `${CANARY}\n`,
      0o600,
    ]);
    const config = readFileSync(own(host), 'utf8');
    expect(config).toContain(`api_key_cmd = "cat ${file}"`);
    expect(config + out + err).not.toContain(CANARY);
  });

  test.each<readonly [string, readonly string[], string]>([
    ['an unknown one without an address', ['lab'], '--base-url'],
    ['two places of a key', ['openai', '--key-env', 'A', '--key-cmd', 'b'], 'both say'],
    ['a key in place of its name', ['openai', '--key-env', CANARY], 'no name of a variable'],
    ['an address with a key', ['x', '--base-url', 'https://u:p@h/v1'], 'base_url'],
    ['a role without a model', ['openai', '--role', 'judge'], '--model'],
    ['a role that is none', ['openai', '--role', 'juge', '--model', 'm'], 'roles.judge'],
  ])('%s is refused, and nothing is written', async (_name, words, said) => {
    using host = testHost();
    const { exit, err, out } = await host.run('providers', 'add', ...words);
    expect([exit, err.includes(said)], err).toEqual([2, true]);
    expect(existsSync(own(host))).toBe(false);
    expect(err + out).not.toContain(CANARY);
  });
});
