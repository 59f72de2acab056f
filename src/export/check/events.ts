/** Says whether events fold to a run: what reads them trusts their shape from here on. */
import { replay } from '../../engine/replay.ts';
import { messageOf } from '../../leaf/failure.ts';
import type { TraceEvent } from '../../trace/events.ts';
import { buildRunTrace } from '../build-run-trace.ts';
import type { ReadBlob } from '../redact/redact-run.ts';
import type { RunTrace } from '../run-trace.ts';

const MAX_MESSAGE_CHARACTERS = 200;

/** Tries what is done with imported events. That a replay diverges is no problem of the file. */
export function eventProblems(
  trace: RunTrace,
  events: readonly TraceEvent[],
  blob: ReadBlob,
): readonly string[] {
  const { run_id: run, exporter } = trace;
  const plain = { content: 'full', redact: false, secrets: [], exportedAt: 0 } as const;
  try {
    buildRunTrace({ run, events, blob, exporter, ...plain });
    if (trace.redaction.replayable) replay(events);
    return [];
  } catch (thrown) {
    const why = messageOf(thrown).slice(0, MAX_MESSAGE_CHARACTERS);
    return [`the events do not fit together: ${why}`];
  }
}
