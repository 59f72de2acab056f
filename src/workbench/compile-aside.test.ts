import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Compiled, compileWorkflow } from '../authoring/compile.ts';
import { Outgrown } from '../authoring/front-end.ts';
import { compileAside } from './compile-aside.ts';

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-aside-'));
afterAll(() => rmSync(folder, { recursive: true }));

const neighbourhood = { folder, base: folder };
const here = (file: string, source: string): Compiled =>
  compileWorkflow({ file, source, sources: () => undefined });
const aside = (file: string, source: string): Compiled =>
  compileAside({ file, source, neighbourhood });
const END = '\nworkflow("w", "g", [ask("a", "x")])\n';
const counted = (count: number): string => `for i in range(${count}):\n    pass${END}`;

test('a small effort ends where the files of people end', () => {
  const small = (source: string): Compiled =>
    compileWorkflow({ file: 'w.star', source, effort: 'small' });
  expect(small(counted(200_000))).toEqual(here('w.star', counted(200_000)));
  expect(() => small(counted(400_000))).toThrow(Outgrown);
  expect(() => small(`x = "x" * 10000000${END}`)).toThrow(Outgrown);
});

test('what outgrows a small effort compiles to the same in a thread', () => {
  expect(aside('w.star', counted(400_000))).toEqual(here('w.star', counted(400_000)));
  const padded = `${'# much to say\n'.repeat(6000)}id: w\ngoal: g\nnodes:\n  - {id: a, kind: leaf}\n`;
  expect(aside('w.yaml', padded)).toEqual(here('w.yaml', padded));
});

test('an endless program says so from the thread, with its place', () => {
  const compiled = aside('w.star', counted(2_147_483_647));
  expect(compiled).toEqual(here('w.star', counted(2_147_483_647)));
  expect('diagnostics' in compiled && compiled.diagnostics[0]).toMatchObject({
    code: 'WF1102',
    message: 'too many steps',
    span: { line: 1 },
  });
});

test('what a program loads is read by the thread too', () => {
  writeFileSync(join(folder, 'lib.star'), 'def name(): return "a"\n');
  const source = `load("lib.star", "name")\n${counted(400_000).replace('"a"', 'name()')}`;
  const compiled = compileAside({ file: 'w.star', source, neighbourhood });
  expect('spec' in compiled && compiled.spec.nodes[0]?.id).toBe('a');
});

test.each([
  ['time', counted(4_000_000), { maxMs: 1, maxHeapMib: 512 }],
  ['memory', `x = [[i] for i in range(450000)]${END}`, { maxMs: 1_500, maxHeapMib: 12 }],
])('a thread that takes too much %s is ended', (_what, source, limits) => {
  const compiled = compileAside({ file: 'w.star', source, neighbourhood }, limits);
  expect('diagnostics' in compiled && compiled.diagnostics).toEqual([
    {
      code: 'WF1006',
      severity: 'error',
      message: `compiling takes more than ${limits.maxMs} ms or ${limits.maxHeapMib} MiB`,
      span: { file: 'w.star', line: 1, column: 1 },
    },
  ]);
});
