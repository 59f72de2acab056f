/** `whaleflow drive RUN`: the detached driver. Talks to nobody: what it has to say is in the trace. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import type { DriveEnd } from '../../engine/drive.ts';
import { findRun } from '../../workbench/find-run.ts';
import { type DriveOrder, driveRun } from '../../workbench/launch-run.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';

const exitOfEnd: Readonly<Record<DriveEnd, ExitStatus>> = {
  finished: 0,
  stopped: 0,
  paused: 0,
  waiting: 0,
  interrupted: 143,
};

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const { row } = findRun(workbench.store('write'), input.words[0] ?? '');
  const stop = new AbortController();
  let signalled: ExitStatus | undefined;
  const interrupt = (status: ExitStatus) => (): void => {
    // What runs for its leaves is killed with it.
    if (stop.signal.aborted) context.host.exit(status);
    signalled = status;
    stop.abort();
  };
  using _int = context.host.onSignal('SIGINT', interrupt(130));
  using _term = context.host.onSignal('SIGTERM', interrupt(143));
  using _hup = context.host.onSignal('SIGHUP', interrupt(143));
  const end = await driveRun(workbench, row.run, stop.signal, parseOrder(input.text('order')));
  // However far it came: whoever sent the signal is told that it was heard.
  return end === 'finished' ? exitOfEnd.finished : (signalled ?? exitOfEnd[end]);
}

/** What the starting process hands over; it is this program, so its shape is trusted. */
function parseOrder(text: string | undefined): DriveOrder {
  if (text === undefined) return {};
  try {
    const order: unknown = JSON.parse(text);
    if (isJsonObject(order as Json)) return order as DriveOrder;
  } catch {
    // Told below.
  }
  throw new WhaleFlowError('WF2002', '--order takes a JSON object');
}
