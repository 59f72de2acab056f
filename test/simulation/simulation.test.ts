/**
 * Seeds of whole runs: `WHALEFLOW_SEED=N` runs one of them, `WHALEFLOW_RUNS=N` as many, from
 * `WHALEFLOW_FROM` on. A failure prints the line that repeats it.
 */
import { expect, test } from 'vitest';
import { checkSeeds } from '../soak/seed-checks.ts';
import { IS_SOAK, seedsOf, sliceOf } from '../soak/slice.ts';
import { runSeed } from './check-seed.ts';

const TIMEOUT_MS = IS_SOAK ? 24 * 3_600_000 : 600_000;
const seeds = seedsOf(sliceOf(1_000, 100_000));

test(
  `${seeds.length} seeds: nothing acknowledged is lost, nothing settled is done again, all ends`,
  async () => {
    const seen = await checkSeeds('simulation', seeds);
    if (seeds.length < 1_000) return;
    expect(seen['compared']).toBeGreaterThan(seeds.length / 4);
    const often = ['died', 'overtaken', 'WF7004', 'WF7005', 'stopped', 'paused', 'waiting'];
    for (const end of often) expect(seen[end], end).toBeGreaterThan(10);
    expect(seen['interrupted']).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test('the same seed twice is the same trace, to the last byte', async () => {
  for (const seed of seeds.slice(0, IS_SOAK ? 1_000 : 50)) {
    expect((await runSeed(seed)).hash, `seed ${seed}`).toBe((await runSeed(seed)).hash);
  }
});
