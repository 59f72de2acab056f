import { matchesText } from '../../base/glob.ts';
import type { SandboxLevel } from '../../sandbox/sandbox.ts';
import type { Failure } from '../../trace/outcome.ts';
import { failure, listSome } from '../failure.ts';
import type { LeafJob } from '../leaf-job.ts';

/**
 * Why a command may not run, or undefined: the author’s permissions have to allow it, and without a
 * sandbox a person’s consent has to cover it too.
 */
export function commandRefusal(
  job: LeafJob,
  command: string,
  level: SandboxLevel,
): Failure | undefined {
  const { permissions } = job.node;
  if (!permissions.shell) return failure('permission', `no commands are permitted: ${command}`);
  const allowed = permissions.commands;
  if (!allowed.some((glob) => matchesText(glob, command))) {
    return failure(
      'permission',
      `${command} is not among the permitted commands: ${named(allowed)}`,
    );
  }
  const agreed = job.consent.commands;
  if (level === 'none' && !agreed.some((glob) => matchesText(glob, command))) {
    const message = `${command} is not among the commands that may run without a sandbox`;
    return failure('permission', `${message}: ${named(agreed)}`);
  }
  return undefined;
}

const named = (globs: readonly string[]): string => (globs.length === 0 ? 'none' : listSome(globs));
