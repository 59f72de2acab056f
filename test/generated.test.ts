/** Schemas and reference pages are made of the code; what is in the repository is what it makes now. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from '../scripts/generate/generated-files.ts';
import { errorCodes } from '../src/base/error-codes.ts';
import { errorExamples } from '../src/cli/error-examples.ts';

const root = join(import.meta.dirname, '..');
const files = generatedFiles();

test.each([...files.keys()])('%s is current (`npm run fix` writes it)', (path) => {
  const file = join(root, path);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : 'not there').toBe(files.get(path));
});

test('every schema in the repository is generated', () => {
  const found = readdirSync(join(root, 'schemas')).map((name) => `schemas/${name}`);
  expect(found.filter((path) => !files.has(path))).toEqual([]);
});

test('every error code says what to do, and no example is left of a code that is gone', () => {
  expect(Object.keys(errorExamples).sort()).toEqual(Object.keys(errorCodes).sort());
});
