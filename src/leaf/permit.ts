import type { Failure } from '../trace/outcome.ts';
import type { LeafTask } from '../workflow/task.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { failure } from './failure.ts';
import { type LeafJob, needsTree } from './leaf-job.ts';
import type { LeafRunner, RunnerTable } from './leaf-runner.ts';

/** The runner of a job, or why the job may not run at all. */
export function permit(
  job: LeafJob,
  { runners, workspace }: { readonly runners: RunnerTable; readonly workspace: Workspace },
): { readonly runner: LeafRunner<LeafTask> } | { readonly failure: Failure } {
  const { task, mode, permissions } = job.node;
  const runner: LeafRunner<LeafTask> | undefined = runners[task.type];
  if (runner === undefined) {
    return { failure: failure('refused', `no runner for ${task.type} leaves in this build`) };
  }
  const writes = mode === 'read_write' && needsTree(task) && runner.worksOnFiles !== false;
  if (writes && !permissions.write) {
    return {
      failure: failure('permission', 'the leaf writes, which its permissions do not allow'),
    };
  }
  if (writes && workspace.kind === 'none') {
    return {
      failure: failure('sandbox', 'the leaf writes, and without git there is no tree for it'),
    };
  }
  return { runner };
}
