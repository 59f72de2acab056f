/** The table of soaks is whole, and a soak that was stopped goes on. */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal } from './journal.ts';
import { runSlice } from './run-slice.ts';
import { checkSeeds, seedChecks } from './seed-checks.ts';
import { type Soak, slicesOf, soaks } from './soaks.ts';
import { openSlices, soakTable } from './table.ts';

const root = join(import.meta.dirname, '../..');
const never = new AbortController().signal;
const five: Soak = {
  name: 'five',
  unit: 'seeds',
  total: 5,
  slice: 2,
  isParallel: true,
  work: { by: 'seeds', check: 'simulation' },
};

test('every test that has a long form is part of the soak, and nothing else', () => {
  const files = globSync('{src,test}/**/*.test.ts', { cwd: root });
  const long = files.filter((file) =>
    /IS_SOAK|WHALEFLOW_SOAK/.test(readFileSync(join(root, file), 'utf8')),
  );
  const soaked = soaks.flatMap(({ work }) =>
    work.by === 'tests' ? work.files : [seedChecks[work.check].file],
  );
  for (const file of soaked) expect(existsSync(join(root, file)), file).toBe(true);
  const isSoaked = (file: string): boolean =>
    soaked.some((path) => file === path || file.startsWith(`${path}/`));
  const own = (file: string): boolean => file.startsWith('test/soak/');
  expect(long.filter((file) => !own(file) && !isSoaked(file))).toEqual([]);
  expect(new Set(soaks.map(({ name }) => name)).size).toBe(soaks.length);
});

test('slices take all of a total, each seed once', () => {
  expect(slicesOf(five)).toEqual([
    { from: 1, count: 2 },
    { from: 3, count: 2 },
    { from: 5, count: 1 },
  ]);
  const simulation = soaks.find(({ name }) => name === 'simulation');
  expect(simulation?.total).toBe(100_000);
});

test('a soak that was stopped goes on with what has not passed on this version', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'journal.jsonl');
  const row = { soak: 'five', from: 1, count: 2, isPassed: true, ms: 1_500, said: ['{"died":1}'] };
  const first = openJournal(file, 'v1', false);
  first.add(row);
  first.add({ ...row, from: 3, isPassed: false, said: ['seed 4 fails'] });
  const { rows } = openJournal(file, 'v1', false);
  expect(openSlices(five, rows()).map(({ from }) => from)).toEqual([3, 5]);
  expect(soakTable([five], rows())).toMatchInlineSnapshot(`
    "✗ five               2 of 5 seeds, 1 slices failed, 3 s
        died 1
        from 3, 2 of them:
        | seed 4 fails"
  `);
  expect(openJournal(file, 'v2', false).rows()).toEqual([]);
  expect(openJournal(file, 'v1', true).rows()).toEqual([]);
});

test('a slice of seeds runs by itself and gives its tally', async () => {
  const { isPassed, said } = await runSlice(five, { from: 3, count: 2 }, never);
  expect(isPassed).toBe(true);
  expect(JSON.parse(said[0] ?? '')).toEqual(await checkSeeds('simulation', [3, 4]));
});

test('a seed that fails is said with the line that repeats it', async () => {
  const check = async (seed: number): Promise<Record<string, number>> => {
    if (seed === 12) throw new Error('the row is another');
    return {};
  };
  await expect(checkSeeds('budgets', [11, 12], check)).rejects.toThrow(
    'seed 12 fails; again by: WHALEFLOW_SEED=12 npx vitest run test/budgets\nError: the row is another',
  );
});
