/** What must hold of the budgets of one seed: no ceiling is overspent at any moment, and replay agrees. */
import { replay } from '../../src/engine/replay.ts';
import type { Tally } from '../soak/seed-checks.ts';
import { budgetRun } from './budget-world.ts';
import { checkBudgets } from './check-budgets.ts';

const CROWD = 32;

/** Counts how drivers ended and what the checks saw; `mostInFlight` whether it was a crowd. */
export async function checkBudgetSeed(seed: number): Promise<Tally> {
  const { events, lives } = await budgetRun(seed);
  const tally: Record<string, number> = {};
  const count = (what: string, by: number): void => {
    tally[what] = (tally[what] ?? 0) + by;
  };
  for (const life of lives) count(life, 1);
  for (const [what, times] of Object.entries(checkBudgets(events))) {
    count(what, what === 'mostInFlight' ? Number(times >= CROWD) : times);
  }
  const replayed = replay(events);
  if (replayed.verdict !== 'identical') throw new Error(`replay: ${JSON.stringify(replayed)}`);
  return tally;
}
