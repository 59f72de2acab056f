import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyHunks } from './apply-hunks.ts';

const NO_END = '\\ No newline at end of file';
const text = 'one\ntwo\nthree\nfour\nfive\n';
const hunk = (...rows: readonly string[]): string => ['@@ -1,3 +1,3 @@', ...rows].join('\n');

test.each([
  [
    'a line in place of another',
    hunk(' one', '-two', '+2', ' three'),
    'one\n2\nthree\nfour\nfive\n',
  ],
  ['at another line than it says', hunk(' three', '-four', '+4'), 'one\ntwo\nthree\n4\nfive\n'],
  ['without numbers', '@@\n-five\n+5', 'one\ntwo\nthree\nfour\n5\n'],
  [
    'with the head of a file',
    `--- a/x\n+++ b/x\n${hunk('-one', '+1', ' two')}`,
    '1\ntwo\nthree\nfour\nfive\n',
  ],
  [
    'an empty line of context without its space',
    '@@\n one\n+\n two\n',
    'one\n\ntwo\nthree\nfour\nfive\n',
  ],
  [
    'lines only, after the line that it names',
    '@@ -2,0 +3 @@\n+and a half',
    'one\ntwo\nand a half\nthree\nfour\nfive\n',
  ],
  ['two hunks', '@@\n-one\n+1\n@@\n-five\n+5', '1\ntwo\nthree\nfour\n5\n'],
  [
    'the end without a line break',
    '@@\n-five\n+5\n\\ No newline at end of file',
    'one\ntwo\nthree\nfour\n5',
  ],
])('%s', (_name, patch, expected) => {
  expect(applyHunks(text, patch)).toMatchObject({ text: expected });
});

test('a removed line that looks like the head of a file is one', () => {
  expect(applyHunks('-- sql\nselect\n', '@@\n--- sql\n+++ sql\n select')).toMatchObject({
    text: '++ sql\nselect\n',
  });
});

test('line ends of the file stay', () => {
  expect(applyHunks('a\r\nb\r\n', '@@\n a\n-b\n+c')).toMatchObject({ text: 'a\r\nc\r\n' });
});

test.each([
  ['kept by lines that are kept', 'a\r\nb\nc\n', '@@\n b\n-c\n+d', 'a\r\nb\nd\r\n'],
  ['those of the patch in a text that has none', '', '@@ -0,0 +1 @@\r\n+a\r\n', 'a\r\n'],
  ['given where a line follows that had none', 'a\r\nb', '@@ -2,0 +3 @@\n+c', 'a\r\nb\r\nc\r\n'],
  ['not given to a last line that is kept', 'a\nb', '@@\n+x\n b', 'a\nx\nb'],
  [
    'absent where a patch with others says so',
    'a\n',
    '@@\r\n-a\r\n+b\r\n\\ No newline at end of file\r\n',
    'b',
  ],
])('line ends are %s', (_name, before, patch, after) => {
  expect(applyHunks(before, patch)).toMatchObject({ text: after });
});

test.each([
  ['one into an empty text', '', '@@ -0,0 +1 @@\n+', '\n'],
  ['one out of a text that has no other', '\n', '@@ -1 +0,0 @@\n-', ''],
  ['one of two', '\n\n', '@@ -1,2 +1 @@\n \n-', '\n'],
  ['one in place of a line', 'a\n', '@@ -1 +1 @@\n-a\n+', '\n'],
  ['one in place of a line without its end', 'a', `@@ -1 +1 @@\n-a\n${NO_END}\n+`, '\n'],
  ['a line in place of one', '\n', `@@ -1 +1 @@\n-\n+a\n${NO_END}`, 'a'],
  ['one with the other line end', '\r\n', '@@ -1 +1,2 @@\n \r\n+\r', '\r\n\r\n'],
  ['the only one with the other line end', '\r\n', '@@ -1 +0,0 @@\n-\r', ''],
])('blank lines are lines: %s', (_name, before, patch, after) => {
  expect(applyHunks(before, patch)).toMatchObject({ text: after });
});

test('a new file is all additions', () => {
  expect(applyHunks('', '@@ -0,0 +1,2 @@\n+a\n+b')).toMatchObject({ text: 'a\nb\n' });
});

test.each([
  ['nothing to apply', 'hello', 'no hunk'],
  [
    'a line that is not there',
    hunk(' one', '-zwei', '+2'),
    'hunk 1 of 1: what it says stands there does not: no line reads "zwei"',
  ],
  ['lines that are elsewhere', hunk(' one', '-three', '+3'), 'not one after the other'],
  ['two files', `${hunk('-one', '+1')}\ndiff --git a/y b/y`, 'more than one file'],
  [
    'two files without git',
    `${hunk('-one', '+1')}\n--- a/y\n+++ b/y\n@@\n-x`,
    'more than one file',
  ],
  ['a row of no kind', hunk(' one', 'two'), 'neither space, + nor -'],
  ['additions without a place', '@@\n+x', 'does not say where'],
  ['a line number too far', '@@ -9,0 +9 @@\n+x', 'no line 9'],
])('%s is refused', (_name, patch, problem) => {
  expect(applyHunks(text, patch)).toEqual({ problem: expect.stringContaining(problem) });
});

test('what stands in several places is not guessed', () => {
  expect(applyHunks('a\nb\na\nb\n', '@@\n-b\n+c')).toEqual({
    problem: expect.stringContaining('several places'),
  });
  expect(applyHunks('a\nb\na\nb\n', '@@ -4 +4 @@\n-b\n+c')).toMatchObject({ text: 'a\nb\na\nc\n' });
});

const BLANK: [string, string, string][] = [
  ['', '\n', '\n'],
  ['\n', '', '\n'],
  ['', '\n', '\r\n'],
  ['\n', '\n\n', '\r\n'],
];

test('whatever git says differs between two texts turns one into the other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-hunks-'));
  const line = fc.constantFrom('a', 'b', '', '-- x', '++ y', '@@', '\\ z', 'long '.repeat(4));
  const body = fc.tuple(fc.array(line, { maxLength: 14 }), fc.boolean()).map(([lines, ended]) => {
    const joined = lines.join('\n');
    return joined === '' || !ended ? joined : `${joined}\n`;
  });
  const end = fc.constantFrom('\n', '\r\n');
  try {
    fc.assert(
      fc.property(body, body, end, (one, other, end) => {
        const [before, after] = [one.replaceAll('\n', end), other.replaceAll('\n', end)];
        writeFileSync(join(folder, 'a'), before);
        writeFileSync(join(folder, 'b'), after);
        const words = ['diff', '--no-index', '--no-color', '--', 'a', 'b'];
        const { stdout } = spawnSync('git', words, { cwd: folder, encoding: 'utf8' });
        if (before === after) return;
        expect(applyHunks(before, stdout)).toMatchObject({ text: after });
      }),
      { numRuns: 150, examples: BLANK },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
