/**
 * Budgets under fire. `WHALEFLOW_SEED=N` runs one seed, `WHALEFLOW_RUNS=N` as many, from
 * `WHALEFLOW_FROM` on; a failure prints the line that repeats it.
 */
import { expect, test } from 'vitest';
import { checkSeeds } from '../soak/seed-checks.ts';
import { IS_SOAK, seedsOf, sliceOf } from '../soak/slice.ts';

const seeds = seedsOf(sliceOf(250, 5_000));
const OFTEN = ['finished', 'died', 'stopped', 'short', 'lost', 'over', 'failed', 'mostInFlight'];

test(
  `${seeds.length} seeds of 64 leaves, faults, retries and dying drivers: no ceiling is overspent`,
  async () => {
    const totals = await checkSeeds('budgets', seeds);
    if (seeds.length < 100) return;
    for (const what of OFTEN) expect(totals[what], what).toBeGreaterThan(seeds.length / 20);
  },
  IS_SOAK ? 3_600_000 : 600_000,
);
