/** Holds the code against the layers of ARCHITECTURE.md: who may import whom, and who may touch the world. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../src/cli/commands.ts';
import { layers, violations } from './architecture.ts';

const root = join(import.meta.dirname, '..');

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const files = new Map(
  sources(join(root, 'src')).map((path) => [relative(root, path), readFileSync(path, 'utf8')]),
);

test('every import goes to a lower layer, and only workbench reaches into another folder', () => {
  expect(violations(files)).toEqual([]);
});

test('the table in ARCHITECTURE.md is the one that is tested', () => {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  for (const [row, folders] of layers.entries()) {
    expect(page).toContain(`| ${row} | ${folders.join(' · ')} |`);
  }
});

test('every path that ARCHITECTURE.md names exists', () => {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const named = Array.from(
    page.matchAll(/`((?:src|test|docs|scripts|bench|schemas|examples|workflows)\/[\w./-]*)`/g),
  );
  const missing = named
    .map(([, path]) => path ?? '')
    .filter((path) => !existsSync(join(root, path)));
  expect(named.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});

test('every command is tried with text that takes over terminals', () => {
  const tried = readFileSync(join(root, 'src/cli/hostile-text.test.ts'), 'utf8');
  // Talks to nobody: what it has to say is in the trace.
  const silent = ['drive'];
  const missing = commands.filter(
    ({ name }) => !silent.includes(name) && !tried.includes(`\n  ['${name}'`),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

describe('planted failures are found', () => {
  const planted: readonly (readonly [name: string, file: string, source: string, found: RegExp])[] =
    [
      ['upwards', 'src/trace/x.ts', `import { drive } from '../engine/drive.ts';`, /higher layer/],
      [
        'sideways',
        'src/trace/x.ts',
        `import { git } from '../workspace/workspace.ts';`,
        /sideways/,
      ],
      [
        'into a private folder',
        'src/engine/x.ts',
        `import { a } from '../trace/sqlite/b.ts';`,
        /private/,
      ],
      ['a writer', 'src/cli/x.ts', `host.stdout.write(name);`, /writes to a stream itself/],
      ['a console', 'src/engine/x.ts', `console.log(name);`, /writes to a stream itself/],
      ['dynamic', 'src/trace/x.ts', `const a = await import('../cli/main.ts');`, /higher layer/],
      ['a re-export', 'src/trace/x.ts', `export { a } from '../cli/main.ts';`, /higher layer/],
      [
        'starlark imports something',
        'src/starlark/x.ts',
        `import type { Json } from '../base/json.ts';`,
        /nothing/,
      ],
      ['a library in starlark', 'src/starlark/x.ts', `import { z } from 'zod';`, /nothing/],
      ['the clock', 'src/engine/x.ts', 'const now = Date.now();', /Date/],
      ['chance', 'src/workflow/x.ts', 'const a = Math.random();', /Math\.random/],
      ['a timer', 'src/leaf/x.ts', 'setTimeout(() => {}, 1);', /setTimeout/],
      ['the environment', 'src/export/x.ts', 'const a = process.env;', /process/],
      ['files', 'src/authoring/x.ts', `import { readFileSync } from 'node:fs';`, /node:fs/],
      [
        'processes',
        'src/memo/x.ts',
        `import { spawn } from 'node:child_process';`,
        /node:child_process/,
      ],
      ['a folder that is in no row', 'src/helpers/x.ts', '', /no layer/],
    ];
  test.each(planted)('%s', (_name, file, source, found) => {
    expect(violations(new Map([[file, source]])).join('\n')).toMatch(found);
  });

  test('a part of the product whose name begins with test is held like any other', () => {
    const clock = ['src/engine/test-tally.ts', 'const now = Date.now();'] as const;
    const rule = ['src/engine/x.ts', `import { tally } from './test-tally.ts';`] as const;
    const test = ['src/engine/x.test.ts', rule[1]] as const;
    expect(violations(new Map([clock, test]))).toEqual([]);
    expect(violations(new Map([clock, rule, test])).join('\n')).toMatch(/^src.engine.test-tally/);
  });

  test('type imports go sideways, and comments are no code', () => {
    const source = `// Date.now()\nimport type { Workspace } from '../workspace/workspace.ts';`;
    expect(violations(new Map([['src/trace/x.ts', source]]))).toEqual([]);
  });
});

test('no file is named by what it is not about', () => {
  const vague = /^(utils?|helpers?|common|misc|manager|service)\b/;
  const named = [...files.keys()].filter((path) =>
    vague.test(path.slice(dirname(path).length + 1)),
  );
  expect(named).toEqual([]);
});
