/**
 * Budgets under fire. `WHALEFLOW_SEED=N` runs one seed; a failure prints the line that repeats it.
 */
import { expect, test } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import { budgetRun } from './budget-world.ts';
import { checkBudgets } from './check-budgets.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const ONE = process.env['WHALEFLOW_SEED'];
const RUNS = Number(process.env['WHALEFLOW_RUNS'] ?? (IS_SOAK ? 5_000 : 250));
const seeds = ONE === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(ONE)];

test(
  `${seeds.length} seeds of 64 leaves, faults, retries and dying drivers: no ceiling is overspent`,
  async () => {
    const totals: Record<string, number> = {};
    const count = (what: string, by = 1): void => {
      totals[what] = (totals[what] ?? 0) + by;
    };
    for (const seed of seeds) {
      try {
        const { events, lives } = await budgetRun(seed);
        for (const life of lives) count(life);
        for (const [what, times] of Object.entries(checkBudgets(events))) {
          count(what, what === 'mostInFlight' ? Number(times >= 32) : times);
        }
        expect(replay(events).verdict).toBe('identical');
      } catch (cause) {
        const line = `WHALEFLOW_SEED=${seed} npx vitest run test/budgets`;
        throw new Error(`seed ${seed} fails; again by: ${line}\n${String(cause)}`, { cause });
      }
    }
    if (seeds.length < 100) return;
    const often = [
      'finished',
      'died',
      'stopped',
      'short',
      'lost',
      'over',
      'failed',
      'mostInFlight',
    ];
    for (const what of often) expect(totals[what], what).toBeGreaterThan(seeds.length / 20);
  },
  IS_SOAK ? 3_600_000 : 120_000,
);
