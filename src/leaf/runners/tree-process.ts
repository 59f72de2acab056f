/** Runs a process in a tree, through the sandbox, with an environment and a home of its own. */
import type { ProcessReport } from '../../sandbox/sandbox.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { RunnerWorld } from '../leaf-runner.ts';
import { boundlessSlots, type MachineSlots } from '../machine-slots.ts';
import {
  commandEnvironment,
  type HostEnvironment,
  locationFree,
  privateHome,
} from './command-place.ts';
import { grantedVariables } from './granted-variables.ts';
import { latestText } from './stream-text.ts';
import { writableFolders } from './writable-folders.ts';

export interface ProcessParts {
  /** What names in `permissions.env` are looked up in; `PATH` and `LANG` come from here too. */
  readonly environment: HostEnvironment;
  /** Where private homes are made. */
  readonly temporaryFolder: string;
  /** Places that it shares with other runs; as many as it likes where absent. */
  readonly slots?: MachineSlots;
}

export interface TreeProcess extends ProcessParts {
  readonly argv: readonly string[];
  /** The tree’s root, links followed. */
  readonly base: string;
  /** At or below `base`, links followed. */
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Called once before it starts, with its folder of temporary files; what that gives, when it has ended. */
  readonly around?: (temporary: string) => Promise<Around | undefined>;
}

/** What is taken from a process’s folders before they go. */
export interface Around {
  /** Files of its folder of temporary files. */
  readonly kept: readonly string[];
  /** Once it has ended. */
  collect(): void;
}

export interface RanProcess {
  readonly report: ProcessReport;
  /** Makes a text of the process fit to be shown: the same wherever it ran. */
  readonly toShown: (text: string) => string;
}

/** Bytes of each stream that the record keeps. */
const MAX_RECORDED_BYTES = 1024 * 1024;

/** Bytes of what it prints that people who watch see: decoding all of a flood would be for nobody. */
const MAX_LIVE_BYTES = 8 * 1024;

/** Never rejects for what the process does. */
export async function runInTree(
  job: Pick<LeafJob, 'node' | 'consent'>,
  world: Pick<RunnerWorld, 'sandbox' | 'host'>,
  { slots = boundlessSlots, ...process }: TreeProcess,
  signal: AbortSignal,
): Promise<RanProcess> {
  const { argv, base, cwd, timeoutMs, environment, temporaryFolder } = process;
  const { node } = job;
  const { sandbox, host } = world;
  const writable = await writableFolders(job, base);
  const home = await privateHome(temporaryFolder);
  let leave: (() => void) | undefined;
  try {
    const around = await process.around?.(home.temporary);
    leave = await slots.enter(signal, () => host.live({ kind: 'waits for a slot' }));
    const report = await sandbox.run(
      {
        argv,
        root: base,
        cwd,
        env: commandEnvironment(environment, grantedVariables(job, environment), home),
        timeoutMs,
        maxOutputBytes: MAX_RECORDED_BYTES,
        writable,
        scratch: [home.home, home.temporary],
        ...(around === undefined ? {} : { kept: around.kept }),
        network: node.permissions.network,
        onOutput: (_stream, chunk) => {
          host.live({ kind: 'output', text: latestText(chunk, MAX_LIVE_BYTES) });
        },
      },
      signal,
    );
    around?.collect();
    return { report, toShown: (text) => locationFree(withoutMark(text, report), base, home) };
  } finally {
    leave?.();
    await home.close();
  }
}

/** Equal work gives equal output: which run, and which process of it, is no part of that. */
const withoutMark = (text: string, { mark }: ProcessReport): string =>
  mark === undefined ? text : text.replaceAll(mark, 'leaf');
