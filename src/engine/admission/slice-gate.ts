/**
 * Rules 2: a leaf begins when a slot and a slice of every budget around it are free. One that is short of
 * a slice waits at the budget that is too small, as long as a leaf in flight there may give something
 * back; those of its slot class behind it, under the same budget, wait too, so that nobody is overtaken
 * for ever. Leaves of other branches go on. Who waits where is found anew before each admission from those
 * at the head of each line: lines exist only where leaves are in flight, so they are few.
 */
import { slotOf } from '../../trace/apply.ts';
import type { Live, RunState, SlotClass } from '../../trace/run-state.ts';
import type { Admission, Gate } from '../admission.ts';
import { compareWritten, ReadyQueue } from '../ready-queue.ts';
import { cutSlice } from './slice.ts';

const SLOTS: readonly SlotClass[] = ['model', 'command'];

interface Line {
  readonly queue: ReadyQueue;
  readonly slot: SlotClass;
  /** The node whose budget they wait at; undefined for those who have not been looked at. */
  readonly scope: Live | undefined;
}

interface Head {
  readonly live: Live;
  readonly line: Line;
}

/** What one look over the heads has found. */
interface Look {
  readonly free: Readonly<Record<SlotClass, boolean>>;
  /** Budgets at which the first in line waits; absent where there are none. */
  readonly closed: { [Slot in SlotClass]: Set<Live> | undefined };
  stop: string | undefined;
}

export class SliceGate implements Gate {
  readonly #ready: Readonly<Record<SlotClass, Line>> = {
    model: { queue: new ReadyQueue(), slot: 'model', scope: undefined },
    command: { queue: new ReadyQueue(), slot: 'command', scope: undefined },
  };
  readonly #lines: Readonly<Record<SlotClass, Map<Live, Line>>> = {
    model: new Map(),
    command: new Map(),
  };

  push(live: Live): void {
    this.#ready[slotOf(live.plan)].queue.push(live);
  }

  next(state: RunState): Admission | undefined {
    const limits = state.started?.config.concurrency ?? state.busy;
    const { model, command } = state.busy;
    const look: Look = {
      free: { model: model < limits.model, command: command < limits.command },
      closed: { model: undefined, command: undefined },
      stop: undefined,
    };
    for (let head = this.#first(look); head !== undefined; head = this.#first(look)) {
      const admission = this.#judge(state, head, look);
      if (admission !== undefined) return admission;
    }
    const { stop } = look;
    if (stop === undefined || state.inFlight.size > 0) return undefined;
    return { do: 'stop', message: stop };
  }

  /** The first as written of those that may still be looked at. */
  #first({ free, closed }: Look): Head | undefined {
    let first: Head | undefined;
    for (const slot of SLOTS) {
      if (!free[slot]) continue;
      first = earlier(first, this.#ready[slot]);
      const lines = this.#lines[slot];
      if (lines.size === 0) continue;
      for (const [scope, line] of lines) {
        if (line.queue.peek() === undefined) lines.delete(scope);
        else if (closed[slot]?.has(scope) !== true) first = earlier(first, line);
      }
    }
    return first;
  }

  #judge(state: RunState, { live, line }: Head, look: Look): Admission | undefined {
    const closed = look.closed[line.slot];
    const behind = closed === undefined ? undefined : closedAround(live, closed);
    if (closed !== undefined && behind !== undefined) {
      // All in this line are below a closed budget: none of them is looked at.
      if (line.scope !== undefined && closedAround(line.scope, closed)) closed.add(line.scope);
      else this.#move(live, line, behind);
      return undefined;
    }
    const cut = cutSlice(state, live, line.slot);
    if ('slice' in cut) {
      line.queue.shift();
      return { do: 'request', live, slice: cut.slice };
    }
    const { at, message, mayComeBack } = cut;
    const isRun = at.parent === undefined;
    // What losers left is worth having, and never what ends their node or the run.
    if (!mayComeBack && live.plan.side === 'harvest') return { do: 'fail', scope: live, message };
    if (!mayComeBack && !isRun) return { do: 'fail', scope: at, message };
    if (isRun) look.stop ??= message;
    if (line.scope !== at) this.#move(live, line, at);
    if (closed === undefined) look.closed[line.slot] = new Set([at]);
    else closed.add(at);
    return undefined;
  }

  #move(live: Live, from: Line, scope: Live): void {
    from.queue.shift();
    const lines = this.#lines[from.slot];
    const line = lines.get(scope) ?? { queue: new ReadyQueue(), slot: from.slot, scope };
    lines.set(scope, line);
    line.queue.push(live);
  }
}

function earlier(first: Head | undefined, line: Line): Head | undefined {
  const live = line.queue.peek();
  if (live === undefined) return first;
  return first === undefined || compareWritten(live, first.live) < 0 ? { live, line } : first;
}

/** The innermost closed budget around a node, its own included. */
function closedAround(live: Live, closed: ReadonlySet<Live>): Live | undefined {
  for (let at: Live | undefined = live; at !== undefined; at = at.parent) {
    if (closed.has(at)) return at;
  }
  return undefined;
}
