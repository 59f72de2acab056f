/** What is loaded before anything runs: each package costs milliseconds at every start. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test('the library loads hardly a package with itself', () => {
  expect(packagesOf('src/index.ts')).toEqual(['canonicalize', 'fastest-levenshtein']);
});

test('the command line loads hardly a package before it knows the command', () => {
  expect(packagesOf('src/cli/main.ts')).toEqual(['commander', 'fastest-levenshtein']);
});

test('what stands between a person and the first leaf loads no schema library', () => {
  const toRun = [...packagesOf('src/cli/commands/run.ts'), ...packagesOf('src/cli/context.ts')];
  expect(new Set(toRun)).toEqual(new Set(['canonicalize', 'fastest-levenshtein', 'ignore']));
  expect(packagesOf('src/cli/commands/drive.ts')).toEqual(['canonicalize', 'ignore']);
  expect(packagesOf('src/cli/commands/ls.ts')).toEqual([]);
});

test('a run with plain schemas loads no validator, a run with another does', () => {
  const output = { type: 'object', properties: { n: { type: 'integer' } } };
  expect(isAjvLoadedBy({ output })).toBe(false);
  expect(isAjvLoadedBy({ output: { ...output, maxProperties: 3 } })).toBe(true);
});

/** The packages that are imported with a file, not those that it imports later. */
function packagesOf(entry: string): readonly string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const open = [join(root, entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file) || file.endsWith('.json')) continue;
    seen.add(file);
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) open.push(join(dirname(file), specifier));
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  }
  return [...packages].sort();
}

function importsOf(source: string): readonly string[] {
  const statements = source.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from '([^']+)'/gm);
  return Array.from(statements, ([, specifier = '']) => specifier);
}

function isAjvLoadedBy(leaf: object): boolean {
  const workflow = {
    id: 'w',
    goal: 'g',
    nodes: [{ kind: 'leaf', id: 'a', task: { type: 'model', prompt: 'x' }, ...leaf }],
  };
  const program = `
    import { createRequire } from 'node:module';
    import { runWorkflow } from './src/index.ts';
    const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
    const usage = { tokens, costMicroUsd: 0, costStatus: 'exact' };
    const provider = {
      name: 'fixed',
      async *call() { yield { type: 'finished', text: '{}', usage, model: 'fixed' }; },
    };
    const { outcome } = await runWorkflow(${JSON.stringify(workflow)}, { provider });
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(outcome.status, loaded.some((path) => path.includes('ajv')));`;
  const words = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  expect(stdout, stderr).toMatch(/^succeeded (?:true|false)\n$/);
  return stdout.includes('true');
}
