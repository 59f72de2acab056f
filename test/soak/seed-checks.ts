/**
 * Properties of one seed, each as a function that throws where the seed fails and else counts what it
 * saw. The tests and the soak are made of the same ones: a soak runs them outside of the test runner,
 * which takes half the time a seed.
 */
import { checkBudgetSeed } from '../budgets/check-seed.ts';
import { checkSimulatedSeed } from '../simulation/check-seed.ts';
import { checkSteeredSeed } from '../simulation/check-steered-seed.ts';

/** How often each thing was seen. */
export type Tally = Readonly<Record<string, number>>;

export interface SeedCheck {
  /** Throws an error that says what is wrong with this seed. */
  readonly check: (seed: number) => Promise<Tally>;
  /** What repeats a seed, behind `WHALEFLOW_SEED=N npx vitest run `. */
  readonly file: string;
}

export type SeedCheckName = 'simulation' | 'steering' | 'budgets';

export const seedChecks: Readonly<Record<SeedCheckName, SeedCheck>> = {
  simulation: { check: checkSimulatedSeed, file: 'test/simulation/simulation.test.ts' },
  steering: { check: checkSteeredSeed, file: 'test/simulation/steering.test.ts' },
  budgets: { check: checkBudgetSeed, file: 'test/budgets' },
};

/** The line that runs one seed alone. */
const againLine = (name: SeedCheckName, seed: number): string =>
  `WHALEFLOW_SEED=${seed} npx vitest run ${seedChecks[name].file}`;

/** Checks one seed after the other; the first that fails is thrown with the line that repeats it. */
export async function checkSeeds(
  name: SeedCheckName,
  seeds: readonly number[],
  check: SeedCheck['check'] = seedChecks[name].check,
): Promise<Tally> {
  const total = new Map<string, number>();
  for (const seed of seeds) {
    try {
      const seen = await check(seed);
      for (const [what, times] of Object.entries(seen)) {
        total.set(what, (total.get(what) ?? 0) + times);
      }
    } catch (cause) {
      const line = againLine(name, seed);
      throw new Error(`seed ${seed} fails; again by: ${line}\n${String(cause)}`, { cause });
    }
  }
  return Object.fromEntries(total);
}
