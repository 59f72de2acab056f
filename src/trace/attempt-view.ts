/** What one attempt of a leaf did and used, for screens and reports. Contents stay references. */
import type { NodePath } from '../workflow/node-path.ts';
import type { ContentRef } from './content.ts';
import type { Fact, Fruit, PatchRef, Route, TraceEvent, TreeRef } from './events.ts';
import type { Failure } from './outcome.ts';
import { nothingSpent, type Spent } from './rollup.ts';

type FactOf<T extends Fact['type']> = Extract<Fact, { readonly type: T }>;

/** One answer of a model, or one failed sending. */
export type CallView = Omit<FactOf<'model.called'>, 'type' | 'path' | 'attempt'> & {
  readonly at: number;
};

export type ToolView = Omit<FactOf<'tool.called'>, 'type' | 'path' | 'attempt'> & {
  readonly at: number;
};

export type AttemptStatus =
  | 'requested'
  | 'running'
  | 'succeeded'
  | 'degraded'
  | 'failed'
  | 'lost'
  /** Aborted: it may still have handed something over. */
  | 'cancelled';

export type RequestEvent = Extract<TraceEvent, { readonly type: 'leaf.requested' }>;

export interface AttemptView extends Spent {
  readonly path: NodePath;
  readonly attempt: number;
  readonly requestedAt: number;
  readonly request: RequestEvent;
  status: AttemptStatus;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  /** By how much wall time jumped while it was at work; none where absent. */
  jumpedMs?: number;
  /** The latest thing that is known of it. */
  lastActivityAt: number;
  route: Route | undefined;
  /** Where its processes ran; undefined where it starts none. */
  sandbox: FactOf<'leaf.started'>['sandbox'];
  failure: Failure | undefined;
  output: ContentRef | undefined;
  patch: PatchRef | undefined;
  /** Where a leaf that may write left its tree. */
  tree: TreeRef | undefined;
  fruit: readonly Fruit[];
  /** What it took from the record of the attempts before it. */
  continued: Pick<FactOf<'leaf.continued'>, 'calls' | 'tools' | 'dropped'> | undefined;
  /** It has not ended, or not by itself and not for a person: the next attempt takes over its record. */
  isOpen: boolean;
  /** Answered from the record of another run. */
  from: FactOf<'leaf.finished'>['from'];
  readonly calls: CallView[];
  readonly tools: ToolView[];
}

/** An attempt that was just requested. */
export function newAttempt(request: RequestEvent): AttemptView {
  const { path, attempt, at } = request;
  return {
    path,
    attempt,
    requestedAt: at,
    request,
    status: 'requested',
    startedAt: undefined,
    finishedAt: undefined,
    lastActivityAt: at,
    route: undefined,
    sandbox: undefined,
    failure: undefined,
    output: undefined,
    patch: undefined,
    tree: undefined,
    fruit: [],
    continued: undefined,
    isOpen: true,
    from: undefined,
    calls: [],
    tools: [],
    ...nothingSpent(),
  };
}

/** How long an attempt has worked until `now`, without what it waited before it started. */
export function workedMs(attempt: AttemptView, now: number): number {
  const { startedAt, requestedAt, finishedAt, jumpedMs = 0 } = attempt;
  return Math.max(0, (finishedAt ?? now) - (startedAt ?? requestedAt) - jumpedMs);
}
