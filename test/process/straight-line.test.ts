/** The straight line of the product, by its own workflow: run, replay, export, edit, replay, fork. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, type Shell } from './shell.ts';

const root = join(import.meta.dirname, '..', '..');
const name = 'workflows/rlm_cache_change.star';
const source = readFileSync(join(root, name), 'utf8');
const schema = JSON.parse(
  readFileSync(join(root, 'schemas', 'run-trace.schema.json'), 'utf8'),
) as object;

let shell: Shell;
let before: string;
let run: string;

beforeAll(() => {
  shell = openShell({ [name]: source });
  before = shell.fingerprint();
  run = (shell.json('run', name, '--mock', '--yes', '--json') as { run: string }).run;
});
afterAll(() => shell[Symbol.dispose]());

test('it succeeds without touching the world', () => {
  expect(shell.whaleflow('wait', run).exit).toBe(0);
  expect(shell.fingerprint()).toBe(before);
});

test('replay says identical, with no provider call and no process', () => {
  const { exit, out } = shell.whaleflow('replay', run);
  expect(exit).toBe(0);
  expect(out).toContain('identical');
  expect(out).toContain('0 provider calls, 0 processes');
});

test('the exported run trace fits the published schema', () => {
  const { exit, out } = shell.whaleflow('export', 'run', run, '--format', 'json');
  expect(exit).toBe(0);
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  expect(validate(JSON.parse(out)), JSON.stringify(validate.errors)).toBe(true);
});

test('after an edit of one prompt replay names node and field, and a fork runs the changed cone', () => {
  shell.write(name, source.replace('Change nothing. Say what', 'Change nothing! Say what'));
  const replayed = shell.whaleflow('replay', run);
  expect(replayed.exit).toBe(3);
  expect(replayed.out + replayed.err).toMatch(/explore\/architecture/);
  expect(replayed.out + replayed.err).toMatch(/task\.prompt/);
  expect(shell.whaleflow('replay', run, '--recorded').exit).toBe(0);

  const forked = (shell.json('fork', run, name, '--yes', '--json') as { run: string }).run;
  shell.whaleflow('wait', forked);
  const lines = shell.whaleflow('logs', forked, '--json').out.trim().split('\n');
  const events = lines.map(
    (line) => JSON.parse(line) as { type: string; path: string; from?: object },
  );
  const ends = events.filter((event) => event.type === 'leaf.finished');
  const live = ends.filter(({ from }) => from === undefined).map(({ path }) => path);
  expect(live.sort()).toEqual([
    'work/explore/architecture',
    'work/lessons/$teacher',
    'work/repair[1]/repair-patch',
    'work/report/$reduce',
  ]);
  expect(ends.length - live.length).toBe(5);
});

test('the other outcome: tests that never pass', () => {
  const fixture = 'workflows/fixtures/rlm_cache_change.tests-never-pass.yaml';
  shell.write(fixture, readFileSync(join(root, fixture), 'utf8'));
  shell.write(name, source);
  const said = shell.whaleflow('run', name, `--mock=${fixture}`, '--yes');
  expect(said.exit).not.toBe(0);
  expect(shell.whaleflow('replay', '@last').exit).toBe(0);
});
