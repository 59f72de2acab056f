import type { JsonObject } from '../base/json.ts';
import { failure } from './failure.ts';
import type { LeafHooks, Objection } from './hooks.ts';
import { failReport } from './leaf-end.ts';
import type { RunnerReport } from './leaf-runner.ts';

/** Runs a leaf between the hooks that want to hear of its beginning and of its end. */
export async function hookedRun(
  hooks: LeafHooks,
  run: () => Promise<RunnerReport>,
  signal: AbortSignal,
): Promise<RunnerReport> {
  const before = await hooks.tell('before_leaf', { about: {} }, signal);
  if (before !== undefined) return { status: 'failed', failure: refusal(before) };
  const report = await run();
  if (signal.aborted) return report;
  const after = await hooks.tell('after_leaf', { about: { result: toResult(report) } }, signal);
  return after === undefined ? report : failReport(report, refusal(after));
}

const refusal = ({ hook, reason }: Objection) => failure('permission', `hook ${hook}: ${reason}`);

function toResult(report: RunnerReport): JsonObject {
  const { status, output } = report;
  const said = output === undefined ? {} : { output };
  return report.status === 'failed'
    ? { status, failure: { ...report.failure }, ...said }
    : { status, ...said };
}
