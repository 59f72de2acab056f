/** One attempt of one leaf: everything it needs, resolved, and nothing about the rest of its run. */
import type { Json, JsonObject } from '../base/json.ts';
import type { Slice, TreeRef } from '../trace/events.ts';
import type { Consent, RecordedSkill } from '../trace/run-terms.ts';
import type { LeafTask } from '../workflow/task.ts';
import type { LeafNode } from '../workflow/workflow-spec.ts';
import type { PastEntry } from './past-work.ts';

export interface LeafJob<Task extends LeafTask = LeafTask> {
  readonly run: string;
  readonly path: string;
  readonly attempt: number;
  readonly node: Omit<LeafNode, 'task'> & { readonly task: Task };
  /** Values of the inputs by name; null where an optional source gave nothing. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Values of inputs in the iteration before, by name. */
  readonly previous: Readonly<Record<string, Json>>;
  readonly params: JsonObject;
  /** The item of the innermost expand around it. */
  readonly item?: Json;
  /** Number of the innermost iteration, from 1. */
  readonly iteration?: number;
  /** Tells intended repetitions of one context apart. */
  readonly sample: string;
  /** Where it works; absent when the run has no trees or the task needs none. */
  readonly tree?: TreeRef;
  readonly slice?: Slice;
  /** Dotted paths of the output whose values the plan refers to; `''` is the whole. */
  readonly wanted: readonly string[];
  readonly consent: Consent;
  /** The skills of the run by name; the node says which are its own. */
  readonly skills?: Readonly<Record<string, RecordedSkill>>;
  /** What attempts before it recorded, where it goes on with that. */
  readonly past?: readonly PastEntry[];
}

/** Says whether a task works on files. */
export function needsTree(task: LeafTask): boolean {
  return (
    task.type === 'command' ||
    task.type === 'search' ||
    task.type === 'agent' ||
    task.type === 'external' ||
    task.type === 'merge' ||
    task.type === 'harvest'
  );
}
