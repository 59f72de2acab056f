/**
 * Linked folders belong to no tree, so that no patch and no reset puts back what is written there. Whatever
 * a leaf runs, its sandbox says which of them a process wrote to; here that becomes the end of the leaf.
 */
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Failure } from '../trace/outcome.ts';
import { failure, listSome } from './failure.ts';
import type { RunnerReport } from './leaf-runner.ts';

export interface LinkedWatch {
  readonly sandbox: Sandbox;
  /** Its report, which is a failure where a process of it wrote to a linked folder. */
  judged(report: RunnerReport): RunnerReport;
}

/** Of one attempt. */
export function linkedWatch(sandbox: Sandbox): LinkedWatch {
  const wrote = new Set<string>();
  return {
    sandbox: {
      level: sandbox.level,
      async run(request, signal) {
        const report = await sandbox.run(request, signal);
        for (const path of report.wroteLinked ?? []) wrote.add(path);
        return report;
      },
    },
    judged(report) {
      const why = linkedFailure([...wrote]);
      if (why === undefined) return report;
      const { output, fruit } = report;
      return {
        status: 'failed',
        failure: why,
        ...(output === undefined ? {} : { output }),
        ...(fruit === undefined ? {} : { fruit }),
      };
    },
  };
}

/** Undefined where nothing was written. `paths`: of linked folders. */
export function linkedFailure(paths: readonly string[] = []): Failure | undefined {
  if (paths.length === 0) return undefined;
  const message = `wrote to linked folders, which are not of its tree: ${listSome(paths)}`;
  return failure('permission', message);
}
