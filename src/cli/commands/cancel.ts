/** `whaleflow cancel RUN[/LEAF]`. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { cancel } from '../../workbench/steer.ts';
import { addressText } from '../address.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { addressed, shortIds } from '../runs.ts';
import { standingOf } from '../standing.ts';
import { steeringOf } from '../steering.ts';

/** A living driver reads words 20 times a second; leaves in flight have 10 s to hand over. */
const SETTLE_MS = 12_000;
const POLL_MS = 50;

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const address = addressed(workbench, input.words[0]);
  const store = workbench.store('write');
  const { row, path } = address;
  await cancel(workbench, address, steeringOf(context.host));
  const { clock, timers } = workbench;
  const begun = clock.monotonic();
  const isOver = (): boolean =>
    path === undefined
      ? store.run(row.run)?.endedAt !== undefined
      : store.commands(row.run).length === 0;
  while (!isOver() && clock.monotonic() - begun < SETTLE_MS) {
    await new Promise<void>((resolve) => void timers.after(POLL_MS, resolve));
  }
  const now = store.run(row.run) ?? row;
  const { state } = standingOf(workbench, store, now);
  const { output } = context;
  const what = addressText(shortIds(store.runs())(row.run), path ?? '');
  if (output.isJson) {
    output.json({ schema: 'whaleflow.cancelled/1', run: row.run, path: path ?? null, state });
  } else if (isOver()) {
    output.data(`cancelled ${what}   what had finished is kept`);
  } else output.data(`asked ${what} to end; leaves in flight are handing over`);
  return 0;
}
