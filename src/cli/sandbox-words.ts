/** How a run’s processes are confined, as screens say it: loudly where they are not. */
import type { RunStarted } from '../trace/run-state.ts';
import type { RunView } from '../trace/run-view.ts';

type Level = RunStarted['config']['sandbox'];

/** Undefined for runs in which nothing is ever started: mocked ones, and those of a library. */
export function sandboxOf({ state }: Pick<RunView, 'state'>): Level | undefined {
  return levelIn(state.started);
}

export function levelIn(started: RunStarted | undefined): Level | undefined {
  if (started === undefined || !/^real/.test(started.config.wiring)) return undefined;
  return started.config.sandbox;
}

export const UNCONFINED = 'WITHOUT a sandbox: its commands have all your rights';
