/** A runner does the work of one task type; the leaf chain around it records start and end. */
import type { Json } from '../base/json.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Fruit, Route, Shortage, StopCause } from '../trace/events.ts';
import type { Failure } from '../trace/outcome.ts';
import type { LeafTask, TaskType } from '../workflow/task.ts';
import type { Continuation } from './continuation.ts';
import type { LeafHooks } from './hooks.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafJob } from './leaf-job.ts';
import type { LeafTree } from './leaf-tree.ts';

/** What a runner hands back. The chain turns it into `leaf.finished`. */
export type RunnerReport =
  | {
      readonly status: 'succeeded' | 'degraded';
      readonly output: Json;
      readonly fruit?: readonly Fruit[];
      /** A commit that the runner made itself (merge). */
      readonly commit?: string;
    }
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      /** It broke off since its slice was too small: the leaf is asked again with as much. */
      readonly short?: Shortage;
      /** Only a person can mend what it failed for: the leaf is asked again when the run goes on. */
      readonly stop?: StopCause;
      readonly output?: Json;
      readonly fruit?: readonly Fruit[];
    };

/** What the chain gives to a runner. */
export interface RunnerWorld {
  /** Absolute root of the leaf’s tree; absent when the task works on none. */
  readonly root?: string;
  /** The same tree, for what looks at its changes. */
  readonly tree?: LeafTree;
  readonly sandbox: Sandbox;
  /** Programs of the person around its tools. */
  readonly hooks?: LeafHooks;
  /** The record of the attempts before this one, where it goes on with that. */
  readonly past?: Continuation;
  /**
   * Records for this attempt. A fact need not be awaited where no effect depends on it: when the host
   * can record no more, the chain aborts the runner.
   */
  readonly host: LeafHost;
}

export interface LeafRunner<Task extends LeafTask> {
  /** Never rejects for what the world does; an abort ends it soon with a failed report. */
  run(job: LeafJob<Task>, world: RunnerWorld, signal: AbortSignal): Promise<RunnerReport>;
  /** False for one that touches no files, whatever the task says (mocks): it gets no tree. */
  readonly worksOnFiles?: false;
  /**
   * It works on no files, and does nothing in the world before a record of its own is durable (a mock:
   * nothing at all): it may begin while its request is still to be recorded.
   */
  readonly recordsFirst?: true;
  /** False for one that does not ask `past` first, though tasks of its type can go on with a record. */
  readonly continues?: false;
  /** Which model will answer, for the record; absent for runners without a model. */
  route?(job: LeafJob<Task>): Route | undefined;
}

/** One runner a task type; a type without one refuses to run and says what is missing. */
export type RunnerTable = {
  readonly [T in TaskType]?: LeafRunner<Extract<LeafTask, { readonly type: T }>>;
};
