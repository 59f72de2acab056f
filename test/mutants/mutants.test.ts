/** Every day another few of the mutants, all of them under WHALEFLOW_SOAK. */
import { expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import { tryMutants } from './run.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const SLICE = 3;
// Each mutant runs whole test files: the limit only ends what hangs.
const TIMEOUT_MS = isSoak ? 3_600_000 : 600_000;
const DAY_MS = 86_400_000;

const first = (Math.floor(Date.now() / DAY_MS) * SLICE) % mutants.length;
const slice = [...mutants, ...mutants].slice(first, first + SLICE);

test('there are many mistakes to make, none listed twice', () => {
  const planted = mutants.map(({ file, search }) => `${file}\n${search}`);
  expect(new Set(planted).size).toBe(mutants.length);
  expect(mutants.length).toBeGreaterThanOrEqual(30);
});

test(
  'planted mistakes are found by the tests that are named for them',
  async () => {
    const verdicts = await tryMutants(isSoak ? mutants : slice);
    expect(verdicts.filter(({ verdict }) => verdict !== 'killed')).toEqual([]);
  },
  TIMEOUT_MS,
);
