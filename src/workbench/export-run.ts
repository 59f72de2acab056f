/** From a run in the store to its trace in a file format. */
import { VERSION } from '../base/version.ts';
import { buildRunTrace } from '../export/build-run-trace.ts';
import type { ExportFormat } from '../export/formats.ts';
import { secretVariables } from '../export/redact-text.ts';
import type { ContentLevel, RunTrace } from '../export/run-trace.ts';
import { readHeads } from '../trace/sqlite/heads.ts';
import type { ChainHead } from '../trace/trace-store.ts';
import type { Address } from './find-run.ts';
import { shownState } from './liveness.ts';
import type { Workbench } from './workbench.ts';

export interface ExportRequest {
  readonly format: ExportFormat;
  readonly content: ContentLevel;
  /** Takes secrets out: exact values of the environment, and whatever looks like one. */
  readonly redact: boolean;
}

export interface ExportedRun {
  readonly trace: RunTrace;
  /** The file, in pieces. */
  readonly pieces: Iterable<string | Uint8Array>;
}

/**
 * Exports a run in any state; one that still runs is marked as not complete.
 * @throws {WhaleFlowError} WF5003 when its events are damaged.
 */
export function exportRun(
  workbench: Workbench,
  { row }: Address,
  { format, content, redact }: ExportRequest,
): ExportedRun {
  const { clock, env } = workbench;
  const store = workbench.store('read');
  const events = store.read(row.run, 0);
  const { HOME: home, USER: user } = env;
  const chain = chainHead(workbench, row.run, events.at(-1)?.seq ?? 0);
  const trace = buildRunTrace({
    run: row.run,
    events,
    blob: (digest) => store.blob(digest),
    exportedAt: clock.now(),
    exporter: { name: 'whaleflow', version: VERSION },
    content,
    redact,
    secrets: secretVariables(env),
    ...(home === undefined ? {} : { home }),
    ...(user === undefined ? {} : { user }),
    ...(chain === undefined ? {} : { chain }),
    isLost: shownState(workbench, store, row) === 'lost',
  });
  return { trace, pieces: format.write(trace) };
}

/** The chain’s head after exactly these events, where it has been written down. */
function chainHead({ places }: Workbench, run: string, seq: number): ChainHead | undefined {
  const head = readHeads(places.stateFolder).findLast((one) => one.run === run && one.seq === seq);
  return head === undefined ? undefined : { seq: head.seq, hash: head.hash };
}
