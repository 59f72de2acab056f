/**
 * Admission: the one gate that turns ready leaves into requests, while a slot and a slice of every budget
 * around them are free. A run keeps the rules that it began with: by rules 1 leaves begin until a budget
 * is used up, by rules 2 each has a slice.
 */
import type { Slice } from '../trace/events.ts';
import type { Live, RunState } from '../trace/run-state.ts';
import { SliceGate } from './admission/slice-gate.ts';
import { SpentGate } from './admission/spent-gate.ts';

export type Admission =
  | { readonly do: 'request'; readonly live: Live; readonly slice: Slice | undefined }
  /** The budget of a node below the root is used up. */
  | { readonly do: 'fail'; readonly scope: Live; readonly message: string }
  /** The budget of the run is used up, and nothing is in flight. */
  | { readonly do: 'stop'; readonly message: string };

export interface Gate {
  /** Takes a leaf that is ready; one that is aborted meanwhile is dropped. */
  push(live: Live): void;
  /**
   * What admission does next, undefined where it waits for a fact. A requested leaf has left the gate.
   * Depends on nothing but the state and the leaves that are ready in it.
   */
  next(state: RunState): Admission | undefined;
}

export function gateOf(state: RunState): Gate {
  return (state.started?.rulesVersion ?? 1) < 2 ? new SpentGate() : new SliceGate();
}
