/** One rule a node kind: what follows for a live node from what is below it. Pure. */

import type { Loser, TreeRef, Verdict } from '../../trace/events.ts';
import type { Outcome, OutputRef } from '../../trace/outcome.ts';
import type { Live, RunState } from '../../trace/run-state.ts';
import type { FailureKind } from '../../workflow/limits.ts';
import type { NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import type { NodeKind, NodeOf } from '../../workflow/workflow-spec.ts';

export type Step =
  | { readonly do: 'wait' }
  | {
      readonly do: 'start';
      readonly child: PlanNode;
      readonly path: NodePath;
      readonly instance: number;
      /** Where the leaves behind it may be made when their turn comes. */
      readonly fan?: Fan;
    }
  | { readonly do: 'timer'; readonly timer: string; readonly delayMs: number }
  | { readonly do: 'ask'; readonly message: string }
  /** Says who won and ends what still runs, so that the losers can be harvested. */
  | { readonly do: 'rank'; readonly verdict: Verdict }
  | {
      readonly do: 'finish';
      readonly outcome: Outcome;
      readonly adopted?: { readonly from: TreeRef; readonly into: NodePath };
      /** Losing branches, to be harvested for their fruit. */
      readonly losers?: readonly Loser[];
    };

/** Children side by side. */
export interface Fan {
  readonly count: number;
  readonly maxParallel: number;
  /** Nobody asks which of its leaves wait. */
  readonly isPatient: boolean;
  readonly planAt: (index: number) => PlanNode;
  readonly at: (index: number) => { readonly plan: PlanNode; readonly path: NodePath };
}

export type Rule<K extends NodeKind> = (state: RunState, live: Live, node: NodeOf<K>) => Step;

export const WAIT: Step = { do: 'wait' };
export const NONE: OutputRef = { type: 'none' };

export function start(child: PlanNode, path: NodePath, instance = 0, fan?: Fan): Step {
  return { do: 'start', child, path, instance, ...(fan === undefined ? {} : { fan }) };
}

export function finish(outcome: Outcome): Step {
  return { do: 'finish', outcome };
}

export function fail(kind: FailureKind, message: string): Step {
  return finish({ status: 'failed', failure: { kind, message } });
}
