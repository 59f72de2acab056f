/** Nothing that came from outside reaches the terminal as more than text. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText, hostileTexts, UNSAFE } from '../../test/arbitrary/hostile-texts.ts';
import { pickFiles, type Screen, type TestHost, testHost } from './test-host.ts';

/** All of the corpus in one text. */
const EVERYTHING = hostileTexts.join(' ');
/** One line of the worst, for what is short. */
const EVIL = 'a\x1b]0;pwn\x07b\x1b[31mc\x9b2Jd\re\bf\u202eg\u200bh\u{e0041}i\ud800j';
/** What no file name or argument of a process may hold is left out of it. */
const NAME = EVIL.replaceAll('\ud800', '');

const leaf = (id: string, more: object = {}): object => ({
  id,
  kind: 'leaf',
  label: EVIL,
  task: { type: 'model', prompt: `Say ${EVERYTHING.toWellFormed()}` },
  ...more,
});

const workflow = {
  id: 'hostile',
  goal: EVIL.toWellFormed(),
  description: EVIL.toWellFormed(),
  params: { type: 'object', properties: { who: { type: 'string' } } },
  permissions: { shell: true, commands: ['*'] },
  nodes: [
    leaf('plan'),
    leaf('sh', { task: { type: 'command', argv: ['printf', EVIL.toWellFormed()] } }),
    leaf('find', { task: { type: 'search', query: EVIL.toWellFormed() } }),
    {
      id: 'tries',
      kind: 'branch_set',
      label: EVIL.toWellFormed(),
      children: [leaf('small'), leaf('large')],
    },
    { id: 'ok', kind: 'approve', message: EVIL.toWellFormed() },
  ],
};

const fixture = [
  { path: 'plan', answer: EVERYTHING },
  { path: 'sh', exit: 0, stdout: EVERYTHING },
  { path: 'find', matches: [{ path: NAME, line: 1, column: 1, text: EVERYTHING }] },
  { path: 'tries/small', json: { [EVIL]: EVERYTHING } },
  { path: 'tries/large', fail: { kind: 'provider', message: EVERYTHING } },
  { path: EVIL, answer: 'never' },
];

const STAR = `print(${JSON.stringify(NAME)})\nworkflow("w", "g", [ask("a", ${JSON.stringify(NAME)})])\n`;
const BROKEN = `x = "${NAME.replaceAll('\r', '')}" + nope\ny = ${NAME}\n`;

const files = {
  ...pickFiles,
  'hostile.json': JSON.stringify(workflow).replaceAll('\\ud800', 'x'),
  'fixture.yaml': JSON.stringify(fixture),
  'w.star': STAR,
  'broken.star': BROKEN,
  'broken.yaml': `id: ${NAME}\n${NAME}: ]\n`,
  [`${NAME}.star`]: STAR,
  'run.star': `print(${JSON.stringify(NAME)})\nfail(${JSON.stringify(NAME)})\n`,
  '.whaleflow/config.toml': `"${'k\\u001b[2J\\u202e'}" = "v\\u009b2J"\n[ceilings]\nmax_usd = "x\\u0007"\n`,
  '.whaleflow/workflows/saved.yaml': pickFiles['pick.yaml'] ?? '',
};

/**
 * Every command over a run that is full of the corpus, and each with words that are hostile themselves;
 * that none is missing is a test of the architecture.
 */
