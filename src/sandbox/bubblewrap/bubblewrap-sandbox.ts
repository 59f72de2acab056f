/**
 * The strict sandbox: each process in namespaces of its own, with a root built from an allow-list, no
 * capabilities, a system call filter, limits, and nothing inherited but three pipes. The plain sandbox
 * runs the launcher and keeps its promises on output, timeouts and ending; inside a process namespace
 * nothing can leave the group.
 */
import type { Sandbox, SandboxIdentity } from '../sandbox.ts';
import { launchArgv } from './launcher.ts';
import { closePidsGroup, openPidsGroup } from './pids-group.ts';
import { bubblewrapArguments, type Profile } from './profile.ts';

export interface BubblewrapParts {
  /** Runs the launcher; see `noneSandbox`. */
  readonly plain: Sandbox;
  readonly profile: Profile;
  /** A file with the bytes of `seccompFilter`. */
  readonly filterFile: string;
  readonly identity: SandboxIdentity;
  /** A new name each time, fit for a folder; undefined where processes need no control group. */
  readonly newGroupName: (() => string) | undefined;
}

export function bubblewrapSandbox({
  plain,
  profile,
  filterFile,
  newGroupName,
  identity,
}: BubblewrapParts): Sandbox {
  return {
    level: 'strict',
    identity,
    async run(request, signal) {
      const { processes } = profile.limits;
      const name = signal.aborted ? undefined : newGroupName?.();
      const group = name === undefined ? undefined : openPidsGroup(name, processes);
      const argv = launchArgv({ filterFile, group }, bubblewrapArguments(request, profile));
      try {
        return await plain.run({ ...request, argv }, signal);
      } finally {
        if (group !== undefined) closePidsGroup(group);
      }
    },
  };
}
