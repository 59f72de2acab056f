/** The examples of `whaleflow/starlark` are run as they stand; every public function has one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as starlark from '../../src/starlark/public.ts';
import { examplesIn, runExample } from './run-example.ts';

const folder = join(import.meta.dirname, '../../src/starlark');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^[^.]+\.ts$/.test(path))
  .map((path) => [path, readFileSync(join(folder, path), 'utf8')] as const);

const examples = sources.flatMap(([path, text]) =>
  examplesIn(text).map((code, at) => [`${path} ${at + 1}`, code] as const),
);

test.each(examples)('example %s', (_, code) => runExample(code, starlark));

test('every public function has an example', () => {
  const isFunction = (value: unknown): boolean =>
    typeof value === 'function' && !String(value).startsWith('class');
  const functions = Object.entries(starlark).flatMap(([name, value]) =>
    isFunction(value) ? [name] : [],
  );
  const without = functions.filter(
    (name) =>
      !sources.some(([, text]) => text.includes(` * \`\`\`\n */\nexport function ${name}(`)),
  );
  expect(functions.length).toBeGreaterThan(15);
  expect(without).toEqual([]);
});
