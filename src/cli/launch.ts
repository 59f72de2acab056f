/** From a run in the store to its driver, and staying with it: the same for run, resume and fork. */
import type { ExitStatus } from '../base/error-codes.ts';
import { type DriveOrder, driveRun, spawnDriver } from '../workbench/launch-run.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { type AttendRequest, attend } from './attend.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';

export interface LaunchRequest {
  readonly run: string;
  readonly order?: DriveOrder;
  /** Epoch of the last driver; 0 for a run that had none. */
  readonly afterEpoch: number;
  /** As in `AttendRequest`. */
  readonly toldSeq?: number;
  /** As in `AttendRequest`. */
  readonly program?: string;
  /** In this process, whatever the flags say. */
  readonly isForeground?: boolean;
  /** Says how it ended, in place of `printEnd`. */
  readonly end?: AttendRequest['end'];
}

/** Starts a driver as `--detach` and `--foreground` say; attends the run unless detached. */
export async function launch(
  context: CommandContext,
  workbench: Workbench,
  input: CommandInput,
  {
    run,
    order = {},
    afterEpoch,
    toldSeq = 0,
    end,
    program,
    isForeground = input.has('foreground'),
  }: LaunchRequest,
): Promise<ExitStatus> {
  const { host, output } = context;
  const looking = {
    run,
    isReader: false,
    afterEpoch,
    toldSeq,
    ...(end === undefined ? {} : { end }),
    ...(program === undefined ? {} : { program }),
  };
  if (isForeground) {
    const stop = new AbortController();
    const driving = driveRun(workbench, run, stop.signal, order);
    return attend(context, workbench, { ...looking, own: { driving, stop } });
  }
  await (host.startDriver ?? spawnDriver)(workbench, run, order);
  if (input.has('detach')) {
    if (output.isJson) output.json({ schema: 'whaleflow.started/1', run });
    else output.data(run);
    return 0;
  }
  return attend(context, workbench, looking);
}
