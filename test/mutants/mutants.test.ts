/** Of every commit another few of the mutants, all of them under WHALEFLOW_SOAK. */
import { expect, inject, test } from 'vitest';
import { mutants } from './mutants.ts';
import { placesOf, tryMutants, withoutTest } from './run.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const SLICE = 3;
// Each mutant runs whole test files: the limit only ends what hangs.
const TIMEOUT_MS = isSoak ? 4 * 3_600_000 : 1_800_000;

const first = inject('seed') % mutants.length;
const slice = [...mutants, ...mutants].slice(first, first + SLICE);

test('there are many mistakes to make, none listed twice', () => {
  const planted = mutants.map(({ file, search }) => `${file}\n${search}`);
  expect(new Set(planted).size).toBe(mutants.length);
  expect(mutants.length).toBeGreaterThanOrEqual(30);
});

test('each of them can be planted, and its test is there', () => {
  expect(mutants.filter((mutant) => placesOf(mutant) !== 1)).toEqual([]);
  expect(mutants.filter(({ search, replacement }) => search === replacement)).toEqual([]);
  expect(withoutTest(mutants)).toEqual([]);
});

test(
  'planted mistakes are found by the tests that are named for them',
  async () => {
    const verdicts = await tryMutants(isSoak ? mutants : slice);
    expect(verdicts.filter(({ verdict }) => verdict !== 'killed')).toEqual([]);
  },
  TIMEOUT_MS,
);
