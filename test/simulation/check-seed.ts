/** What must hold of the simulated run of one seed, whatever befell it. */
import { isDeepStrictEqual } from 'node:util';
import type { TraceEvent } from '../../src/trace/events.ts';
import type { Tally } from '../soak/seed-checks.ts';
import {
  calm,
  type SimulatedEnd,
  simulateRun,
  specOfSeed,
  storm,
  type Weather,
} from './simulated-run.ts';

const MAX_LOST = 3;

/** Of even seeds the outcome depends on no order, so that no storm may change it. */
const isOrderFree = (seed: number): boolean => seed % 2 === 0;

function weatherOf(seed: number): Weather {
  const weather = storm(seed);
  if (!isOrderFree(seed)) return weather;
  return { ...weather, driver: { ...weather.driver, word: 0 } };
}

/** The run of this seed, with the weather of this seed. */
export const runSeed = (seed: number): Promise<SimulatedEnd> =>
  simulateRun(specOfSeed(seed, isOrderFree(seed)), weatherOf(seed), seed);

/**
 * Runs the seed in its storm, and where the outcome depends on no order in a calm world, too. Counts
 * how its drivers ended, and whether it was `compared`.
 */
export async function checkSimulatedSeed(seed: number): Promise<Tally> {
  const { lives, outcome, output, events } = await runSeed(seed);
  const tally: Record<string, number> = {};
  for (const life of lives) tally[life] = (tally[life] ?? 0) + 1;
  if (!isOrderFree(seed) || isGivenUp(events)) return tally;
  const peace = await simulateRun(specOfSeed(seed, true), calm(weatherOf(seed).leaves), seed);
  const [stormy, calmly] = [
    { outcome, output },
    { outcome: peace.outcome, output: peace.output },
  ];
  if (!isDeepStrictEqual(stormy, calmly)) {
    throw new Error(`${JSON.stringify(stormy)} in a storm, ${JSON.stringify(calmly)} without one`);
  }
  return { ...tally, compared: 1 };
}

/** A leaf that loses its driver three times fails, which no calm world sees. */
function isGivenUp(events: readonly TraceEvent[]): boolean {
  const lost = events.flatMap((event) => (event.type === 'leaf.lost' ? [event.path] : []));
  return lost.some((path) => lost.filter((other) => other === path).length >= MAX_LOST);
}
