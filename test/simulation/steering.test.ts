/**
 * Fuzzed steering: `WHALEFLOW_SEED=N` runs one world, `WHALEFLOW_RUNS=N` as many from 1. A failure
 * prints the line that repeats it.
 */
import { expect, test } from 'vitest';
import type { TraceEvent } from '../../src/trace/events.ts';
import { specOfSeed } from './simulated-run.ts';
import { type SteeredEnd, steerRun } from './steered-run.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const ONE = process.env['WHALEFLOW_SEED'];
const RUNS = Number(process.env['WHALEFLOW_RUNS'] ?? (IS_SOAK ? 10_000 : 400));
const TIMEOUT_MS = IS_SOAK ? 6 * 3_600_000 : 180_000;
const seeds = ONE === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(ONE)];

test(
  `${seeds.length} seeds of steering: no word is lost or doubled, all end, every trace replays`,
  async () => {
    const heard = new Map<string, number>();
    for (const seed of seeds) {
      try {
        const end = await steerRun(specOfSeed(seed, false), seed);
        expect(wrongsOf(end)).toEqual([]);
        for (const [by, type] of end.sent) {
          if (!end.unheard.has(by)) heard.set(type, (heard.get(type) ?? 0) + 1);
        }
      } catch (cause) {
        const line = `WHALEFLOW_SEED=${seed} npx vitest run test/simulation/steering.test.ts`;
        throw new Error(`seed ${seed} fails; again by: ${line}\n${String(cause)}`, { cause });
      }
    }
    // Words of every kind were heard, or this proves little.
    if (ONE === undefined) expect(heard.size).toBe(7);
  },
  TIMEOUT_MS,
);

function wrongsOf({ events, sent, unheard, wrongs }: SteeredEnd): readonly string[] {
  const times = new Map<string, number>();
  for (const event of events) {
    const by = nameIn(event);
    if (by !== undefined) times.set(by, (times.get(by) ?? 0) + 1);
  }
  const isOver = events.some(({ type }) => type === 'run.finished');
  const counted = [...sent].flatMap(([by, type]) => {
    const expected = unheard.has(by) ? 0 : 1;
    const count = times.get(by) ?? 0;
    // What is raised says nothing of who raised it.
    if (type === 'budget' || count === expected) return [];
    return [`${type} of ${by} stands ${count} times in the trace, not ${expected}`];
  });
  const raised = events.filter(({ type }) => type === 'budget.raised').length;
  const budgets = [...sent].filter(([by, type]) => type === 'budget' && !unheard.has(by)).length;
  return [
    ...wrongs,
    ...counted,
    ...(raised === budgets ? [] : [`${budgets} budgets stand ${raised} times in the trace`]),
    ...(isOver ? [] : ['the run did not end']),
  ];
}

/** Facts name who said them; a decision about an answer may repeat the name further inside. */
const nameIn = (event: TraceEvent): string | undefined => ('by' in event ? event.by : undefined);
