/** Holds what is stored against itself: chains, heads, contents, summaries; or a trace file, alone. */
import { readFileSync, statSync } from 'node:fs';
import { WhaleFlowError } from '../base/errors.ts';
import { runRowOf } from '../engine/run-row-of.ts';
import { IMPORT_LIMITS, importRunTrace } from '../export/import-run-trace.ts';
import { forgedFields } from '../export/rebuild-run-trace.ts';
import { apply } from '../trace/apply.ts';
import type { TraceEvent } from '../trace/events.ts';
import type { RunRow } from '../trace/run-row.ts';
import { emptyRunState } from '../trace/run-state.ts';
import { foreignLines, headsPath } from '../trace/sqlite/heads.ts';
import type { VerifyProblem } from '../trace/trace-store.ts';
import type { Workbench } from './workbench.ts';

export interface Verification {
  /** Runs that were looked at. */
  readonly runs: number;
  readonly events: number;
  /** By run and seq; what belongs to no run names `''` and 0. */
  readonly problems: readonly VerifyProblem[];
}

/**
 * Verifies one run, or all of the store.
 * @throws {WhaleFlowError} WF2004 no such run, WF7001–WF7003, WF7007 no store.
 */
export function verifyRun(workbench: Workbench, run?: string): Verification {
  const store = workbench.store('read');
  const rows = run === undefined ? store.runs() : [store.run(run)].filter(isThere);
  const found = [...store.verify(run, { rebuildRow })].sort((a, b) =>
    a.run < b.run ? -1 : a.run > b.run ? 1 : a.seq - b.seq,
  );
  const problems = run === undefined ? [...headsProblem(workbench), ...found] : found;
  return { runs: rows.length, events: rows.reduce((sum, { seq }) => sum + seq, 0), problems };
}

/** Lines of `heads` that nobody of ours wrote: told once, by the first of them. */
function headsProblem({ places }: Workbench): readonly VerifyProblem[] {
  const path = headsPath(places.stateFolder);
  const [line, ...more] = foreignLines(places.stateFolder);
  if (line === undefined) return [];
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  const message =
    line === 0
      ? `${path} is no file: move it away; the next run writes a new one`
      : `${path}:${line}${others}: no line of heads (run, seq, hash): take it out; no event is concerned`;
  return [{ run: '', seq: 0, message }];
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

/** The row that ought to be stored with these events. */
function rebuildRow(run: string, events: Iterable<TraceEvent>): RunRow {
  const state = emptyRunState();
  for (const event of events) {
    apply(state, event, event.at);
    state.seq = event.seq;
  }
  return runRowOf(run, state, state.seq);
}

/**
 * Verifies an exported run trace: shape, steps, digests of contents, events.
 * @throws {WhaleFlowError} WF2003 when the file cannot be read.
 */
export function verifyFile(file: string): Verification {
  const imported = importRunTrace(readTrace(file));
  if ('problems' in imported) {
    const problems = imported.problems.map((message) => ({ run: '', seq: 0, message }));
    return { runs: 1, events: 0, problems };
  }
  const { trace, events } = imported;
  const problems = forgedFields(imported).map((name) => ({
    run: trace.run_id,
    seq: 0,
    message: `${name} is not what the recorded events say`,
  }));
  return { runs: 1, events: events.length, problems };
}

function readTrace(file: string): string {
  try {
    const { size } = statSync(file);
    if (size <= IMPORT_LIMITS.maxBytes) return readFileSync(file, 'utf8');
    throw new WhaleFlowError('WF2003', `${file} has ${size} bytes, too many for a run trace`, {
      hint: 'is it one? whaleflow export RUN -o trace.json writes one',
    });
  } catch (cause) {
    if (cause instanceof WhaleFlowError) throw cause;
    throw new WhaleFlowError('WF2003', `no file ${file}`, {
      hint: 'name a run of `whaleflow ls`, or a file that `whaleflow export` wrote',
      cause,
    });
  }
}
