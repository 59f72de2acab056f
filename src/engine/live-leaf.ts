/** One attempt on the live board: what it says of itself, and the processes that run for it. */
import type { StartedProcess } from '../sandbox/process-mark.ts';
import type { Clock } from '../system/clock.ts';
import type { Conceal } from '../trace/conceal.ts';
import type { LiveRow } from '../trace/trace-store.ts';
import type { LiveBoard } from './live-board.ts';

export interface LiveLeafParts {
  readonly board: LiveBoard;
  readonly clock: Clock;
  readonly conceal: Conceal | undefined;
}

export class LiveLeaf {
  readonly #parts: LiveLeafParts;
  #row: LiveRow;
  #text = '';

  constructor(leaf: Pick<LiveRow, 'run' | 'path' | 'attempt'>, parts: LiveLeafParts) {
    this.#parts = parts;
    const now = parts.clock.now();
    this.#row = { ...leaf, kind: '', text: '', startedAt: now, lastActivityAt: now };
  }

  says({ kind, text = '' }: { readonly kind: string; readonly text?: string }): void {
    this.#text = text;
    this.#show({ kind });
  }

  /** `processes`: all that run for it now; a later driver ends them, should this one die. */
  runs(processes: readonly StartedProcess[]): void {
    this.#show({ kind: this.#row.kind === '' ? 'process' : this.#row.kind, processes });
  }

  #show(changed: Partial<LiveRow>): void {
    const { board, clock, conceal } = this.#parts;
    this.#row = { ...this.#row, ...changed, lastActivityAt: clock.now() };
    board.show(this.#row.path, () => ({ ...this.#row, text: conceal?.(this.#text) ?? this.#text }));
  }
}
