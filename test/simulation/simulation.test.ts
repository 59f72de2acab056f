/**
 * Seeds of whole runs: `WHALEFLOW_SEED=N` runs one of them, `WHALEFLOW_RUNS=N` as many from 1. A
 * failure prints the line that repeats it.
 */
import { expect, test } from 'vitest';
import type { TraceEvent } from '../../src/trace/events.ts';
import { calm, type SimulatedEnd, simulateRun, specOfSeed, storm } from './simulated-run.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const ONE = process.env['WHALEFLOW_SEED'];
const RUNS = Number(process.env['WHALEFLOW_RUNS'] ?? (IS_SOAK ? 100_000 : 1_000));
const MAX_LOST = 3;
const TIMEOUT_MS = IS_SOAK ? 24 * 3_600_000 : 180_000;
const seeds = ONE === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(ONE)];

/** Of even seeds the outcome depends on no order, so that no storm may change it. */
const isOrderFree = (seed: number): boolean => seed % 2 === 0;

function weatherOf(seed: number) {
  const weather = storm(seed);
  if (!isOrderFree(seed)) return weather;
  return { ...weather, driver: { ...weather.driver, word: 0 } };
}

const runSeed = (seed: number): Promise<SimulatedEnd> =>
  simulateRun(specOfSeed(seed, isOrderFree(seed)), weatherOf(seed), seed);

async function repeatable(seed: number, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (cause) {
    const line = `WHALEFLOW_SEED=${seed} npx vitest run test/simulation`;
    throw new Error(`seed ${seed} fails; again by: ${line}\n${String(cause)}`, { cause });
  }
}

/** A leaf that loses its driver three times fails, which no calm world sees. */
function isGivenUp(events: readonly TraceEvent[]): boolean {
  const lost = events.flatMap((event) => (event.type === 'leaf.lost' ? [event.path] : []));
  return lost.some((path) => lost.filter((other) => other === path).length >= MAX_LOST);
}

test(
  `${seeds.length} seeds: nothing acknowledged is lost, nothing settled is done again, all ends`,
  async () => {
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const seed of seeds) {
      await repeatable(seed, async () => {
        const { lives, outcome, output, events } = await runSeed(seed);
        for (const life of lives) count(life);
        if (!isOrderFree(seed) || isGivenUp(events)) return;
        count('compared');
        const peace = await simulateRun(specOfSeed(seed, true), calm(weatherOf(seed).leaves), seed);
        expect({ outcome, output }).toEqual({ outcome: peace.outcome, output: peace.output });
      });
    }
    if (seeds.length < 1_000) return;
    expect(seen.get('compared')).toBeGreaterThan(seeds.length / 4);
    const often = ['died', 'overtaken', 'WF7004', 'WF7005', 'stopped', 'paused', 'waiting'];
    for (const end of often) expect(seen.get(end), end).toBeGreaterThan(10);
    expect(seen.get('interrupted')).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test('the same seed twice is the same trace, to the last byte', async () => {
  for (const seed of seeds.slice(0, IS_SOAK ? 1_000 : 50)) {
    await repeatable(seed, async () => {
      expect((await runSeed(seed)).hash).toBe((await runSeed(seed)).hash);
    });
  }
}, 180_000);
