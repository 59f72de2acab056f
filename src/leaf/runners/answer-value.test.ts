import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnswer } from './answer-value.ts';

test.each([
  ['{"a":1}', { a: 1 }],
  ['  [1, 2]\n', [1, 2]],
  ['"text"', 'text'],
  ['Here you are:\n```json\n{"a": "}"}\n```\nAnything else?', { a: '}' }],
  ['```\n[true]\n```', [true]],
  ['The answer is {"a": {"b": "\\"}"}} as you see {x}', { a: { b: '"}' } }],
  ['{"a": "\\ud800"}', { a: '\ufffd' }],
])('%j holds JSON', (text, value) => {
  expect(parseAnswer(text)).toEqual({ value });
});

const hasN = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'n' in value;

test.each([
  ['As said in [1], it is {"n": 7}.', { n: 7 }],
  ['Of {1, 2} and {"m": 1} take {"n": 7}', { n: 7 }],
  ['```json\n{"m": 1}\n```\nor rather\n```json\n{"n": 7}\n```', { n: 7 }],
  ['<think>Maybe {"n": 1}? No.</think>\n{"n": 7}', { n: 7 }],
  ['I {think [ it is {"n": 7}', { n: 7 }],
  ['{"m": 1} and {"o": 2}', { m: 1 }],
])('of several, the one that fits is taken, else the first: %j', (text, value) => {
  expect(parseAnswer(text, hasN)).toEqual({ value });
});

test('however many brackets a text has, it is read in no time', () => {
  const text = `${'[{'.repeat(200_000)}"n": 7`;
  expect(parseAnswer(text, hasN)).toHaveProperty('problem');
});

test('a fence that nobody closes, with a flood of blanks in it, is read in no time', () => {
  expect(parseAnswer(`\`\`\`json\n${' '.repeat(2_000_000)}`)).toHaveProperty('problem');
});

test.each([
  ['', 'the answer is empty'],
  ['no', 'the answer is not JSON'],
  ['{"a": 1', 'the answer is not JSON'],
  ["{'a': 1}", 'the answer is not JSON'],
  [`${'['.repeat(101)}${']'.repeat(101)}`, 'the answer is nested deeper than 100'],
])('%j is refused', (text, problem) => {
  expect(parseAnswer(text)).toEqual({ problem });
});

test('any JSON is read back, also out of a fence', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      expect(parseAnswer(text)).toEqual({ value: JSON.parse(text) });
      const fenced = parseAnswer(`So:\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``);
      if (!text.includes('```')) expect(fenced).toEqual({ value: JSON.parse(text) });
    }),
    { numRuns: 100 },
  );
});
