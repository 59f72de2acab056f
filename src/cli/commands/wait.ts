/** `whaleflow wait RUN…`: blocks until all have come to rest. */
import type { ExitStatus } from '../../base/error-codes.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { addressed, existingStore, shortIds } from '../runs.ts';
import {
  exitOfStanding,
  isAtRest,
  runJson,
  type Standing,
  standingOf,
  wordOfState,
} from '../standing.ts';

const POLL_MS = 100;

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const timeoutMs = input.durationMs('timeout') ?? Number.POSITIVE_INFINITY;
  const workbench = await context.workbench();
  const { clock, timers } = workbench;
  const rows = input.words.map((word) => addressed(workbench, word).row);
  const store = existingStore(workbench) ?? workbench.store('read');
  const begun = clock.monotonic();
  let left: ExitStatus | undefined;
  using _int = context.host.onSignal('SIGINT', () => {
    left = 130;
  });
  using _term = context.host.onSignal('SIGTERM', () => {
    left = 143;
  });
  let standings: readonly Standing[];
  for (;;) {
    standings = rows.map((row) => standingOf(workbench, store, store.run(row.run) ?? row));
    if (left !== undefined || standings.every(isAtRest)) break;
    if (clock.monotonic() - begun >= timeoutMs) left = 124;
    else await new Promise<void>((resolve) => void timers.after(POLL_MS, resolve));
  }
  const exit = left ?? worst(standings);
  const { output } = context;
  if (output.isJson) {
    const now = clock.now();
    const runs = standings.map((standing) => runJson(standing, now));
    output.json({ schema: 'whaleflow.wait/1', runs, exit });
    return exit;
  }
  const short = shortIds(store.runs());
  for (const { row, state } of standings) {
    const why = row.because === undefined ? '' : `   ${row.because}`;
    output.talk(`${short(row.run)} ${wordOfState[state]} ${row.done}/${row.total}${why}`);
  }
  return exit;
}

function worst(standings: readonly Standing[]): ExitStatus {
  const exits = standings.map((standing) => exitOfStanding(standing) ?? 0);
  return exits.sort((a, b) => b - a)[0] ?? 0;
}
