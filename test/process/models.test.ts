/** Leaves that ask models, through the real command line and a detached driver, by a server on loopback. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from './server-process.ts';
import { openShell, type Said, type Shell, until } from './shell.ts';

const CANARY = 'sk-canary-0123456789abcdef';

const files = {
  'src/add.mjs': 'export const add = (a, b) => a - b;\n',
  'check.mjs': [
    "import { add } from './src/add.mjs';",
    'console.log(Object.values(process.env).filter((value) => value.startsWith("sk-")).length);',
    'process.exit(add(2, 3) === 5 ? 0 : 1);',
  ].join('\n'),
  'hello.json': JSON.stringify({
    id: 'hello',
    goal: 'Say hello',
    nodes: [{ kind: 'leaf', id: 'say', task: { type: 'model', prompt: 'Greet the whale.' } }],
  }),
  'typed.json': JSON.stringify({
    id: 'typed',
    goal: 'Count',
    nodes: [
      {
        kind: 'leaf',
        id: 'count',
        task: { type: 'model', prompt: 'How many whales?' },
        output: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      },
    ],
  }),
  'fix.json': JSON.stringify({
    id: 'fix',
    goal: 'Mend add',
    permissions: { write: true, shell: true, commands: ['node check.mjs'] },
    nodes: [
      {
        kind: 'leaf',
        id: 'mend',
        mode: 'read_write',
        modelPolicy: { role: 'implementer' },
        task: { type: 'agent', prompt: 'Mend add.', agentType: 'implementer' },
      },
    ],
  }),
};

const usage = { uncached: 1000, cacheRead: 500, output: 100 };
const script = {
  small: [{ text: 'Hello, whale!', usage }],
  big: [
    { toolCalls: [{ name: 'read_file', input: { path: 'src/add.mjs' } }], usage },
    {
      toolCalls: [
        { name: 'edit_file', input: { path: 'src/add.mjs', old: 'a - b', new: 'a + b' } },
      ],
      usage,
    },
    { toolCalls: [{ name: 'run_command', input: { command: 'node check.mjs' } }], usage },
    {
      toolCalls: [{ name: 'finish', input: { status: 'succeeded', summary: 'Mended.' } }],
      usage,
    },
  ],
  down: [{ fault: 'bad-key' }],
  typed: [{ text: 'There are seven.' }, { text: '```json\n{"n": 7}\n```' }],
  silly: [{ text: 'I would rather not.' }],
  slow: [{ text: 'At last.', latencyMs: 60_000, usage }],
};

let shell: Shell;
let server: ModelServer;
let folder = '';
beforeEach(async () => {
  shell = openShell(files);
  folder = join(shell.root, '..');
  server = await startModelServer(folder, script);
  configure();
  shell.env['LAB_CREDENTIAL'] = CANARY;
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  shell[Symbol.dispose]();
});

function configure(): void {
  const provider = (name: string, dialect: string): string =>
    `[providers.${name}]\ndialect = "${dialect}"\nbase_url = "${server.url}/v1"\napi_key_env = "LAB_CREDENTIAL"\n`;
  const price = (name: string): string =>
    `[prices."${name}"]\ninput = 1\noutput = 4\ncache_read = 0.1\n`;
  const names = ['small', 'down', 'typed', 'silly', 'slow'].map((model) => price(`lab:${model}`));
  shell.configure(
    [
      '[roles]\ndefault = "lab:small"\nimplementer = "other:big"\n',
      provider('lab', 'openai'),
      provider('other', 'anthropic'),
      ...names,
      price('other:big'),
    ].join('\n'),
  );
}

/** No file of the state, and nothing that was said, has the key in it. */
function expectNoKey(...said: readonly Said[]): void {
  for (const { out, err } of said) expect(out + err).not.toContain(CANARY);
  const state = join(shell.root, '.whaleflow', 'state');
  for (const file of readdirSync(state, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    expect(readFileSync(join(file.parentPath, file.name)).includes(CANARY), file.name).toBe(false);
  }
}

test('a model leaf is answered by a configured provider: its words, tokens, cost and route are there', () => {
  const said = shell.whaleflow('run', 'hello.json', '--yes');
  expect(said.exit, said.err).toBe(0);
  expect(said.out).toContain('Hello, whale!');
  expect(server.asked()).toMatchObject([{ model: 'small', dialect: 'openai-chat' }]);
  const shown = shell.whaleflow('show', '@last/say');
  expect(shown.out).toContain('lab:small');
  // 1000 × 1 + 500 × 0.1 + 100 × 4
  expect(shell.json('ls', '--json')).toMatchObject({
    runs: [{ cost_microusd: 1450, cost_status: 'exact' }],
  });
  const trace = shell.whaleflow('export', '@last', '-o', '-');
  expect(JSON.parse(trace.out)).toMatchObject({
    config: { routes: { leaf_reasoner: 'lab:small' } },
  });
  const replayed = shell.whaleflow('replay', '@last');
  expect(replayed.exit).toBe(0);
  expect(server.asked()).toHaveLength(1);
  expectNoKey(said, shown, trace, replayed);
});

test('an agent leaf reads, edits, runs a command and finishes; its patch is there, its key is not', () => {
  const said = shell.whaleflow('run', 'fix.json', '--yes', '--allow', 'node check.mjs');
  expect(said.exit, said.err).toBe(0);
  expect(server.asked().map(({ dialect, model }) => `${dialect} ${model}`)).toEqual(
    Array.from({ length: 4 }, () => 'anthropic-messages big'),
  );
  const answers = server.asked()[3]?.messages.filter(({ role }) => role === 'tool');
  expect(answers?.at(-1)?.text).toContain('exit status 0\nstdout:\n0\n');
  const shown = shell.whaleflow('show', '@last/mend');
  expect(shown.out).toContain('+export const add = (a, b) => a + b;');
  expect(shown.out).toContain('4 model calls, 3 tool calls');
  expect(shell.json('ls', '--json')).toMatchObject({
    runs: [{ cost_microusd: 4 * 1450, cost_status: 'exact' }],
  });
  expect(shell.whaleflow('replay', '@last').exit).toBe(0);
  expect(server.asked()).toHaveLength(4);
  expectNoKey(said, shown);
});

test('a key that is refused stops the run, which goes on once the key is mended; nothing is lost', () => {
  server.say({ ...script, big: [{ text: 'A plan.' }], down: [{ fault: 'bad-key' }] });
  shell.write(
    'two.json',
    JSON.stringify({
      id: 'two',
      goal: 'Two steps',
      nodes: [
        {
          kind: 'leaf',
          id: 'first',
          modelPolicy: { role: 'implementer' },
          task: { type: 'model', prompt: 'Plan it.' },
        },
        { kind: 'leaf', id: 'second', task: { type: 'model', prompt: 'Greet the whale.' } },
      ],
    }),
  );
  const stopped = shell.whaleflow('run', 'two.json', '--yes', '--model', 'leaf_reasoner=lab:down');
  expect(stopped.exit, stopped.err).toBe(4);
  expect(stopped.out).toContain('stopped after');
  expect(stopped.out).toContain('credentials: lab answered 401');
  expect(stopped.out).toContain('whaleflow resume');
  expect(server.asked().map(({ model }) => model)).toEqual(['big', 'down']);
  // Whoever goes on without mending it is told again, and may do so as often as they like.
  for (let time = 0; time < 4; time += 1) {
    expect(shell.whaleflow('resume', '@last', '--yes').exit).toBe(4);
  }
  server.say({
    ...script,
    big: [{ text: 'Never asked again.' }],
    down: [{ text: 'Hello!', usage }],
  });
  const resumed = shell.whaleflow('resume', '@last', '--yes');
  expect(resumed.exit, resumed.err).toBe(0);
  expect(resumed.out).toContain('Hello!');
  expect(server.asked().filter(({ model }) => model === 'big')).toHaveLength(1);
  expect(shell.whaleflow('replay', '@last').exit).toBe(0);
  expectNoKey(stopped, resumed);
});

test('the workflow that init writes runs at once with a model', () => {
  const said = { purpose: 'It adds.', first_steps: ['Read it.'] };
  server.say({ ...script, small: [{ text: JSON.stringify(said), usage }] });
  const init = shell.whaleflow('init', '--yes');
  expect(init.exit, init.err).toBe(0);
  const ran = shell.whaleflow('run', 'first-look', '--yes');
  expect(ran.exit, ran.err).toBe(0);
  expect(server.asked()).toHaveLength(3);
  expect(ran.out).toContain('It adds.');
});

test('an agent whose key is refused in the middle goes on with its record: nothing is asked twice', () => {
  const [look, edit, run, finish] = script['big'] ?? [];
  server.say({ ...script, big: [look ?? {}, edit ?? {}, { fault: 'bad-key' }] });
  const stopped = shell.whaleflow('run', 'fix.json', '--yes', '--allow', 'node check.mjs');
  expect(stopped.exit, stopped.err).toBe(4);
  expect(server.asked()).toHaveLength(3);
  server.say({ ...script, big: [look ?? {}, edit ?? {}, run ?? {}, finish ?? {}] });
  const resumed = shell.whaleflow('resume', '@last', '--yes');
  expect(resumed.exit, resumed.err).toBe(0);
  // The refused call again, and the one after it.
  expect(server.asked()).toHaveLength(5);
  expect(shell.whaleflow('diff', '@last').out).toContain('a + b');
  expect(shell.whaleflow('replay', '@last').exit).toBe(0);
});

test('a key that a command prints is concealed in what models say; one that it stops printing stops the run', () => {
  const secret = join(folder, 'secret');
  // Nothing else knows it: no variable holds it.
  delete shell.env['LAB_CREDENTIAL'];
  writeFileSync(secret, `${CANARY}\n`);
  const counted = join(folder, 'counted');
  const line = `echo x >> ${counted}; cat ${secret}`;
  const set = shell.whaleflow('config', 'set', 'providers.vault.api_key_cmd', line, ...vault());
  expect(set.exit, set.err).toBe(0);
  server.say({ ...script, small: [{ text: `The key is ${CANARY}.`, usage }] });
  const said = shell.whaleflow('run', 'hello.json', '--yes', '--model', 'vault:small');
  expect(said.exit, said.err).toBe(0);
  expect(said.out).toContain('The key is [REDACTED');
  expectNoKey(said, shell.whaleflow('export', '@last', '-o', '-'));
  const started = readFileSync(counted, 'utf8').length;
  // It is read before the run is made, and once more when the first call needs it.
  shell.whaleflow(
    ...['config', 'set', 'providers.vault.api_key_cmd'],
    `${line}; test $(wc -c < ${counted}) -le ${started + 2}`,
  );
  const stopped = shell.whaleflow('run', 'hello.json', '--yes', '--model', 'vault:small');
  expect(stopped.exit, stopped.err).toBe(4);
  expect(stopped.out).toContain('credentials: the key command of vault ended with status 1');
  const again = shell.whaleflow('resume', '@last', '--yes');
  expect([again.exit, again.err.includes('WF3003')]).toEqual([4, true]);
});

test('a leaf that waits for a provider says for whom, until when and why, wherever one looks', async () => {
  server.say({ ...script, small: [{ fault: 'rate-limit-absurd' }] });
  const run = shell.whaleflow('run', 'hello.json', '--yes', '-d').out.trim();
  const status = (): { readonly waits: readonly object[] } | undefined => {
    const page = shell.json('status', '--json') as { readonly active: readonly never[] };
    return page.active[0];
  };
  await until(() => (status()?.waits.length ?? 0) > 0);
  expect(status()).toMatchObject({
    waits: [
      {
        leaf: `${run}/say`,
        for: 'lab',
        until: expect.stringMatching(/^\d{4}-.*Z$/),
        why: expect.stringContaining('try 2 of 3: lab answered 429'),
      },
    ],
  });
  const said = /waits for lab until \d\d:\d\d:\d\d · try 2 of 3: lab answered 429/;
  expect(shell.whaleflow('status').out).toMatch(said);
  expect(shell.whaleflow('show', run).out).toMatch(said);
  expect(shell.whaleflow('logs', run).out).toMatch(/lab is left alone until \d\d:\d\d:\d\d/);
  expect(shell.whaleflow('cancel', run).exit).toBe(0);
});

const vault = (): readonly string[] => {
  const lab = shell.whaleflow('config', 'get', 'providers.lab.base_url').out.trim();
  const prices = ['prices.vault:small.input', '1', 'prices.vault:small.output', '4'];
  return ['providers.vault.base_url', lab, ...prices];
};

test('without a key nothing is started, and the leaf, the role and the variable are named', () => {
  delete shell.env['LAB_CREDENTIAL'];
  const said = shell.whaleflow('run', 'fix.json', '--yes', '--allow', 'node check.mjs');
  expect(said.exit).toBe(4);
  expect(said.err).toContain('WF3003');
  expect(said.err).toContain('LAB_CREDENTIAL is not set');
  expect(said.err).toContain('mend asks other:big as implementer');
  expect(existsSync(join(shell.root, '.whaleflow', 'state', 'whaleflow.db'))).toBe(false);
  expect(server.asked()).toEqual([]);
});

test('when a provider refuses the next one is asked, and the page says who answered', () => {
  const said = shell.whaleflow('run', 'hello.json', '--yes', '--model', 'lab:down,lab:small');
  expect(said.exit, said.err).toBe(0);
  expect(server.asked().map(({ model }) => model)).toEqual(['down', 'small']);
  expect(shell.whaleflow('show', '@last/say').out).toContain(
    'lab:down was asked, lab:small answered',
  );
});

test('an answer of a wrong form is mended once, in the same attempt', () => {
  const said = shell.whaleflow('run', 'typed.json', '--yes', '--model', 'lab:typed');
  expect(said.exit, said.err).toBe(0);
  expect(said.out).toContain('{"n":7}');
  const [, second] = server.asked();
  expect(server.asked()).toHaveLength(2);
  expect(second?.messages.at(-1)?.text).toContain('is not JSON');
  const silly = shell.whaleflow('run', 'typed.json', '--yes', '--model', 'lab:silly');
  expect(silly.exit).toBe(1);
  expect(shell.whaleflow('show', '@last/count').out).toContain('schema: the answer is not JSON');
});

test('a call that a killed driver was waiting for counts as spent, estimated, and is made again', async () => {
  const started = shell.whaleflow('run', 'hello.json', '--yes', '--model', 'lab:slow', '-d');
  const run = started.out.trim();
  await until(() => server.asked().length === 1);
  const driver = shell.driverOf(run);
  expect(readFileSync(`/proc/${driver}/cmdline`, 'utf8')).not.toContain(CANARY);
  process.kill(driver, 'SIGKILL');
  server.say({ ...script, slow: [{ text: 'At once.', usage }] });
  const resumed = shell.whaleflow('resume', run, '--yes');
  expect(resumed.exit, resumed.err).toBe(0);
  expect(server.asked()).toHaveLength(2);
  const { runs } = shell.json('ls', '--json') as {
    readonly runs: readonly { readonly cost_microusd: number; readonly cost_status: string }[];
  };
  expect(runs[0]?.cost_status).toBe('estimated');
  // The reservation: 8192 tokens of output at 4, and a few of input, beside the call that was answered.
  expect(runs[0]?.cost_microusd).toBeGreaterThan(4 * 8192 + 1450);
  expect(shell.whaleflow('replay', run).exit).toBe(0);
  expectNoKey(started, resumed);
});

test('a run whose provider is gone does not go on, and says which', async () => {
  const run = shell.whaleflow('run', 'hello.json', '--yes', '--model', 'lab:slow', '-d').out.trim();
  await until(() => server.asked().length === 1);
  expect(shell.whaleflow('pause', run).exit).toBe(0);
  process.kill(shell.driverOf(run), 'SIGKILL');
  shell.configure('');
  const resumed = shell.whaleflow('resume', run, '--yes');
  expect(resumed.exit).toBe(4);
  expect(resumed.err).toContain('no provider `lab` is configured');
  expect(server.asked()).toHaveLength(1);
});
