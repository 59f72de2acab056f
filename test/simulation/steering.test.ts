/**
 * Fuzzed steering: `WHALEFLOW_SEED=N` runs one world, `WHALEFLOW_RUNS=N` as many, from `WHALEFLOW_FROM`
 * on. A failure prints the line that repeats it.
 */
import { expect, test } from 'vitest';
import { checkSeeds } from '../soak/seed-checks.ts';
import { IS_SOAK, seedsOf, sliceOf } from '../soak/slice.ts';

const TIMEOUT_MS = IS_SOAK ? 6 * 3_600_000 : 600_000;
const slice = sliceOf(400, 10_000);

test(
  `${slice.count} seeds of steering: no word is lost or doubled, all end, every trace replays`,
  async () => {
    const heard = await checkSeeds('steering', seedsOf(slice));
    // Words of every kind were heard, or this proves little.
    if (!slice.isOne) expect(Object.keys(heard)).toHaveLength(7);
  },
  TIMEOUT_MS,
);
