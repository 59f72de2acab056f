/** No line ends in blanks, painted or not, and one long text moves no other column. */
import { expect, test } from 'vitest';
import { lineText } from './segments.ts';
import { styleOf } from './style.ts';
import { tableText } from './table-text.ts';
import { pickFiles, testHost } from './test-host.ts';

const ESC = '\x1b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const BLANK_END = /[ \t](?:\x1b\[\d*m)*$/;
const stream = {
  isTerminal: true,
  size: () => undefined,
  write() {},
  onResize: () => ({ [Symbol.dispose]() {} }),
};
const colored = styleOf({ env: { LANG: 'C.UTF-8' }, stream, color: 'always' });

test('lines of tables and trees end where their last text ends, also in colour', () => {
  const columns = [{ title: 'NAME' }, { title: 'STATE' }, { title: 'WHY' }];
  const rows = [
    [{ text: 'a' }, { text: 'failed', paint: 'red' as const }, { text: '' }],
    [{ text: 'b' }, { text: 'ok', paint: 'green' as const }, { text: 'said so at length' }],
    [{ text: 'c', paint: 'bold' as const }, { text: '' }, { text: ' ' }],
  ];
  const lines = tableText(columns, rows, { style: colored, width: undefined, isPlain: false });
  expect(lines.filter((line) => BLANK_END.test(line))).toEqual([]);
  expect(lines[1]).toBe(`a     ${ESC}[31mfailed${ESC}[39m`);
  const line = lineText([{ text: 'a' }, { text: '  b  ', paint: 'dim' }], colored, undefined);
  expect(BLANK_END.test(line)).toBe(false);
});

test('in a pipe a long reason pushes nothing away, and no line ends in blanks', async () => {
  const long = `will not plan ${'because it is so '.repeat(20)}`.trim();
  const fixture = `- {path: plan, fail: {kind: refused, message: "${long}"}}\n`;
  using host = testHost({ files: { ...pickFiles, 'long.yaml': fixture } });
  await host.run('run', 'pick.yaml', '--mock=good.yaml', '-y');
  await host.run('run', 'pick.yaml', '--mock=long.yaml', '-y');
  for (const words of [['ls'], ['status'], ['show'], ['providers', 'ls'], ['config', 'ls']]) {
    const { out } = await host.run(...words);
    expect(out.split('\n').filter((line) => / $/.test(line))).toEqual([]);
  }
  const [, failed = '', done = ''] = (await host.run('ls')).out.split('\n');
  expect(failed).toContain(long);
  expect(done.length).toBeLessThan(60);
});
