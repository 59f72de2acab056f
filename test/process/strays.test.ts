/** What nobody catches in a real driver: what a leaf began fails the leaf, all else ends the driver, resumable. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, type Shell, until } from './shell.ts';

/**
 * Loaded into drivers before all else: to start certain commands lets something go that fails, and a
 * file that appears makes something fail that no leaf has begun.
 */
const preload = `
const { existsSync } = require('node:fs');
const { EventEmitter } = require('node:events');
const processes = require('node:child_process');
const { spawn } = processes;
const ways = {
  rejects: (error) => void Promise.reject(error),
  throws: (error) => setTimeout(() => { throw error; }, 1),
  emits: (error) => setImmediate(() => new EventEmitter().emit('error', error)),
};
processes.spawn = (...words) => {
  const way = words[1]?.[3];
  ways[way]?.(new Error('something that ' + way));
  return spawn(...words);
};
require('node:module').syncBuiltinESMExports();
const nobody = process.env.TEST_NOBODY;
if (process.argv.includes('drive') || process.argv.includes('--foreground')) {
  const look = setInterval(() => {
    if (!existsSync(nobody)) return;
    clearInterval(look);
    throw new Error('it was nobody');
  }, 10);
  look.unref();
}`;

const command = (id: string, script: string, word: string): object => ({
  kind: 'leaf',
  id,
  task: { type: 'command', purpose: 'shell', argv: ['sh', '-c', script, 'sh', word] },
});
const WAYS = ['rejects', 'throws', 'emits'];
const slow = `case "$WHALEFLOW_LEAF" in *'#1 '*) touch "$1"; sleep 30 ;; esac`;

let shell: Shell;
beforeAll(() => {
  shell = openShell();
  const outside = (name: string): string => join(shell.root, '..', name);
  writeFileSync(outside('preload.cjs'), preload);
  shell.env['NODE_OPTIONS'] = `--require=${outside('preload.cjs')}`;
  shell.env['TEST_NOBODY'] = outside('nobody');
  const all = [...WAYS.map((way) => command(way, 'sleep 30', way)), command('fine', 'true', '')];
  const strays = [{ kind: 'branch_set', id: 'all', join: 'any', children: all }];
  const nobodys = [command('quick', 'true', ''), command('slow', slow, outside('nobody'))];
  for (const [id, nodes] of Object.entries({ strays, nobodys })) {
    shell.write(`${id}.json`, JSON.stringify({ id, goal: 'Let errors go', nodes }));
  }
});
afterAll(() => shell[Symbol.dispose]());

interface Finished {
  readonly type: string;
  readonly path: string;
  readonly late?: true;
  readonly result: { readonly status: string; readonly failure?: object };
}

const newest = (): { readonly run: string; readonly state: string } =>
  (shell.json('ls', '--json') as { runs: readonly [{ run: string; state: string }] }).runs[0];

function endsOf(run: string): readonly Finished[] {
  const lines = shell.whaleflow('logs', run, '--json', '--level', 'debug').out.trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Finished);
  return events.filter(({ type }) => type === 'leaf.finished');
}

test('what a leaf began and let go of fails this leaf alone, and the run goes on', () => {
  const said = shell.whaleflow('run', 'strays.json', '--yes', '--allow', '*');
  expect(said.exit, said.err).toBe(0);
  const { run } = newest();
  const ends = new Map(endsOf(run).map((end) => [end.path, end]));
  for (const way of WAYS) {
    const message = `nobody caught an error of it: something that ${way}`;
    const failure = { kind: 'internal', message };
    expect(ends.get(`all/${way}`)).toMatchObject({ result: { status: 'failed', failure } });
    expect(ends.get(`all/${way}`)).not.toHaveProperty('late');
  }
  expect(ends.get('all/fine')?.result.status).toBe('succeeded');
  expect(shell.whaleflow('replay', run).exit).toBe(0);
});

test.each([['--foreground'], ['--detach']])(
  'what no leaf began ends the driver, with its reason, and the run goes on from its record: %s',
  async (how) => {
    const said = shell.whaleflow('run', 'nobodys.json', '--yes', '--allow', '*', how);
    const { run } = newest();
    const log = join(shell.root, '.whaleflow/state/logs', `${run}.log`);
    const told = (): string => (how === '--detach' ? readFileSync(log, 'utf8') : said.err);
    await until(() => told().includes('error[WF5006]'));
    expect(said.exit).toBe(how === '--detach' ? 0 : 9);
    expect(told()).toContain('the driver ended for an error that no leaf began: it was nobody');
    expect(told()).toContain('whaleflow resume');
    rmSync(shell.env['TEST_NOBODY'] ?? '');
    const resumed = shell.whaleflow('resume', run, '--yes');
    expect(resumed.exit, resumed.err).toBe(0);
    expect(endsOf(run).map(({ path }) => path)).toEqual(['quick', 'slow']);
    expect(shell.whaleflow('replay', run).exit).toBe(0);
  },
);
