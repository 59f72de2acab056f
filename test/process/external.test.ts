/** Another coding agent as a leaf, through the real command line and a detached driver. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from './server-process.ts';
import { openShell, type Shell } from './shell.ts';

/** With the rights of the user, and every command accepted. */
const OFF = ['--sandbox', 'off', '--allow', '*'];
const DOUBLES = resolve(import.meta.dirname, '../external');
const double = (...steps: readonly object[]): string => `Do it.\ndouble:${JSON.stringify(steps)}`;
const result = (text: string): object => ({ line: { type: 'result', text } });

const workflow = (prompt: string, node: object = {}, commands: readonly string[] = []): string =>
  JSON.stringify({
    id: 'other',
    goal: 'Let another agent do it',
    permissions: { write: true, shell: true, network: true, commands },
    nodes: [
      {
        kind: 'leaf',
        id: 'mend',
        mode: 'read_write',
        task: { type: 'external', agent: 'coder', prompt },
        ...node,
      },
    ],
  });

const files = {
  'mend.json': workflow(double({ write: ['src/new.txt', 'made\n'] }, result('done'))),
  'stray.json': workflow(double({ write: ['elsewhere.txt', 'made\n'] }, result('done')), {
    fileScope: ['src/**'],
  }),
  'talk.json': workflow(
    double(
      { permission: { toolCallId: '1', kind: 'execute', rawInput: { command: 'npm test' } } },
      { terminal: { command: 'sh', args: ['-c', 'echo seen; exit 4'] } },
      { write: ['src/new.txt', 'made\n'] },
      { usage: { totalTokens: 30, inputTokens: 20, outputTokens: 10 } },
    ),
    {},
    ['npm test', 'sh *'],
  ),
  'ask.json': JSON.stringify({
    id: 'ask',
    goal: 'Let another agent ask',
    permissions: { write: true, shell: true },
    nodes: [
      {
        kind: 'leaf',
        id: 'mend',
        mode: 'read_write',
        task: {
          type: 'external',
          agent: 'coder',
          prompt: double(
            {
              ask: {
                path: '/v1/chat/completions',
                body: { messages: [{ role: 'user', content: 'hi' }], max_tokens: 4000 },
              },
            },
            {
              ask: {
                path: '/v1/chat/completions',
                body: { messages: [{ role: 'user', content: 'hi' }], max_tokens: 8000 },
              },
            },
            { environment: 'LAB_KEY' },
          ),
        },
      },
    ],
  }),
  'mend.star': [
    'workflow(id = "star", goal = "Let another agent do it",',
    '    permissions = {"write": True, "shell": True, "network": True},',
    `    nodes = [external("mend", "coder", ${JSON.stringify(files_prompt())},`,
    '        mode = "read_write")])',
  ].join('\n'),
};

function files_prompt(): string {
  return double({ write: ['src/new.txt', 'made\n'] }, result('done'));
}

const config = (more: readonly string[] = []): string =>
  [
    '[features]',
    'external_agents = true',
    '[agents.coder]',
    `command = [${JSON.stringify(process.execPath)}, "${DOUBLES}/exec-agent.mjs"]`,
    'output = "jsonl"',
    'billing = "included"',
    `read = ["${DOUBLES}"]`,
    ...more,
  ].join('\n');

let shell: Shell;
beforeEach(() => {
  shell = openShell(files);
  shell.configure(config());
});
afterEach(() => shell[Symbol.dispose]());

interface Shown {
  readonly state: string;
  readonly files_changed?: number;
}

describe.each([
  ['without a sandbox', OFF],
  ['in the strict sandbox', ['--sandbox', 'strict']],
])('%s', (_name, flags) => {
  test.each(['mend.json', 'mend.star'])('%s: its change is the patch of its leaf', (file) => {
    const before = shell.fingerprint();
    const { exit, err } = shell.whaleflow('run', file, '-y', ...flags);
    expect(err).toContain('succeeded');
    expect(exit).toBe(0);
    expect(shell.fingerprint()).toBe(before);
    expect(shell.whaleflow('diff', '@last').out).toContain('+made');
    const { exit: replayed, out } = shell.whaleflow('replay', '@last');
    expect(out).toContain('0 processes');
    expect(replayed).toBe(0);
  });

  test('what it wrote outside of its scope fails the leaf, and stays nowhere', () => {
    const before = shell.fingerprint();
    const { exit, out, err } = shell.whaleflow('run', 'stray.json', '-y', ...flags);
    expect(exit).toBe(1);
    expect(out + err).toMatch(/outside of its scope|EROFS|read-only/i);
    expect(shell.fingerprint()).toBe(before);
    expect(existsSync(join(shell.root, 'elsewhere.txt'))).toBe(false);
  });
});