const lines: readonly (readonly string[])[] = [
  ['check', 'hostile.json', 'w.star', 'broken.star', 'broken.yaml', `${NAME}.star`],
  ['plan', 'hostile.json'],
  ['plan', 'hostile.json', '--format', 'mermaid'],
  ['plan', 'hostile.json', '--format', 'dot'],
  ['plan', 'w.star', '-v'],
  ['run', 'hostile.json', '--mock=fixture.yaml', '-y', '--name', NAME, '-a', `who=${NAME}`],
  ['run', 'hostile.json', '--mock', '-y', '-a', NAME],
  ['run', 'hostile.json', '--dry-run'],
  ['run', NAME],
  ['run', 'w.star', '--mock', '-y', '-v', '--debug'],
  ['run', 'broken.star', '--debug'],
  ['run', 'pick.yaml', `--mock=${NAME}`],
  ['ls'],
  ['ls', '--all', '--plain'],
  ['ls', '--workflow', NAME],
  ['status'],
  ['watch', NAME],
  ['wait', NAME, '--timeout', '1s'],
  ['show', NAME, '--tree', '--full'],
  ['show', `${NAME}/plan`, '--full'],
  ['show', `${NAME}/sh`, '--full'],
  ['show', `${NAME}/find`, '--full'],
  ['show', `${NAME}/tries/small`],
  ['show', `${NAME}/tries/large`],
  ['show', `@last/${NAME}`],
  ['logs', NAME, '--level', 'debug'],
  ['logs', NAME, '--level', NAME],
  ['logs', NAME, '--since', NAME],
  ['approvals'],
  ['approve', NAME, '--reason', NAME, '--always'],
  ['deny', `${NAME}/${NAME}`, '--reason', NAME],
  ['logs', NAME],
  ['pause', NAME],
  ['resume', NAME, '-y'],
  ['budget', NAME, '--max-usd', NAME],
  ['skip', `${NAME}/plan`],
  ['retry', `${NAME}/tries/large`, '-y'],
  ['fork', NAME, '--dry-run', '--name', NAME],
  ['fork', NAME, NAME],
  ['fork', NAME, '--at', NAME],
  ['cancel', NAME],
  ['replay', NAME],
  ['diff', NAME],
  ['diff', `${NAME}/${NAME}`, '--stat'],
  ['diff', `${NAME}/tries`, '--name-only'],
  ['apply', NAME, '--check'],
  ['apply', `${NAME}/${NAME}`, '--to-branch', NAME],
  ['apply', NAME, '--commit', '-m', NAME],
  ['undo', NAME],
  ['export', NAME],
  ['export', NAME, '-o', `out${NAME}.json`],
  ['export', NAME, '--format', NAME],
  ['verify', NAME],
  ['verify', `out${NAME}.json`],
  ['test', 'hostile.json', '--fixture', 'fixture.yaml', '--ran', NAME, '--winner', `${NAME}=x`],
  ['fmt', 'w.star', '--diff'],
  ['fmt', 'broken.star', '--repair'],
  ['fmt', NAME],
  ['starlark', 'run.star'],
  ['starlark', `${NAME}.star`],
  ['docs', 'builtins'],
  ['docs', NAME],
  ['schema', 'workflow'],
  ['schema', NAME],
  ['explain', NAME],
  ['explain', 'WF1001'],
  ['config', 'ls', '--show-origin'],
  ['config', NAME],
  ['config', 'get', NAME],
  ['config', 'set', NAME, NAME],
  ['config', 'set', `roles.${NAME}`, NAME],
  ['config', 'edit', NAME],
  ['init', '--model', NAME],
  ['init'],
  ['workflows'],
  ['workflows', 'show', NAME],
  ['workflows', 'save', `${NAME}.star`, NAME],
  ['workflows', 'save', NAME],
  ['workflows', 'rm', NAME],
  ['workflows', NAME],
  ['providers', 'ls'],
  ['providers', NAME],
  ['agents', 'ls'],
  ['agents', NAME],
  ['agents', 'test', NAME],
  ['mcp', 'ls'],
  ['mcp', 'test', NAME],
  ['providers', 'test', NAME],
  ['providers', 'add', NAME, '--base-url', NAME, '--model', NAME],
  ['config', '--set', `${NAME}=${NAME}`],
  ['trust', NAME],
  ['trust'],
  ['config', 'ls'],
  ['doctor'],
  ['recover'],
  ['version'],
  ['help', NAME],
  ['demo', NAME],
  [NAME],
  ['ls', `--${NAME}`],
  ['ls', '--color', NAME],
  ['ls', '-C', NAME],
  ['pin', NAME],
  ['rm', NAME],
  ['rm', '@last', '-y'],
];

/** Everything that the commands say, as one text a command. */
async function sweep(host: TestHost, more: readonly string[]): Promise<readonly string[]> {
  const said: string[] = [];
  for (const words of lines) {
    const { out, err }: Screen = await host.run(...words, ...more);
    said.push(`${words.join(' ')}\n`.replace(/[^ -~]/g, '?'), out, err);
  }
  return said;
}

const LIVE = ['\\[\\?25[lh]', '\\[\\d+A\\r', '\\[J', '\\[K', '\\[(?:1|2|22|31|32|33|36|39)m'];
/** What the live view and colours are made of: the only sequences that are ours. */
const OURS = new RegExp(LIVE.map((sequence) => `\\x1b${sequence}`).join('|'), 'g');

test('in a pipe no command lets anything through', async () => {
  using host = testHost({ files });
  const said = await sweep(host, []);
  for (const text of said) expect(text).not.toMatch(UNSAFE);
  expect(said.join('')).toContain('\\x1b]0;pwn\\x07');
});

test('in JSON neither', async () => {
  using host = testHost({ files });
  for (const text of await sweep(host, ['--json'])) expect(text).not.toMatch(UNSAFE);
});

test('on a terminal only our own sequences', async () => {
  using host = testHost({ files, terminal: { columns: 100, rows: 30 } });
  const said = await sweep(host, ['--no-input']);
  expect(said.join('')).toMatch(OURS);
  for (const text of said)
    expect(text.replaceAll(OURS, '').replaceAll('\r', '')).not.toMatch(UNSAFE);
});

test('any text at all, as answer, failure, name and argument', async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, hostileText, hostileText, async (answer, message, name) => {
      const rules = [
        { path: 'plan', answer },
        { path: 'attempts/small', json: { score: 0.9 } },
        { path: 'attempts/large', fail: { kind: 'refused', message } },
      ];
      using host = testHost({ files: { ...pickFiles, 'evil.yaml': JSON.stringify(rules) } });
      const named = name.replaceAll('\0', '');
      const screens = [
        await host.run('run', 'pick.yaml', '--mock=evil.yaml', '-y', '--name', named),
        await host.run('ls'),
        await host.run('show', '--full'),
        await host.run('show', '@last/plan', '--full'),
        await host.run('show', '@last/attempts/large'),
        await host.run('logs', '--level', 'debug'),
        await host.run('show', '@last/plan', '--json'),
        await host.run('show', named),
        await host.run(named),
        await host.run('run', 'pick.yaml', '-y', '-a', named),
      ];
      for (const { out, err } of screens) {
        expect(out).not.toMatch(UNSAFE);
        expect(err).not.toMatch(UNSAFE);
      }
    }),
    { numRuns: process.env['WHALEFLOW_SOAK'] === '1' ? 500 : 15 },
  );
});
