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
const bins = join(clone, 'node_modules/.bin');
symlinkSync(installed, join(bins, 'whaleflow'));
const shop = join(root, 'shop');
mkdirSync(shop);
writeFileSync(join(shop, 'whaleflow'), `#!/bin/sh\nexec '${node}' '${entry}' "$@"\n`);
const agent = (name: string) => ({ npm_config_user_agent: `${name}/9.1.0 node/v24` });
const execs = { npm_command: 'exec' };

test.each([
  ['its name, where the path leads to it', { entry, cwd: other, env: { PATH: bin } }, 'whaleflow'],
  ['npx, where it is installed', { entry: installed, cwd: clone }, 'npx whaleflow'],
  [
    'pnpm, where that started it',
    { entry: installed, cwd: clone, env: agent('pnpm') },
    'pnpm exec whaleflow',
  ],
  ['yarn', { entry: installed, cwd: clone, env: agent('yarn') }, 'yarn whaleflow'],
  ['bun', { entry: installed, cwd: clone, env: agent('bun') }, 'bunx whaleflow'],
  ['npx, which brought it along', { entry: installed, cwd: other, env: execs }, 'npx whaleflow'],
  [
    'what was typed, from elsewhere',
    { entry: join(bins, 'whaleflow'), cwd: other },
    join(bins, 'whaleflow'),
  ],
  ['the script of the folder', { entry, cwd: shop }, './whaleflow'],
  ['its name, by which a clone is called from elsewhere', { entry, cwd: other }, 'whaleflow'],
  [
    'npx in the clone, whatever npm put on the path',
    { entry, cwd: clone, env: { PATH: scripts } },
    'npx whaleflow',
  ],
] as const)('%s', (_name, program, words) => {
  expect(programWords({ env: {}, ...program })).toBe(words);
});
