import type { NodePath } from '../../workflow/node-path.ts';
import type { TraceEvent } from '../events.ts';
import { liveAt, type RunState } from '../run-state.ts';

const KINDS: ReadonlySet<TraceEvent['type']> = new Set([
  'run.driven',
  'leaf.requested',
  'timer.requested',
  'approval.asked',
  'approval.requested',
  'approval.answered',
]);

/** Requests, questions and timers of nodes that have not ended, and every driver, in order. */
export class OpenEvents {
  #events: TraceEvent[];

  constructor(events: readonly TraceEvent[] = []) {
    this.#events = [...events];
  }

  see(event: TraceEvent): void {
    if (KINDS.has(event.type)) this.#events.push(event);
  }

  /** Those that are still open; the others are dropped. */
  open(state: RunState): readonly TraceEvent[] {
    const isOpen = (path: NodePath): boolean =>
      liveAt(state, path) !== undefined || state.inFlight.has(path);
    this.#events = this.#events.filter((event) => !('path' in event) || isOpen(event.path));
    return this.#events;
  }
}
