/**
 * The slice policy. A leaf that asks a model once gets the reservation of that call, so that a tight
 * ceiling still lets as many begin as it can pay for. One that asks as often as it likes gets the budget
 * that its author gave it, else an equal share: what is free, divided among it, the leaves that could
 * still begin beside it, and one more, so that something is free for what follows a leaf that is being
 * ended. Money is shared out the same way, since prices are not known here.
 */
import type { Amounts } from '../../trace/amounts.ts';
import type { Slice } from '../../trace/events.ts';
import type { Live, RunState, SlotClass } from '../../trace/run-state.ts';
import type { Budget } from '../../workflow/limits.ts';
import { widthOf } from '../../workflow/width.ts';
import { type Draw, drawOf } from './draw.ts';
import { CEILINGS, type Room, roomAt } from './room.ts';

export type Cut =
  | { readonly slice: Slice | undefined }
  /** Too little is free at a node: it may come back, or never will. */
  | { readonly at: Live; readonly message: string; readonly mayComeBack: boolean };

/** What an attempt may take for itself at most: one call with its tries. */
const STEPS_OF_ONE_CALL = 3;
/** One that was short before gets so many times what it was short of, where there is as much. */
const SHORT_FACTOR = 2;

const AMOUNTS = ['tokens', 'costMicroUsd', 'steps'] as const;

/** Cuts the slice of a ready leaf, or says whose budget is too small for it, innermost first. */
export function cutSlice(state: RunState, live: Live, slot: SlotClass): Cut {
  const slice: { -readonly [K in keyof Slice]: Slice[K] } = {};
  let draw: Draw | undefined;
  let late: Cut | undefined;
  for (let at: Live | undefined = live; at !== undefined; at = at.parent) {
    const room = roomAt(state, at);
    if (room === undefined) continue;
    draw ??= drawOf(state, live);
    const missing = missingAt(at, room, draw);
    if (missing !== undefined) return missing;
    const sharers = sharersAt(state, at, room, slot);
    for (const name of AMOUNTS) {
      const ceiling = room.budget[CEILINGS[name]];
      if (ceiling === undefined || draw.need[name] === 0) continue;
      const free = ceiling - room.taken[name];
      const wanted = at === live ? free : wantedOf({ live, draw, name, share: free / sharers });
      slice[name] = Math.min(slice[name] ?? free, free, wanted);
    }
    const { maxMs } = room.budget;
    if (maxMs === undefined) continue;
    slice.ms = Math.min(slice.ms ?? maxMs, maxMs - room.activeMs);
    // Looked at last: whoever waits for a slice waits, however late it is.
    if (room.activeMs >= maxMs) late ??= gone(at, `${maxMs} ms are over`);
  }
  return late ?? { slice: draw === undefined ? undefined : slice };
}

function missingAt(at: Live, room: Room, { need }: Draw): Cut | undefined {
  const { maxLeaves } = room.budget;
  if (maxLeaves !== undefined && room.leaves >= maxLeaves) {
    return gone(at, `${maxLeaves} leaves are used up`);
  }
  for (const name of AMOUNTS) {
    const ceiling = room.budget[CEILINGS[name]];
    if (ceiling === undefined || room.taken[name] + need[name] <= ceiling) continue;
    if (need[name] === 0) continue;
    const message = shortageText(name, { ceiling, spent: room.spent[name], need: need[name] });
    return { ...gone(at, message), mayComeBack: room.inFlight > 0 };
  }
  return undefined;
}

function gone(at: Live, problem: string): Extract<Cut, { readonly at: Live }> {
  const isRun = at.parent === undefined;
  return {
    at,
    message: isRun ? problem : `${at.plan.node.id}: ${problem}`,
    mayComeBack: false,
  };
}

/** The leaf, those that could begin beside it under a budget, and one for what follows meanwhile. */
function sharersAt(state: RunState, at: Live, room: Room, slot: SlotClass): number {
  const limit = state.started?.config.concurrency[slot] ?? 1;
  const beside = Math.min(limit - state.busy[slot], widthOf(at.plan) - room.inFlight);
  return Math.max(1, beside) + 1;
}

function wantedOf({
  live,
  draw: { need, asks },
  name,
  share,
}: {
  readonly live: Live;
  readonly draw: Draw;
  readonly name: keyof Amounts;
  readonly share: number;
}): number {
  if (asks === 'nothing') return need[name];
  if (asks === 'once' && name === 'tokens') return need.tokens;
  if (asks === 'once' && name === 'steps') return Math.max(need.steps, STEPS_OF_ONE_CALL);
  const own: Budget = live.plan.node.budget ?? {};
  if (own[CEILINGS[name]] !== undefined) return Number.POSITIVE_INFINITY;
  const short = SHORT_FACTOR * (live.short?.[name] ?? 0);
  return Math.max(need[name], short, Math.floor(share));
}

function shortageText(
  name: keyof Amounts,
  {
    ceiling,
    spent,
    need,
  }: { readonly ceiling: number; readonly spent: number; readonly need: number },
): string {
  const left = ceiling - spent;
  switch (name) {
    case 'tokens':
      return left <= 0
        ? `${ceiling} tokens are used up`
        : `a call of up to ${need} tokens does not fit into the ${left} tokens left of ${ceiling}`;
    case 'costMicroUsd':
      return left <= 0
        ? `${dollars(ceiling)} is spent`
        : `a call of up to ${dollars(need)} does not fit into the ${dollars(left)} left of ${dollars(ceiling)}`;
    case 'steps':
      return left <= 0
        ? `${ceiling} steps are used up`
        : `${need} steps do not fit into the ${left} left of ${ceiling}`;
  }
}

const dollars = (costMicroUsd: number): string => `$${(costMicroUsd / 1e6).toFixed(2)}`;
