/** Every error that a person meets says what to do next. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testHost } from './test-host.ts';

const root = join(import.meta.dirname, '..', '..');
const START = 'new WhaleFlowError(';
/** What is shown with its problems, each with help of its own. */
const WITH_PROBLEMS = /\bdiagnostics\b/;
/** Its message says what the words ought to be; `print-error.ts` adds how the command is typed. */
const USAGE = "'WF2002'";

interface Call {
  readonly place: string;
  readonly text: string;
}

/** The calls that make errors, from the name to the bracket that closes it. */
function callsIn(file: string): readonly Call[] {
  const text = readFileSync(join(root, file), 'utf8');
  const calls: Call[] = [];
  for (let at = text.indexOf(START); at >= 0; at = text.indexOf(START, at + 1)) {
    const line = text.slice(0, at).split('\n').length;
    calls.push({ place: `${file}:${line}`, text: text.slice(at, endOf(text, at)) });
  }
  return calls;
}

/** Formatted code: the call ends where a line of its own indent closes it, or on the line itself. */
function endOf(text: string, at: number): number {
  const begin = text.lastIndexOf('\n', at) + 1;
  const indent = /^ */.exec(text.slice(begin))?.[0] ?? '';
  const end = text.indexOf('\n', at);
  if (/\)[;,)]*$/.test(text.slice(at, end)) && !text.slice(at, end).endsWith('({')) return end;
  const close = text.indexOf(`\n${indent}}`, at);
  const other = text.indexOf(`\n${indent})`, at);
  return Math.min(...[close, other].filter((one) => one >= 0));
}

const files = globSync('src/{cli,workbench}/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .toSorted();

test('errors of commands and of the workbench have hints; those of usage get the help of their command', () => {
  const calls = files.flatMap(callsIn);
  expect(calls.length).toBeGreaterThan(150);
  const without = calls.filter(
    ({ text }) => !/\bhint\b/.test(text) && !WITH_PROBLEMS.test(text) && !text.includes(USAGE),
  );
  expect(without.map(({ place, text }) => `${place} ${text}`)).toEqual([]);
});

test('a hint that nobody wrote is the help of the command, or what the code means', async () => {
  using host = testHost();
  const usage = await host.run('providers', 'ls', 'more');
  expect([usage.exit, usage.err]).toEqual([
    2,
    expect.stringContaining('help: how it is typed: whaleflow providers --help'),
  ]);
  const json = await host.run('providers', 'ls', 'more', '--json');
  expect(JSON.parse(json.err).error.help).toEqual(['how it is typed: whaleflow providers --help']);
  const other = await host.run('starlark', 'nothing.star');
  expect(other.err).toMatch(/\nhelp: /);
});
