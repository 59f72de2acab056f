/** What must hold of a run that was steered with random words, in the world of one seed. */
import type { TraceEvent } from '../../src/trace/events.ts';
import type { Tally } from '../soak/seed-checks.ts';
import { specOfSeed } from './simulated-run.ts';
import { type SteeredEnd, steerRun } from './steered-run.ts';

/** Counts the words that were heard, by their kind. */
export async function checkSteeredSeed(seed: number): Promise<Tally> {
  const end = await steerRun(specOfSeed(seed, false), seed);
  const wrongs = wrongsOf(end);
  if (wrongs.length > 0) throw new Error(wrongs.join('\n'));
  const heard: Record<string, number> = {};
  for (const [by, type] of end.sent) {
    if (!end.unheard.has(by)) heard[type] = (heard[type] ?? 0) + 1;
  }
  return heard;
}

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
