/**
 * Only the disk of the checkouts is full: whatever a leaf was at, the run stops and says so, and with room it
 * goes on; nothing that was answered is asked again.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ScriptedTurn } from '../../src/model/scripted-server/dialect.ts';
import { cli, openShell, type Shell } from './shell.ts';

const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

/** Fills the disk but for so many bytes where it is meant to, once; writes a file of its tree. */
const FILL = `
import { existsSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
const [folder, place] = process.argv.slice(2);
writeFileSync(place + '.txt', place);
const [where, free, exit] = readFileSync(folder + '/books/fill', 'utf8').split(' ');
if (where !== place || existsSync(folder + '/books/filled')) process.exit(0);
writeFileSync(folder + '/books/filled', '');
const ballast = folder + '/cache/ballast';
const file = openSync(ballast, 'w');
let size = 0;
try {
  for (;;) size += writeSync(file, Buffer.alloc(4096, 1));
} catch {}
truncateSync(ballast, Math.max(0, size - Number(free)));
process.exit(Number(exit));
`;

const usage = { uncached: 1000, output: 100 };
const calls = (...toolCalls: NonNullable<ScriptedTurn['toolCalls']>): ScriptedTurn => ({
  toolCalls,
  usage,
});

let shell: Shell;
let server: ChildProcess;
let folder = '';
beforeEach(async () => {
  shell = openShell({ 'fill.mjs': FILL });
  folder = join(shell.root, '..');
  const write = (path: string, bytes: number) => ({
    name: 'write_file',
    input: { path, text: 'x'.repeat(bytes) },
  });
  const turns = [
    calls(write('small.txt', 10_000)),
    calls({ name: 'run_command', input: { command: `node fill.mjs ${folder} agent` } }),
    calls(write('large.txt', 60_000)),
    calls({ name: 'finish', input: { status: 'succeeded', summary: 'Written.' } }),
  ];
  const leaf = (id: string, task: object) => ({ kind: 'leaf', id, mode: 'read_write', task });
  const flow = {
    id: 'flow',
    goal: 'Write much',
    permissions: { write: true, shell: true, commands: ['node *'] },
    nodes: [
      leaf('write', { type: 'agent', prompt: 'Write.', agentType: 'implementer' }),
      leaf('fill', { type: 'command', argv: ['node', 'fill.mjs', folder, 'command'] }),
    ],
  };
  shell.write('flow.json', JSON.stringify(flow));
  writeFileSync(join(folder, 'script.json'), JSON.stringify({ big: turns }));
  const program = join(import.meta.dirname, 'model-server.ts');
  server = spawn(process.execPath, [program, join(folder, 'script.json'), join(folder, 'log')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) => {
    server.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
  const home = join(folder, 'home', '.config', 'whaleflow');
  for (const made of [home, join(folder, 'cache'), join(folder, 'books')])
    mkdirSync(made, { recursive: true });
  const lines = [
    '[roles]\ndefault = "lab:big"',
    `[providers.lab]\ndialect = "openai"\nbase_url = "${url}/v1"\napi_key_env = "LAB_CREDENTIAL"`,
    '[prices."lab:big"]\ninput = 1\noutput = 4',
  ];
  writeFileSync(join(home, 'config.toml'), lines.join('\n'));
});
afterEach(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.stdin?.end();
  await ended;
  shell[Symbol.dispose]();
});

/** First on a disk that fills up, then with room. */
const script = `
mount -t tmpfs -o size=8m tmpfs "$XDG_CACHE_HOME" || exit 77
if [ "$WHERE" = run ]; then dd if=/dev/zero of="$XDG_CACHE_HOME/ballast" bs=4k 2>/dev/null; fi
"$NODE" "$CLI" run flow.json --yes --allow 'node *' >"$BOOKS/out" 2>"$BOOKS/err"
echo $? >"$BOOKS/exit"
"$NODE" "$CLI" status --json >"$BOOKS/status"
rm "$XDG_CACHE_HOME/ballast" || exit 78
if [ "$WHERE" = run ]
then "$NODE" "$CLI" run flow.json --yes --allow 'node *' >"$BOOKS/out2" 2>"$BOOKS/err2"
else "$NODE" "$CLI" resume @last --yes >"$BOOKS/out2" 2>"$BOOKS/err2"
fi
echo $? >"$BOOKS/exit2"
`;

const book = (name: string): string => readFileSync(join(folder, 'books', name), 'utf8');
const saidBy = (time: '' | '2'): string => book(`err${time}`) + book(`out${time}`);

/** How much the model had said each time that it was asked. */
const asked = (): readonly number[] =>
  readFileSync(join(folder, 'log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { messages } = JSON.parse(line) as { readonly messages: readonly { role: string }[] };
      return messages.filter(({ role }) => role === 'assistant').length;
    });

test.skipIf(!canMount).each([
  ['before anything is checked out', 'run', 0, 0],
  ['when the files of an agent are kept', 'agent', 0, 0],
  ['when a command of an agent fails', 'agent', 0, 1],
  ['when an agent writes a file', 'agent', 40_000, 0],
  ['when what a leaf has changed is taken', 'command', 0, 0],
  ['when a command fails', 'command', 0, 1],
])(
  'a disk of checkouts that is full %s',
  (_, where, free, exit) => {
    writeFileSync(join(folder, 'books', 'fill'), `${where} ${free} ${exit}`);
    const before = shell.fingerprint();
    const done = spawnSync('unshare', ['-rm', 'sh', '-c', script], {
      cwd: shell.root,
      env: {
        ...shell.env,
        LAB_CREDENTIAL: 'sk-lab',
        XDG_CACHE_HOME: join(folder, 'cache'),
        // It would take the room.
        NODE_DISABLE_COMPILE_CACHE: '1',
        BOOKS: join(folder, 'books'),
        NODE: process.execPath,
        CLI: cli,
        WHERE: where,
      },
      encoding: 'utf8',
    });
    expect(done.stderr).toBe('');
    expect(done.status).toBe(0);
    expect(book('exit').trim(), saidBy('')).toBe('9');
    expect(saidBy('')).toMatch(/disk .*full|no space left/i);
    if (where !== 'run') {
      expect(saidBy('')).toMatch(/stopped.*disk_full/);
      expect(saidBy('')).toMatch(/whaleflow resume/);
      const { needs_you } = JSON.parse(book('status')) as { readonly needs_you: unknown };
      expect(needs_you).toMatchObject([{ state: 'stopped', exit: 9 }]);
    }
    expect(book('exit2').trim(), saidBy('2')).toBe('0');
    expect(asked()).toEqual([0, 1, 2, 3]);
    expect(shell.fingerprint()).toBe(before);
    const patch = shell.whaleflow('diff', '@last').out;
    for (const name of ['small', 'large', 'agent', 'command'])
      expect(patch).toContain(`+++ b/${name}.txt`);
    expect(shell.whaleflow('replay', '@last').exit).toBe(0);
  },
  120_000,
);
