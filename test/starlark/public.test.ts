import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as starlark from '../../src/starlark/public.ts';

const text = readFileSync(new URL('../../src/starlark/public.ts', import.meta.url), 'utf8');
const examples = [...text.matchAll(/ \* ```js\n([\s\S]*?) \* ```/g)].map(([, code = '']) =>
  code.replaceAll(/^ \* ?/gm, ''),
);

/** A line `expression; // → JSON` is an expectation. */
const expectation = /^(.*); \/\/ → (.*)$/gm;

test.each(examples.map((code, index) => [index + 1, code] as const))('example %i', (_, code) => {
  const body = code.replaceAll(expectation, (_line, expression: string, json: string) => {
    return `expected.push([${expression}, ${json}]);`;
  });
  const expected: [unknown, unknown][] = [];
  const run = new Function('expected', ...Object.keys(starlark), body);
  run(expected, ...Object.values(starlark));
  expect(expected.length).toBeGreaterThan(0);
  for (const [got, wanted] of expected) expect(got).toEqual(wanted);
});
