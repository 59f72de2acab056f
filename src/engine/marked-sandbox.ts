import type { ProcessMark, StartedProcess } from '../sandbox/process-mark.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** A sandbox whose processes carry a mark; `show` is told all that run whenever one starts. */
export function markedSandbox(
  sandbox: Sandbox,
  mark: ProcessMark,
  show: (processes: readonly StartedProcess[]) => void,
): Sandbox {
  const running = new Set<StartedProcess>();
  return {
    ...sandbox,
    async run(request, signal) {
      let own: StartedProcess | undefined;
      const onStart = (started: StartedProcess): void => {
        own = started;
        running.add(started);
        show([...running]);
      };
      try {
        return await sandbox.run({ ...request, mark, onStart }, signal);
      } finally {
        // The end of the leaf clears what is shown: a write for each process would be one too many.
        if (own !== undefined) running.delete(own);
      }
    },
  };
}
