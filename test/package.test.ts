/** What the package promises to others: its exports, its version, its files. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from '../src/base/version.ts';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies?: unknown;
  readonly exports: Readonly<
    Record<string, string | { readonly default: string; readonly types: string }>
  >;
};

test('the version is one', () => {
  expect(VERSION).toBe(manifest.version);
});

test('the published package has no run-time dependencies', () => {
  expect(manifest.dependencies).toBeUndefined();
});

test('every export and every published file is there', () => {
  const targets = Object.values(manifest.exports)
    .flatMap((target) => (typeof target === 'string' ? [target] : [target.default, target.types]))
    .filter((target) => !target.includes('*'));
  for (const path of [...targets, ...manifest.files]) {
    expect(existsSync(join(root, path)), path).toBe(true);
  }
});

test('an uncaught error of the library quotes a line of it, not all of it', () => {
  const bundle = readFileSync(join(root, 'dist/index.js'), 'utf8');
  const widest = Math.max(...bundle.split('\n').map((line) => line.length));
  expect(widest).toBeLessThan(2000);
});

test('the library exports', async () => {
  const library = (await import('../src/index.ts')) as object;
  expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
    [
      "WhaleFlowError",
      "openStore",
      "parseWorkflow",
      "runWorkflow",
    ]
  `);
});

test('the subpath whaleflow/starlark exports', async () => {
  const starlark = (await import('../src/starlark/public.ts')) as object;
  expect(Object.keys(starlark).sort()).toMatchInlineSnapshot(`
    [
      "Bytes",
      "Dict",
      "Float",
      "HostValue",
      "List",
      "Module",
      "Range",
      "StarlarkError",
      "StarlarkFunction",
      "StarlarkObject",
      "StarlarkSet",
      "Struct",
      "Tuple",
      "attachComments",
      "builtin",
      "callValue",
      "check",
      "commentsOf",
      "diagnosticHeadline",
      "dialectDefault",
      "dialectSpec",
      "exec",
      "format",
      "freeze",
      "fromJson",
      "isTrue",
      "jsonModule",
      "limitsDefault",
      "loadsOf",
      "mathModule",
      "parse",
      "positional",
      "renderDiagnostic",
      "repr",
      "resolveModuleId",
      "signature",
      "structBuiltin",
      "toJson",
      "tokensOf",
      "typeName",
      "universalNames",
    ]
  `);
});

test('commands that are started often have a file of their own, which holds no other command', () => {
  const first = readFileSync(join(root, 'dist/cli.js'), 'utf8');
  for (const command of ['help', 'ls', 'run', 'drive']) {
    const file = `whole-${command}.js`;
    expect(first).toContain(`"./${file}"`);
    const text = readFileSync(join(root, 'dist', file), 'utf8');
    expect(text, file).not.toMatch(/^import /m);
    expect(text.includes('nothing that was applied here'), file).toBe(false);
  }
});