describe.each([
  ['without a sandbox', OFF],
  ['in the strict sandbox', ['--sandbox', 'strict']],
])('an agent that speaks the protocol, %s', (_name, flags) => {
  test('asks leave, has us run a command, writes a file, and its frames are kept', () => {
    const acp = config(['protocol = "acp"']).replace('exec-agent', 'acp-agent');
    shell.configure(acp.replace('output = "jsonl"\n', ''));
    const before = shell.fingerprint();
    const { exit, err } = shell.whaleflow('run', 'talk.json', '-y', ...flags);
    expect(err).toContain('succeeded');
    expect(exit).toBe(0);
    expect(shell.fingerprint()).toBe(before);
    expect(shell.whaleflow('diff', '@last').out).toContain('+made');
    const said = shell.whaleflow('show', '@last/mend', '--json').out;
    expect(said).toContain('do-allow_once;');
    expect(shell.whaleflow('logs', '@last', '--json').out).toContain('"agent.framed"');
    expect(shell.whaleflow('verify', '@last').exit).toBe(0);
    expect(shell.whaleflow('replay', '@last').out).toContain('0 processes');
  });
});

describe('an agent whose calls go through us', () => {
  const CANARY = 'sk-canary-0123456789abcdef';
  const usage = { uncached: 1000, cacheRead: 500, output: 100 };
  const script = { small: [{ text: 'said the model', usage }] };
  let server: ModelServer;
  beforeEach(async () => {
    server = await startModelServer(join(shell.root, '..'), script);
    shell.env['LAB_KEY'] = CANARY;
    const more = [
      'proxy = true',
      'set = { MODEL_URL = "{url}", MODEL_TOKEN = "{token}" }',
      '[providers.lab]',
      `base_url = "${server.url}/v1"`,
      'api_key_env = "LAB_KEY"',
      '[roles]',
      'default = "lab:small"',
      '[prices."lab:small"]',
      'input = 2',
      'output = 10',
      'cache_read = 1',
    ];
    const text = config(more).replace('billing = "included"\n', '');
    shell.configure(text);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  test.each([
    ['without a sandbox', OFF],
    ['in the strict sandbox, without a network', ['--sandbox', 'strict']],
  ])('%s: asks the model of its role, is priced, and sees no key', (_name, flags) => {
    const { exit, err } = shell.whaleflow('run', 'ask.json', '-y', ...flags);
    expect(err).toContain('succeeded');
    expect(exit).toBe(0);
    const shown = shell.json('show', '@last/mend', '--json') as {
      readonly cost_microusd: number;
      readonly cost_status: string;
      readonly output: unknown;
    };
    expect(shown.cost_microusd).toBe(2 * (1000 * 2 + 500 + 100 * 10));
    expect(shown.cost_status).toBe('exact');
    expect(JSON.stringify(shown.output)).toContain('undefined');
    expect(server.asked()).toHaveLength(2);
    const everything =
      shell.whaleflow('logs', '@last', '--json').out +
      shell.whaleflow('export', '@last', '--format', 'md').out;
    expect(everything).not.toContain(CANARY);
    expect(shell.whaleflow('replay', '@last').out).toContain('0 provider calls');
  });

  test('the ceiling is a hard stop', () => {
    const words = ['run', 'ask.json', '-y', ...OFF, '--max-tokens', '9000'];
    const { exit, err, out } = shell.whaleflow(...words);
    expect(exit).toBe(1);
    expect(err + out).toMatch(/does not fit into the .* left of the slice/);
    expect(server.asked()).toHaveLength(1);
  });

  test('a key that is refused stops the run for a person, and it goes on once that is mended', () => {
    server.say({ small: [{ fault: 'bad-key' }] });
    const stopped = shell.whaleflow('run', 'ask.json', '-y', ...OFF);
    expect(stopped.exit, stopped.err).toBe(4);
    expect(stopped.out + stopped.err).toContain('credentials: lab answered 401');
    server.say(script);
    const resumed = shell.whaleflow('resume', '@last', '-y');
    expect(resumed.exit, resumed.err).toBe(0);
    expect(server.asked()).toHaveLength(1 + 2);
    expect(shell.whaleflow('replay', '@last').out).toContain('0 provider calls');
  });

  test('an agent of another dialect than its model is found out before anything starts', () => {
    const path = join(shell.root, '../home/.config/whaleflow/config.toml');
    const other = readFileSync(path, 'utf8').replace('MODEL_URL =', 'ANTHROPIC_BASE_URL =');
    shell.configure(other);
    const { exit, err } = shell.whaleflow('run', 'ask.json', '-y', ...OFF);
    expect(exit).toBe(4);
    expect(err).toContain('the agent coder speaks anthropic, and lab:small is asked in openai');
  });

  test('no model for its role is found out, too', () => {
    const path = join(shell.root, '../home/.config/whaleflow/config.toml');
    const none = readFileSync(path, 'utf8').replace('default = "lab:small"', '');
    shell.configure(none);
    const { exit, err } = shell.whaleflow('run', 'ask.json', '-y', ...OFF);
    expect(exit).toBe(4);
    expect(err).toContain('error[WF3002]');
  });
});

describe('an agent is tried out', () => {
  const acp = (more: readonly string[] = []): void => {
    const text = config(['protocol = "acp"', ...more]).replace('output = "jsonl"\n', '');
    shell.configure(text.replace('exec-agent', 'acp-agent'));
  };

  test('by a handshake and a session, without being asked anything', () => {
    acp();
    const { exit, out, err } = shell.whaleflow('agents', 'test', 'coder');
    expect(exit).toBe(0);
    expect(out).toMatch(/start +ok +double 1\.2\.3, protocol 1/);
    expect(out).toMatch(/session +ok +opened/);
    expect(err).toContain('--ask');
  });

  test('by a word, where a person wants that', () => {
    acp();
    const { exit, out } = shell.whaleflow('agents', 'test', 'coder', '--ask', '--json');
    expect(exit).toBe(0);
    const { checks } = JSON.parse(out) as {
      readonly checks: readonly { readonly check: string }[];
    };
    expect(checks.map(({ check }) => check)).toEqual([
      'program',
      'start',
      'session',
      'answer',
      'usage',
    ]);
  });

  test('one that lets nobody in says how to sign in, exit status 4', () => {
    const argv = `command = [${JSON.stringify(process.execPath)}, "${DOUBLES}/acp-agent.mjs", "--signed-out"]`;
    acp();
    const path = join(shell.root, '../home/.config/whaleflow/config.toml');
    const text = readFileSync(path, 'utf8').replace(/^command = .*$/m, argv);
    shell.configure(text);
    const { exit, out } = shell.whaleflow('agents', 'test', 'coder', '--plain');
    expect(exit).toBe(4);
    expect(out).toContain('Authentication required; its ways to sign in: key (A key)');
  });

  test('a program that is not there, or does not speak the protocol', () => {
    const missing = shell.whaleflow('agents', 'test', 'codex');
    expect(missing.exit).toBe(4);
    expect(missing.out).toContain('codex is not on the path: install it');
    acp();
    const path = join(shell.root, '../home/.config/whaleflow/config.toml');
    const text = readFileSync(path, 'utf8').replace(
      /^command = .*$/m,
      'command = ["echo", "hello"]',
    );
    shell.configure(text);
    expect(shell.whaleflow('agents', 'test', 'coder').exit).toBe(4);
    expect(shell.whaleflow('agents', 'test', 'nobody').err).toContain('WF3011');
  });
});

test('without a sandbox nothing starts until somebody has accepted the program', () => {
  const { exit, err } = shell.whaleflow('run', 'mend.json', '-y', '--sandbox', 'off');
  expect(exit).toBe(5);
  expect(err).toContain('exec-agent.mjs');
  expect(err).toContain('--allow');
});

test('an agent that nobody has configured ends before anything starts', () => {
  shell.configure('[features]\nexternal_agents = true\n');
  const { exit, err } = shell.whaleflow('run', 'mend.json', '-y', ...OFF);
  expect(exit).toBe(4);
  expect(err).toContain('error[WF3011]: no agent `coder` is configured');
  expect(err).toContain('--agent coder=AGENT');
  const other = shell.whaleflow('run', 'mend.json', '-y', ...OFF, '--agent', 'coder=codex');
  expect(other.exit).toBe(4);
  expect(other.err).toContain('error[WF3012]: codex is not installed');
});

test('what nobody can price is not started under a ceiling of money', () => {
  shell.configure(config().replace('included', 'unknown'));
  const { exit, err } = shell.whaleflow('run', 'mend.json', '-y', ...OFF);
  expect(exit).toBe(4);
  expect(err).toContain('error[WF4003]: nobody can say what the agent coder costs');
  const allowed = ['run', 'mend.json', '-y', ...OFF, '--allow-unknown-cost'];
  expect(shell.whaleflow(...allowed).exit).toBe(0);
});

test('a repository names no programs', () => {
  shell.write('.whaleflow/config.toml', '[agents.coder]\ncommand = ["evil"]\n');
  expect(shell.whaleflow('trust', '-y').exit).toBe(0);
  const { err, out } = shell.whaleflow('agents', 'ls');
  expect(err).toContain('a repository may not name programs to run (agent coder)');
  expect(out).not.toContain('evil');
});

test('another agent is asked under the same name for one run, and a fork asks it again', () => {
  const path = join(shell.root, '../home/.config/whaleflow/config.toml');
  const more = readFileSync(path, 'utf8').replace('[agents.coder]', '[agents.second]');
  shell.configure(more);
  const words = ['-y', ...OFF];
  expect(shell.whaleflow('run', 'mend.json', ...words, '--agent', 'coder=second').exit).toBe(0);
  const shown = shell.json('show', '@last', '--json') as Shown;
  expect(shown.state).toBe('succeeded');
  // All of it is answered from the record: the same agent by the same name is the same work.
  const fork = shell.whaleflow('fork', '@last', '-y');
  expect(fork.err + fork.out).toContain('1 reused');
});
