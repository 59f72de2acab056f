/** Examples of doc comments, run as they stand: a line `expression; // → JSON` is an expectation. */
import { expect } from 'vitest';

const FENCED = /^[ \t]*\* ```js\n([\s\S]*?)^[ \t]*\* ```/gm;
const EXPECTATION = /^(.*); \/\/ → (.*)$/gm;

/** The code of every example in a source. */
export function examplesIn(source: string): readonly string[] {
  return [...source.matchAll(FENCED)].map(([, code = '']) => code.replaceAll(/^[ \t]*\* ?/gm, ''));
}

/** Runs an example with the exports of a module in scope. */
export async function runExample(code: string, exports: object): Promise<void> {
  const body = code.replaceAll(
    EXPECTATION,
    (_line, expression: string, json: string) => `expected.push([${expression}, ${json}]);`,
  );
  const expected: [unknown, unknown][] = [];
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = new AsyncFunction('expected', ...Object.keys(exports), body);
  await run(expected, ...Object.values(exports));
  expect(expected.length).toBeGreaterThan(0);
  for (const [got, wanted] of expected) expect(got).toEqual(wanted);
}
