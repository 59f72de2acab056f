/** Pages of help fit the terminal; only lines that are to be typed are longer where they have to be. */
import { expect, test } from 'vitest';
import { commands as all } from './commands.ts';
import { helpTopics } from './help-topics.ts';
import { testHost } from './test-host.ts';
import { widthOf } from './width.ts';

/** What is on from the beginning. */
const commands = all.filter(({ feature }) => feature === undefined);

const pages = [
  ['--help'],
  ['help'],
  ...Object.keys(helpTopics).map((topic) => ['help', topic]),
  ...commands.flatMap(({ name }) => [
    ['help', name],
    [name, '-h'],
    [name, '--help'],
  ]),
];

test.each([60, 80, 100, 200])('at %i columns', async (columns) => {
  using host = testHost({ terminal: { columns, rows: 30 } });
  const most = Math.min(columns, 100);
  for (const words of pages) {
    const { exit, out } = await host.run(...words);
    expect(exit, words.join(' ')).toBe(0);
    const long = out
      .split('\n')
      .filter((line) => widthOf(line) > most && !/^ {2}(?:whaleflow|-)/.test(line));
    expect(long, words.join(' ')).toEqual([]);
    expect(out.split('\n').filter((line) => / $/.test(line))).toEqual([]);
  }
});

test('examples come before options, and fit 80 columns as they are typed', async () => {
  using host = testHost({ terminal: { columns: 80, rows: 30 } });
  for (const { name } of commands) {
    const { out } = await host.run(name, '--help');
    const lines = out.split('\n');
    const [examples, options] = [lines.indexOf('EXAMPLES'), lines.indexOf('OPTIONS')];
    expect(options < 0 || examples < options, name).toBe(true);
    expect(lines.filter((line) => widthOf(line) > 80)).toEqual([]);
  }
});
