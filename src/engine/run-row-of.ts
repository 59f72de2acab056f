import type { RunState as RowState, RunRow } from '../trace/run-row.ts';
import type { RunState } from '../trace/run-state.ts';
import { totalTokens } from '../trace/usage.ts';

/** The summary row of a run after its latest events. */
export function runRowOf(run: string, state: RunState, seq: number): RunRow {
  const { started, totals, finished } = state;
  const { state: word, because } = stateWord(state);
  const longest = longestInFlight(state);
  return {
    run,
    ...(started?.name === undefined ? {} : { name: started.name }),
    workflow: started?.spec.id ?? '',
    ...(started?.source === undefined ? {} : { source: started.source.path }),
    state: word,
    ...(because === undefined ? {} : { because }),
    startedAt: state.startedAt,
    updatedAt: state.at,
    ...(finished === undefined ? {} : { endedAt: finished.at }),
    done: state.leavesDone,
    total:
      finished === undefined ? Math.max(knownLeaves(state), state.leavesDone) : state.leavesDone,
    inFlight: state.inFlight.size,
    waiting: state.waiting.size,
    costMicroUsd: totals.costMicroUsd,
    costStatus: totals.costStatus,
    tokens: totalTokens(totals.tokens),
    ...(longest === undefined ? {} : { longest }),
    ...(started?.lineage.parent === undefined ? {} : { parent: started.lineage.parent }),
    seq,
  };
}

/** The state of a run in one word, and why where that needs saying. */
export function stateWord(state: RunState): {
  readonly state: RowState;
  readonly because?: string;
} {
  const { finished, stopped } = state;
  if (finished !== undefined) {
    const { outcome } = finished;
    switch (outcome.status) {
      case 'failed':
        return { state: 'failed', because: outcome.failure.message };
      case 'skipped':
        return { state: 'failed', because: `skipped: ${outcome.because}` };
      case 'succeeded':
      case 'degraded':
      case 'cancelled':
        return { state: outcome.status };
    }
  }
  if (stopped !== undefined) {
    const message = stopped.message === undefined ? '' : `: ${stopped.message}`;
    return { state: 'stopped', because: `${stopped.because}${message}` };
  }
  if (state.paused) return { state: state.inFlight.size > 0 ? 'pausing' : 'paused' };
  return { state: 'running' };
}

/** Leaves as far as they are known: those written in the plan, more once loops and expands have grown. */
function knownLeaves(state: RunState): number {
  const { plan } = state;
  if (plan === undefined) return 0;
  return Math.max(plan.leaves, state.leavesDone + state.inFlight.size);
}

function longestInFlight(state: RunState): RunRow['longest'] {
  const [first] = state.inFlight.values();
  return first === undefined ? undefined : { path: first.path, startedAt: first.requestedAt };
}
