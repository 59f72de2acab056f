import type { ProcessMark, StartedProcess } from '../sandbox/process-mark.ts';
import type { ProcessReport, ProcessRequest, Sandbox } from '../sandbox/sandbox.ts';

/** A sandbox whose processes carry a mark. */
export class MarkedSandbox implements Sandbox {
  readonly #sandbox: Sandbox;
  readonly #toMark: () => ProcessMark;
  readonly #show: (processes: readonly StartedProcess[]) => void;
  #running: Set<StartedProcess> | undefined;

  /**
   * @param toMark asked for each process: most leaves start none.
   * @param show told all that run whenever one starts.
   */
  constructor(
    sandbox: Sandbox,
    toMark: () => ProcessMark,
    show: (processes: readonly StartedProcess[]) => void,
  ) {
    this.#sandbox = sandbox;
    this.#toMark = toMark;
    this.#show = show;
  }

  get level(): Sandbox['level'] {
    return this.#sandbox.level;
  }

  async run(request: ProcessRequest, signal: AbortSignal): Promise<ProcessReport> {
    this.#running ??= new Set();
    const running = this.#running;
    let own: StartedProcess | undefined;
    const onStart = (started: StartedProcess): void => {
      own = started;
      running.add(started);
      this.#show([...running]);
    };
    try {
      return await this.#sandbox.run({ ...request, mark: this.#toMark(), onStart }, signal);
    } finally {
      // The end of the leaf clears what is shown: a write for each process would be one too many.
      if (own !== undefined) running.delete(own);
    }
  }
}
