/**
 * A driver that is killed in the middle of an agent leaf, by the real command line: what was answered is not
 * asked again, what was done is not done again, and the patch is that of a run that nobody killed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ScriptedTurn } from '../../src/model/scripted-server/dialect.ts';
import { type ModelServer, startModelServer } from './server-process.ts';
import { openShell, type Said, type Shell, until } from './shell.ts';
import { wholeLines } from './whole-lines.ts';

const files = {
  'src/add.mjs': 'export const add = (a, b) => a - b;\n',
  'check.mjs': [
    "import { add } from './src/add.mjs';",
    'process.exit(add(2, 3) === 5 ? 0 : 1);',
  ].join('\n'),
  // Says that it has begun, and waits to be let go.
  'gate.mjs': [
    "import { appendFileSync, existsSync, writeFileSync } from 'node:fs';",
    'const [name, folder] = process.argv.slice(2);',
    'appendFileSync(folder + "/gates", name + "\\n");',
    'const look = () => {',
    "  const isOpen = existsSync(folder + '/open-' + name);",
    "  if (isOpen) writeFileSync('passed-' + name + '.txt', 'passed\\n');",
    '  else setTimeout(look, 20);',
    '};',
    'look();',
  ].join('\n'),
  'fix.json': JSON.stringify({
    id: 'fix',
    goal: 'Mend add',
    permissions: { write: true, shell: true, commands: ['node *'] },
    nodes: [
      {
        kind: 'leaf',
        id: 'mend',
        mode: 'read_write',
        task: { type: 'agent', prompt: 'Mend add.', agentType: 'implementer' },
      },
    ],
  }),
};

const usage = { uncached: 1000, cacheRead: 500, output: 100 };
const calls = (...toolCalls: NonNullable<ScriptedTurn['toolCalls']>): ScriptedTurn => ({
  toolCalls,
  usage,
});
const run = (command: string) => ({ name: 'run_command', input: { command } });
const edit = (old: string, fresh: string) => ({
  name: 'edit_file',
  input: { path: 'src/add.mjs', old, new: fresh },
});

let shell: Shell;
let server: ModelServer;
let folder = '';
beforeEach(async () => {
  shell = openShell(files);
  folder = join(shell.root, '..');
  server = await startModelServer(folder, { big: script() });
  const lines = [
    '[roles]\ndefault = "lab:big"',
    `[providers.lab]\ndialect = "openai"\nbase_url = "${server.url}/v1"\napi_key_env = "LAB_CREDENTIAL"`,
    '[prices."lab:big"]\ninput = 1\noutput = 4\ncache_read = 0.1',
  ];
  shell.configure(lines.join('\n'));
  shell.env['LAB_CREDENTIAL'] = 'sk-lab';
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  shell[Symbol.dispose]();
});

function script(): readonly ScriptedTurn[] {
  return [
    calls({ name: 'read_file', input: { path: 'src/add.mjs' } }, edit('a - b', 'b + a')),
    calls(run(`node gate.mjs one ${folder}`), run('node check.mjs')),
    calls(edit('b + a', 'a + b')),
    calls(run(`node gate.mjs two ${folder}`)),
    calls({ name: 'finish', input: { status: 'succeeded', summary: 'Mended.' } }),
  ];
}

const gates = (): readonly string[] => wholeLines(join(folder, 'gates'));
const asked = (): number => server.asked().length;
const openGate = (name: string): void => writeFileSync(join(folder, `open-${name}`), '');

/** Starts it, and kills its driver once a gate has been reached so many times. */
async function killAt(gate: string, times: number, begin: () => Said): Promise<string> {
  const said = begin();
  expect(said.exit, said.err).toBe(0);
  const [run = ''] = said.out.trim().split('\n');
  const reached = () => gates().filter((line) => line === gate).length >= times;
  await until(reached);
  process.kill(shell.driverOf(run), 'SIGKILL');
  return run;
}

const start = (): Said => shell.whaleflow('run', 'fix.json', '--yes', '--allow', 'node *', '-d');

/** What a run that nobody kills hands over. */
function wholePatch(): string {
  openGate('one');
  openGate('two');
  const said = shell.whaleflow('run', 'fix.json', '--yes', '--allow', 'node *');
  expect(said.exit, said.err).toBe(0);
  return shell.whaleflow('diff', '@last').out;
}

test('killed between two tool calls and again later, it goes on: 5 requests in all, and the same patch', async () => {
  const run = await killAt('one', 1, start);
  expect(asked()).toBe(2);
  const again = await killAt('one', 2, () => shell.whaleflow('resume', run, '--yes', '-d'));
  expect(again).toBe(run);
  openGate('one');
  const twice = shell.whaleflow('resume', run, '--yes', '-d');
  expect(twice.err).toContain('goes on after 2 model calls and 2 tool calls');
  expect(twice.err).toMatch(/kept of it: \$0\.00\d/);
  await until(() => gates().includes('two'));
  openGate('two');
  expect(shell.whaleflow('wait', run).exit).toBe(0);
  expect(asked()).toBe(5);
  const events = shell.events(run);
  const continued = events.filter(({ type }) => type === 'leaf.continued');
  expect(continued).toMatchObject([
    { attempt: 2, calls: 2, tools: 2 },
    { attempt: 3, calls: 2, tools: 2 },
  ]);
  const tools = events.filter(({ type }) => type === 'tool.called');
  expect(
    tools.map(({ tool, maybeRepeated }) => `${tool}${maybeRepeated === true ? ' again' : ''}`),
  ).toEqual([
    'read_file',
    'edit_file',
    'run_command again',
    'run_command again',
    'edit_file',
    'run_command',
  ]);
  const shown = shell.whaleflow('show', `${run}/mend`);
  expect(shown.out).toContain('goes on after 2 model calls and 2 tool calls of the record');
  expect(shell.json('ls', '--json')).toMatchObject({
    runs: [{ cost_microusd: 5 * 1450, cost_status: 'exact' }],
  });
  expect(shell.whaleflow('replay', run).exit).toBe(0);
  expect(asked()).toBe(5);
  const patch = shell.whaleflow('diff', run).out;
  expect(patch).toContain('+export const add = (a, b) => a + b;');
  expect(patch).toBe(wholePatch());
});

test('its files from the middle are gone with their refs: it begins anew, and says why', async () => {
  const run = await killAt('one', 1, start);
  const refs = shell.git('for-each-ref', '--format=%(refname) %(subject)').split('\n');
  const kept = refs
    .filter((line) => line.endsWith(' kept'))
    .map((line) => line.split(' ')[0] ?? '');
  expect(kept).toHaveLength(1);
  for (const ref of kept) shell.git('update-ref', '-d', ref);
  shell.git('gc', '--prune=now', '--quiet');
  openGate('one');
  openGate('two');
  const resumed = shell.whaleflow('resume', run, '--yes');
  expect(resumed.exit, resumed.err).toBe(0);
  expect(shell.events(run)).toContainEqual(
    expect.objectContaining({
      type: 'leaf.continued',
      calls: 0,
      dropped: expect.objectContaining({ calls: 2, tools: 2 }),
    }),
  );
  expect(shell.whaleflow('logs', run).out).toContain('begins anew');
  expect(asked()).toBe(2 + 5);
  expect(shell.whaleflow('diff', run).out).toBe(wholePatch());
});
