/** Runs of two repositories share the commands that one machine is to run at once. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell, type Shell } from './shell.ts';

const COMMANDS = 6;

let folder: string;
let shells: readonly Shell[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whaleflow-slots-'));
  shells = [openShell({ 'many.json': many() }), openShell({ 'many.json': many() })];
  for (const { env } of shells) {
    env['XDG_CACHE_HOME'] = join(folder, 'cache');
    env['WHALEFLOW_CONCURRENCY_COMMAND'] = '4';
    env['WHALEFLOW_CONCURRENCY_MACHINE'] = '2';
  }
});
afterEach(() => {
  for (const shell of shells) shell[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function many(): string {
  const log = join(folder, 'log');
  const script = `echo + >> ${log}; sleep 0.1; echo - >> ${log}`;
  return JSON.stringify({
    id: 'many',
    goal: 'More commands than places',
    permissions: { shell: true, commands: ['sh *'] },
    nodes: [
      {
        kind: 'branch_set',
        id: 'all',
        children: Array.from({ length: COMMANDS }, (_, index) => ({
          kind: 'leaf',
          id: `c${index}`,
          task: { type: 'command', purpose: 'test', argv: ['sh', '-c', script] },
        })),
      },
    ],
  });
}

test('two runs of two repositories never have more commands at once than the machine has places', () => {
  for (const shell of shells) {
    expect(shell.whaleflow('run', 'many.json', '-d', '-y', '--allow', 'sh *').exit).toBe(0);
  }
  for (const shell of shells) expect(shell.whaleflow('wait', '@last').exit).toBe(0);
  const signs = readFileSync(join(folder, 'log'), 'utf8').replaceAll('\n', '');
  let [now, most] = [0, 0];
  for (const sign of signs) {
    now += sign === '+' ? 1 : -1;
    most = Math.max(most, now);
  }
  expect(signs).toHaveLength(2 * 2 * COMMANDS);
  expect(most).toBe(2);
});
