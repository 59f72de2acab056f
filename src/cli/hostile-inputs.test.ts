/** Files beside workflows that mean harm: each ends a command at once, with one plain code. */
import { expect, test } from 'vitest';
import { cpuWatch } from '../../test/cpu-watch.ts';
import { pickFiles, testHost } from './test-host.ts';

const MAX_MS = 2000;
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const many = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

const RUN = ['run', 'pick.yaml', '--mock', '-y', '-q'];

const GIVE = ['run', 'any.yaml', '--mock', '-y', '-q', '-a'];
const ANY = `id: any
goal: take anything
params: {type: object, properties: {x: {}}}
nodes:
  - {id: a, kind: leaf, task: {type: model, prompt: "{{params.x}}"}}
`;

test.each<[name: string, file: string, text: string, words: readonly string[], code: string]>([
  ['settings, nested', 'config.toml', `a = ${deep(100_000)}`, ['config', 'ls'], 'WF2007'],
  ['settings without end', 'config.toml', 'a = 1\n'.repeat(400_000), ['config', 'ls'], 'WF2007'],
  ['settings of many keys', 'config.toml', many(8_000, (at) => `k${at}=1`), ['config', 'ls'], ''],
  ['settings that reach a prototype', 'config.toml', '[__proto__]\nx = 1\n', ['config', 'ls'], ''],
  [
    'arguments, nested',
    'a.json',
    `{"a": ${deep(100_000)}}`,
    [...RUN, '--args', 'a.json'],
    'WF2002',
  ],
  [
    'arguments without end',
    'a.json',
    ' '.repeat(3_000_000),
    [...RUN, '--args', 'a.json'],
    'WF2002',
  ],
  ['an argument, nested', 'a.json', '{}', [...GIVE, `x=${deep(50_000)}`], 'WF1208'],
  ['a trace, nested', 'a.json', deep(100_000), ['verify', 'a.json'], 'WF5003'],
  ['a trace of one text', 'a.json', '"x"', ['verify', 'a.json'], 'WF5003'],
])('%s', async (_name, file, text, words, code) => {
  const place = file === 'config.toml' ? '.config/whaleflow/config.toml' : file;
  using host = testHost({ files: { ...pickFiles, 'any.yaml': ANY, [place]: text } });
  const spentMs = cpuWatch();
  const { exit, err } = await host.run(...words);
  expect(spentMs()).toBeLessThan(MAX_MS);
  if (code === '') expect(exit).toBe(0);
  else expect(err).toContain(`error[${code}]`);
  expect(err).not.toMatch(/RangeError|Maximum call stack|WF9001/);
});
