/** Rules 1: leaves begin in the order as written until a budget around the first of them is used up. */
import { slotOf } from '../../trace/apply.ts';
import {
  emptySums,
  type Live,
  type RunState,
  type SlotClass,
  type Sums,
} from '../../trace/run-state.ts';
import { totalTokens } from '../../trace/usage.ts';
import type { Budget } from '../../workflow/limits.ts';
import type { Admission, Gate } from '../admission.ts';
import { compareWritten, ReadyQueue } from '../ready-queue.ts';

export class SpentGate implements Gate {
  readonly #ready: Record<SlotClass, ReadyQueue> = {
    model: new ReadyQueue(),
    command: new ReadyQueue(),
  };

  push(live: Live): void {
    this.#ready[slotOf(live.plan)].push(live);
  }

  next(state: RunState): Admission | undefined {
    const live = this.#first(state);
    if (live === undefined) return undefined;
    const spent = exhaustedBudget(state, live);
    if (spent === undefined) {
      this.#ready[slotOf(live.plan)].shift();
      return { do: 'request', live, slice: undefined };
    }
    const { scope, message } = spent;
    // What losers left is worth having, and never what ends their node or the run.
    if (live.plan.side === 'harvest') return { do: 'fail', scope: live, message };
    if (scope !== undefined) return { do: 'fail', scope, message };
    return state.inFlight.size > 0 ? undefined : { do: 'stop', message };
  }

  #first({ busy, started }: RunState): Live | undefined {
    const limits = started?.config.concurrency ?? busy;
    const model = busy.model < limits.model ? this.#ready.model.peek() : undefined;
    const command = busy.command < limits.command ? this.#ready.command.peek() : undefined;
    if (model === undefined || command === undefined) return model ?? command;
    return compareWritten(model, command) <= 0 ? model : command;
  }
}

interface SpentBudget {
  /** The node whose own budget it is; undefined for the run’s. */
  readonly scope: Live | undefined;
  readonly message: string;
}

/** The innermost budget around a leaf that is used up, or undefined. */
function exhaustedBudget(state: RunState, leaf: Live): SpentBudget | undefined {
  for (let at: Live | undefined = leaf; at !== undefined; at = at.parent) {
    const { budget, id } = at.plan.node;
    if (budget === undefined) continue;
    const isRun = at.parent === undefined;
    const sums = isRun ? state.totals : (state.sums.get(at.path) ?? NOTHING);
    const ceilings = isRun ? { ...budget, ...state.raised } : budget;
    const activeMs = hasBegun(at) ? state.activeMs - at.startedActiveMs : 0;
    const problem = overBudget(ceilings, sums, activeMs);
    if (problem === undefined) continue;
    return { scope: isRun ? undefined : at, message: isRun ? problem : `${id}: ${problem}` };
  }
  return undefined;
}

const NOTHING: Sums = emptySums();

/** Time that a leaf waits for admission is not its own. */
const hasBegun = ({ plan, attempt }: Live): boolean => plan.node.kind !== 'leaf' || attempt > 0;

function overBudget(budget: Budget, sums: Sums, activeMs: number): string | undefined {
  const { maxLeaves, maxCostMicroUsd, maxTokens, maxSteps, maxMs } = budget;
  const tokens = totalTokens(sums.tokens);
  const steps = sums.modelCalls + sums.toolCalls;
  if (maxLeaves !== undefined && sums.leaves >= maxLeaves) return `${maxLeaves} leaves are used up`;
  if (maxTokens !== undefined && tokens >= maxTokens) return `${maxTokens} tokens are used up`;
  if (maxSteps !== undefined && steps >= maxSteps) return `${maxSteps} steps are used up`;
  if (maxMs !== undefined && activeMs >= maxMs) return `${maxMs} ms are over`;
  if (maxCostMicroUsd !== undefined && sums.costMicroUsd >= maxCostMicroUsd) {
    return `$${(maxCostMicroUsd / 1e6).toFixed(2)} is spent`;
  }
  return undefined;
}
