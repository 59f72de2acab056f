/**
 * How much of a property a run of the tests takes. `WHALEFLOW_SOAK=1` asks for its full figure,
 * `WHALEFLOW_FROM` and `WHALEFLOW_RUNS` for a slice of it, `WHALEFLOW_SEED` for one seed alone, or from
 * a random one on.
 */
import { buildSeed, seedFrom } from './build-seed.ts';

/** Whether the full figures are wanted. */
export const IS_SOAK: boolean = process.env['WHALEFLOW_SOAK'] === '1';

export interface Slice {
  /** The first seed or round, from 1. */
  readonly from: number;
  readonly count: number;
  /** One seed was asked for: nothing can be said of how often something happens. */
  readonly isOne: boolean;
}

/** The slice that the environment asks for, of `often` seeds in every build and of `full` in a soak. */
export function sliceOf(often: number, full: number): Slice {
  const { WHALEFLOW_SEED: one, WHALEFLOW_FROM: from, WHALEFLOW_RUNS: runs } = process.env;
  const isRandom = one === 'random';
  if (one !== undefined && !isRandom) return { from: seedFrom(one), count: 1, isOne: true };
  const first = isRandom ? buildSeed(process.env) : 1;
  const whole = IS_SOAK ? full : often;
  return {
    from: from === undefined ? first : wholeNumber(from),
    count: runs === undefined ? whole : wholeNumber(runs),
    isOne: false,
  };
}

/** The seeds of a slice, one after the other. */
export const seedsOf = ({ from, count }: Slice): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not a whole number: ${text}`);
  return value;
}

/** Seed and number of runs of one property for fast-check: the seed of the build, that of the slice in a soak. */
export const runsOf = (slice: Slice): { readonly numRuns: number; readonly seed?: number } => ({
  numRuns: slice.count,
  ...(IS_SOAK || slice.isOne ? { seed: slice.from } : {}),
});
