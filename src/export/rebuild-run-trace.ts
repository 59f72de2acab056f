/** An imported run trace made again from its own events: everything in it has to follow from them. */
import canonicalize from 'canonicalize';
import { buildRunTrace } from './build-run-trace.ts';
import type { ImportedRun } from './import-run-trace.ts';
import { fromIsoTime } from './iso-time.ts';
import type { RunTrace } from './run-trace.ts';

/** The trace as it would be exported from the imported events. */
export function rebuildRunTrace({ trace, events, blob }: ImportedRun): RunTrace {
  return buildRunTrace({
    run: trace.run_id,
    events,
    blob,
    exportedAt: fromIsoTime(trace.exported_at) ?? 0,
    exporter: trace.exporter,
    content: trace.redaction.content,
    redact: trace.redaction.level !== 'none',
    secrets: [],
    earlier: trace.redaction,
  });
}

/** What stands in the file for others to check, or is known only where it was exported. */
const ITS_OWN: readonly string[] = ['integrity', 'extensions', 'environment'];

/** Top-level fields that do not follow from the events; none where the file holds no events. */
export function forgedFields(imported: ImportedRun): readonly string[] {
  if (imported.trace.redaction.content !== 'full') return [];
  const said = imported.trace as unknown as Readonly<Record<string, unknown>>;
  const made = rebuildRunTrace(imported) as unknown as Readonly<Record<string, unknown>>;
  const names = [...new Set([...Object.keys(said), ...Object.keys(made)])];
  return names.filter(
    (name) => !ITS_OWN.includes(name) && canonicalize(said[name]) !== canonicalize(made[name]),
  );
}
