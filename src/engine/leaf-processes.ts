/** The processes of leaves: the marks that they carry, and the end of those that nobody else ends. */
import type { Leftovers, ProcessMark } from '../sandbox/process-mark.ts';
import type { NewEvent, TraceStore } from '../trace/trace-store.ts';
import { attemptAddress } from '../workflow/node-path.ts';

export interface LeafProcessesParts {
  readonly run: string;
  readonly store: TraceStore;
  readonly driver: { readonly mark: string };
  readonly endLeftovers?: (left: Leftovers) => Promise<number>;
}

/** How many had to be ended, where there were any. */
export interface EndedProcesses {
  readonly ended?: number;
}

export class LeafProcesses {
  readonly #parts: LeafProcessesParts;
  /** Of earlier drivers. */
  readonly #marks = new Set<string>();

  constructor(parts: LeafProcessesParts) {
    this.#parts = parts;
  }

  /** Hears what earlier drivers recorded. */
  see(event: NewEvent): void {
    if (event.type === 'run.driven' && event.mark !== undefined) this.#marks.add(event.mark);
  }

  markOf(path: string, attempt: number): ProcessMark {
    const { run, driver } = this.#parts;
    return { leaf: `${run}/${attemptAddress(path, attempt)}`, driver: driver.mark };
  }

  /** Before their work begins again: two of one command must not run side by side. */
  async endOfDeadDrivers(): Promise<EndedProcesses> {
    const { run, store } = this.#parts;
    if (this.#marks.size === 0) return {};
    const processes = store.live(run).flatMap((row) => row.processes ?? []);
    return this.#end({ drivers: this.#marks, processes });
  }

  /** Its sandbox ought to have done so: this is for one that could not. */
  async endOf(path: string, attempt: number): Promise<EndedProcesses> {
    const { run, store, driver } = this.#parts;
    const row = store.live(run).find((one) => one.path === path && one.attempt === attempt);
    const { leaf } = this.markOf(path, attempt);
    return this.#end({ drivers: new Set([driver.mark]), leaf, processes: row?.processes ?? [] });
  }

  async #end(left: Leftovers): Promise<EndedProcesses> {
    const ended = (await this.#parts.endLeftovers?.(left)) ?? 0;
    return ended === 0 ? {} : { ended };
  }
}
