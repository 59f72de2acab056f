/** Values of secret-looking variables reach neither the store, nor a screen, nor the live view. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell } from './shell.ts';

const SECRET = 'hunter2-hunter2-hunter2';
const workflow = JSON.stringify({
  id: 'leak',
  goal: 'Print a secret',
  permissions: { shell: true, commands: ['*'], env: ['API_TOKEN'] },
  nodes: [
    {
      kind: 'leaf',
      id: 'say',
      task: { type: 'command', argv: 'echo "it is $API_TOKEN" && echo "$API_TOKEN" >&2' },
    },
  ],
});

test('a command that prints a secret leaves its name behind, not its value', () => {
  using shell = openShell({ 'leak.json': workflow });
  shell.env['API_TOKEN'] = SECRET;
  const given = ['--allow-env', 'API_TOKEN'];
  const said = shell.whaleflow('run', 'leak.json', '--yes', '--allow', '*', ...given);
  expect(said.exit).toBe(0);
  const shown = shell.whaleflow('show', '@last/say');
  expect(shown.out).toContain('REDACTED');
  for (const text of [
    said.out,
    said.err,
    shown.out,
    shell.whaleflow('logs', '@last', '--json').out,
  ]) {
    expect(text).not.toContain(SECRET);
  }
  const state = join(shell.root, '.whaleflow', 'state');
  const files = readdirSync(state, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    expect(bytes.includes(SECRET), file.name).toBe(false);
  }
  expect(shell.whaleflow('replay', '@last').exit).toBe(0);
});

test('a key of a provider reaches no command, and no record, in a run that asks no model either', () => {
  using shell = openShell({ 'leak.json': workflow.replaceAll('API_TOKEN', 'LAB_CREDENTIAL') });
  shell.env['LAB_CREDENTIAL'] = SECRET;
  const provider = ['dialect = "openai"', 'base_url = "http://127.0.0.1:9/v1"'];
  const lines = ['[providers.lab]', ...provider, 'api_key_env = "LAB_CREDENTIAL"'];
  shell.configure(lines.join('\n'));
  expect(shell.whaleflow('run', 'leak.json', '--yes', '--allow', '*').exit).toBe(0);
  const { out } = shell.whaleflow('show', '@last/say', '--full');
  expect(out).not.toContain(SECRET);
  // What stands in the record by another way is concealed too.
  shell.write('said.txt', SECRET);
  shell.write('cat.json', workflow.replace(/echo [^&]+&&[^,}]+"/, 'cat said.txt"'));
  const given = ['--allow-env', 'API_TOKEN'];
  expect(shell.whaleflow('run', 'cat.json', '--yes', '--allow', '*', ...given).exit).toBe(0);
  expect(shell.whaleflow('logs', '@last', '--json').out).not.toContain(SECRET);
  expect(shell.whaleflow('show', '@last/say', '--full').out).toContain('[REDACTED:LAB_CREDENTIAL]');
});
