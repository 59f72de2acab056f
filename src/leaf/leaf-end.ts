/** How an attempt ended, in the words of `leaf.finished`. */
import { assert } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { ContentRef } from '../trace/content.ts';
import type { Fact, LeafResult } from '../trace/events.ts';
import type { Failure } from '../trace/outcome.ts';
import { failure } from './failure.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafJob } from './leaf-job.ts';
import type { RunnerReport } from './leaf-runner.ts';
import { checkOutput } from './output-schema.ts';
import { MAX_VALUES_BYTES, pickValues } from './output-values.ts';

/** What `leaf.finished` says beside its address. */
export type LeafEnd = Pick<
  Extract<Fact, { readonly type: 'leaf.finished' }>,
  'result' | 'values' | 'tree' | 'patch' | 'fruit' | 'short' | 'stop'
>;

/** The end of an attempt that has nothing to hand over. */
export function failedEnd(why: Failure): LeafEnd {
  return { result: { status: 'failed', failure: why } };
}

/** Turns a report that says otherwise into a failure; its output and fruit stay. */
export function failReport(report: RunnerReport, why: Failure | undefined): RunnerReport {
  if (why === undefined || report.status === 'failed') return report;
  const { output, fruit } = report;
  return { status: 'failed', failure: why, output, ...(fruit === undefined ? {} : { fruit }) };
}

/** The report as the trace keeps it; a success is held against its schema and the room for values. */
export function toEnd(job: LeafJob, host: LeafHost, report: RunnerReport): LeafEnd {
  const checked = failReport(report, wrongOutput(job, report));
  const { output, fruit } = checked;
  const values = output === undefined ? undefined : pickValues(output, job.wanted);
  return {
    result: toResult(checked, output === undefined ? undefined : keepOutput(host, output)),
    ...(values === undefined || job.wanted.length === 0 ? {} : { values }),
    ...(fruit === undefined || fruit.length === 0 ? {} : { fruit }),
    ...(checked.status === 'failed' ? brokenOff(checked) : {}),
  };
}

function brokenOff({
  short,
  stop,
}: Extract<RunnerReport, { readonly status: 'failed' }>): Pick<LeafEnd, 'short' | 'stop'> {
  return { ...(short === undefined ? {} : { short }), ...(stop === undefined ? {} : { stop }) };
}

function wrongOutput(job: LeafJob, report: RunnerReport): Failure | undefined {
  if (report.status === 'failed') return undefined;
  const why =
    job.node.output === undefined ? undefined : checkOutput(job.node.output, report.output);
  if (why !== undefined || pickValues(report.output, job.wanted) !== undefined) return why;
  const names = job.wanted.map((field) => (field === '' ? 'the output' : field)).join(', ');
  const most = `${MAX_VALUES_BYTES / 1024} KiB that stand in the trace`;
  const what = `the plan reads ${names}, which is more than the ${most}`;
  const hint = 'give names or ranges in place of contents, or an expand of lists';
  return failure('value_too_large', `${what}: ${hint}`);
}

function toResult(report: RunnerReport, output: ContentRef | undefined): LeafResult {
  if (report.status === 'failed') {
    const kept = output === undefined ? {} : { output };
    return { status: 'failed', failure: report.failure, ...kept };
  }
  assert(output !== undefined, 'a success without an output');
  return { status: report.status, output };
}

/** Texts are kept as they are, everything else as canonical JSON. */
function keepOutput(host: LeafHost, output: Json): ContentRef {
  return typeof output === 'string'
    ? host.keep(output, 'text')
    : host.keep(canonicalJson(output), 'json');
}
