/** One attempt on the live board: what it says of itself, and the processes that run for it. */
import type { StartedProcess } from '../sandbox/process-mark.ts';
import type { Clock } from '../system/clock.ts';
import type { Conceal } from '../trace/conceal.ts';
import type { LiveRow } from '../trace/trace-store.ts';
import type { LiveBoard } from './live-board.ts';

/** What all leaves of a driver share. */
export interface LiveLeafParts {
  readonly run: string;
  readonly board: LiveBoard;
  readonly clock: Clock;
  readonly conceal: Conceal | undefined;
}

export class LiveLeaf {
  readonly path: string;
  readonly #parts: LiveLeafParts;
  readonly #attempt: number;
  readonly #startedAt: number;
  /** Absent until there is something to show. */
  #row: LiveRow | undefined;
  #text = '';

  constructor({ path, attempt }: Pick<LiveRow, 'path' | 'attempt'>, parts: LiveLeafParts) {
    this.path = path;
    this.#parts = parts;
    this.#attempt = attempt;
    this.#startedAt = parts.clock.now();
  }

  says({ kind, text = '' }: { readonly kind: string; readonly text?: string }): void {
    this.#text = text;
    this.#show({ kind });
  }

  /** `processes`: all that run for it now; a later driver ends them, should this one die. */
  runs(processes: readonly StartedProcess[]): void {
    const kind = this.#row?.kind ?? '';
    this.#show({ kind: kind === '' ? 'process' : kind, processes });
  }

  #show(changed: Partial<LiveRow>): void {
    const { run, board, clock, conceal } = this.#parts;
    const startedAt = this.#startedAt;
    const before = this.#row ?? {
      run,
      path: this.path,
      attempt: this.#attempt,
      kind: '',
      text: '',
      startedAt,
    };
    const row: LiveRow = { ...before, ...changed, lastActivityAt: clock.now() };
    this.#row = row;
    board.show(this.path, () => ({
      ...(this.#row ?? row),
      text: conceal?.(this.#text) ?? this.#text,
    }));
  }
}
