/** What is printed to be typed can be typed: from where it is printed, with the path that is there. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { programWords } from './program-words.ts';

const root = mkdtempSync(join(tmpdir(), 'whaleflow-words-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const clone = join(root, 'clone');
const entry = join(clone, 'dist/cli.js');
const installed = join(clone, 'node_modules/whaleflow/dist/cli.js');
const node = join(clone, 'node_modules/node/bin/node');
const bin = join(root, 'bin');
const scripts = join(clone, 'node_modules/.bin');
for (const file of [entry, installed, node]) {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
}
for (const folder of [bin, scripts]) mkdirSync(folder);
symlinkSync(entry, join(bin, 'whaleflow'));
symlinkSync(node, join(scripts, 'node'));
const other = join(root, 'other');

test.each([
  ['its name, where the path leads to it', { entry, cwd: other, path: bin }, 'whaleflow'],
  ['npx, where it is installed', { entry: installed, cwd: clone, path: '' }, 'npx whaleflow'],
  ['this Node and the script, elsewhere', { entry, cwd: other, path: '' }, `${node} ${entry}`],
  [
    'short in the clone, whatever npm put on the path',
    { entry, cwd: clone, path: scripts },
    'node_modules/node/bin/node dist/cli.js',
  ],
])('%s', (_name, { entry: script, cwd, path }, words) => {
  expect(programWords({ entry: script, node, cwd, path })).toBe(words);
});
