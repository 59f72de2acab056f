/** From a run’s events and contents to its trace. Pure: equal requests give equal documents. */
import { WhaleFlowError } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { outputValue } from '../engine/outputs.ts';
import { stateWord } from '../engine/run-row-of.ts';
import { resolve, viewpointOf } from '../engine/viewpoint.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { TraceEvent } from '../trace/events.ts';
import { planIn, type RunStarted, type RunState, settledAt } from '../trace/run-state.ts';
import type { ChainHead } from '../trace/trace-store.ts';
import { digestJson, digestText } from '../workflow/digest.ts';
import { toEventLines } from './event-lines.ts';
import { toIsoTime } from './iso-time.ts';
import type { SecretValue } from './redact/exact-values.ts';
import { POLICY, policyDigest } from './redact/policy.ts';
import { contentRefs, type RedactedRun, redactRun, secretParams } from './redact/redact-run.ts';
import { redactor } from './redact/redactor.ts';
import {
  type ContentLevel,
  type Exporter,
  type Integrity,
  type Redaction,
  type RunTrace,
  TRACE_REVISION,
  TRACE_SCHEMA,
  TRACE_SCHEMA_URL,
  type TraceConfig,
  type TraceLineage,
  type WorkflowInfo,
} from './run-trace.ts';
import { Contents, NOTHING, type Shown } from './steps/contents.ts';
import { type FoldedSteps, foldSteps } from './steps/step-fold.ts';
import { traceId } from './steps/step-id.ts';
import { modelsOf, totalsOf } from './totals.ts';
import type { Step } from './trace-step.ts';

export interface RunTraceRequest {
  readonly run: string;
  /** All events of the run so far, from the first. */
  readonly events: readonly TraceEvent[];
  readonly blob: (digest: string) => Uint8Array | undefined;
  /** Wall time of the export, ms. */
  readonly exportedAt: number;
  readonly exporter: Exporter;
  readonly content: ContentLevel;
  readonly redact: boolean;
  /** Values to take out wherever they stand; those under 8 characters stay. See `secretVariables`. */
  readonly secrets: readonly SecretValue[];
  readonly home?: string;
  readonly user?: string;
  /** The store’s chain at the last event. */
  readonly chain?: ChainHead;
  /** What a reader knows from the lease: the driver is gone. */
  readonly isLost?: boolean;
  /** What had been taken out before the run was imported. */
  readonly earlier?: Redaction;
}

/**
 * Builds the trace of a run in any state.
 * @throws {WhaleFlowError} WF5003 when the events do not begin with `run.started`.
 */
export function buildRunTrace(request: RunTraceRequest): RunTrace {
  const [first] = request.events;
  if (first?.type !== 'run.started') {
    throw new WhaleFlowError('WF5003', `the trace of ${request.run} has no beginning`);
  }
  const { run, redacted, counts } = redactedRun(request);
  const contents = new Contents(redacted.blob, request.content);
  const folded = foldSteps(run, redacted.events, contents);
  const { started } = folded.state;
  if (started === undefined) throw new WhaleFlowError('WF5003', `${run} has not begun`);
  const final = finalOutput(folded.state, contents);
  const steps = withRunOutput(folded.steps, final);
  const models = modelsOf(steps);
  const group = started.group ?? null;
  const workflow_info = workflowInfo(started, contents);
  const events_blob = contents.keep(toEventLines(redacted.events), 'application/jsonl');
  const state = stateOf(request, folded.state);
  const ended = folded.state.finished?.at;
  return {
    $schema: TRACE_SCHEMA_URL,
    schema: TRACE_SCHEMA,
    schema_revision: TRACE_REVISION,
    run_id: run,
    trace_id: traceId(run),
    model: models.length > 1 ? 'mixed' : (models[0]?.id ?? 'none'),
    workflow: 'whaleflow',
    name: started.name ?? null,
    status: state.status,
    status_reason: contents.say(state.because),
    complete: ended !== undefined,
    started_at: toIsoTime(folded.state.startedAt),
    ended_at: ended === undefined ? null : toIsoTime(ended),
    duration_ms: ended === undefined ? null : Math.max(0, lastedMs(folded, ended)),
    exported_at: toIsoTime(request.exportedAt),
    exporter: request.exporter,
    workflow_info,
    models,
    config: configOf(started),
    environment: {
      host: folded.driver?.host ?? null,
      versions: folded.driver?.versions ?? {},
      repo: started.base ?? null,
    },
    lineage: lineageOf(started, folded),
    group,
    labels: started.labels ?? {},
    overlay_entries: null,
    overlay_status: 'unavailable',
    approvals: folded.approvals,
    steps,
    final_output: final.text,
    final_output_meta: final.meta,
    totals: totalsOf(steps, { group, approvals: folded.approvals.length }),
    scores: folded.scores,
    artifacts: folded.artifacts,
    events_blob,
    blobs: contents.blobs(contentRefs(redacted.events).values()),
    redaction: redactionOf(request, redacted, counts),
    integrity: integrityOf(request, steps, counts),
    extensions: {},
  };
}

interface Taken {
  readonly run: string;
  readonly redacted: RedactedRun;
  readonly counts: ReadonlyMap<string, number>;
}

function redactedRun(request: RunTraceRequest): Taken {
  const { run, events, blob, home, user } = request;
  if (!request.redact) {
    return { run, redacted: { events, blob, isReplayable: true }, counts: new Map() };
  }
  const redact = redactor({
    secrets: [...request.secrets, ...secretParams(events)],
    ...(home === undefined ? {} : { home }),
    ...(user === undefined ? {} : { user }),
  });
  return { run, redacted: redactRun({ events, blob }, redact), counts: redact.counts };
}

function stateOf(
  { isLost }: RunTraceRequest,
  state: RunState,
): { readonly status: RunTrace['status']; readonly because?: string } {
  const word = stateWord(state);
  const isOpen = word.state === 'running' || word.state === 'pausing';
  if (isLost === true && isOpen) return { status: 'lost', because: 'its driver is gone' };
  const { state: status, because } = word;
  return because === undefined ? { status } : { status, because };
}

/** What the workflow names as its output, once the run has ended well. */
function finalOutput(state: RunState, contents: Contents): Shown {
  const status = state.finished?.outcome.status;
  if (status !== 'succeeded' && status !== 'degraded') return NOTHING;
  const { spec, root } = planIn(state);
  const target = resolve(state, viewpointOf(root, ''), spec.output);
  if (target.type !== 'one') return NOTHING;
  const settled = settledAt(state, target.path);
  const { field } = spec.output;
  if (field === undefined && settled?.content !== undefined) {
    return contents.showRef(settled.content);
  }
  const value = outputValue(state, target.path, (ref) => contents.read(ref));
  return contents.showValue(field === undefined ? value : fieldOf(value, field));
}

function fieldOf(value: Json, field: string): Json {
  let found: Json = value;
  for (const step of field.split('.')) {
    if (Array.isArray(found)) found = found[Number(step)] ?? null;
    else found = isJsonObject(found) && Object.hasOwn(found, step) ? (found[step] ?? null) : null;
  }
  return found;
}

function withRunOutput(steps: readonly Step[], final: Shown): readonly Step[] {
  return steps.map((step) =>
    step.kind === 'run' ? { ...step, output: final.text, output_meta: final.meta } : step,
  );
}

function workflowInfo(started: RunStarted, contents: Contents): WorkflowInfo {
  const { spec, source } = started;
  const plan = canonicalJson(JSON.parse(JSON.stringify(spec).toWellFormed()) as Json);
  const params = contents.value(started.params);
  return {
    name: spec.id,
    kind: 'whaleflow',
    goal: contents.say(spec.goal),
    source_path: source?.path ?? null,
    source_language: source?.language ?? null,
    source_sha256: source === undefined ? null : contents.hash(source.digest),
    source_blob: contents.blob(source?.text),
    ir_schema: `whaleflow.ir/v${spec.irVersion}`,
    ir_sha256: contents.hash(digestText(plan)),
    ir_blob: contents.keep(plan, 'application/json'),
    inputs: isJsonObject(params) ? params : null,
  };
}

/** From its first event to its last one, however wall time jumped. */
const lastedMs = ({ state, jumpedMs }: FoldedSteps, ended: number): number =>
  ended - state.startedAt - jumpedMs;

function configOf({ spec, config, consent, seed, rulesVersion }: RunStarted): TraceConfig {
  const { maxCostMicroUsd, maxTokens, maxLeaves, maxSteps, maxMs } = spec.budget;
  return {
    seed,
    rules_version: rulesVersion,
    max_concurrency: config.concurrency,
    wiring: config.wiring,
    sandbox: config.sandbox,
    routes: config.routes,
    ...(config.agents === undefined ? {} : { agents: config.agents }),
    ...(config.mcp === undefined ? {} : { mcp: config.mcp }),
    budget: {
      cost_microusd: maxCostMicroUsd ?? null,
      tokens: maxTokens ?? null,
      leaves: maxLeaves ?? null,
      steps: maxSteps ?? null,
      wall_ms: maxMs ?? null,
    },
    consent: {
      by: consent.by,
      commands: consent.commands,
      ...(consent.env === undefined ? {} : { env: consent.env }),
    },
  };
}

function lineageOf({ lineage }: RunStarted, folded: FoldedSteps): TraceLineage {
  const resumes = Math.max(0, folded.drivers - 1);
  return {
    mode: lineage.mode === 'live' && resumes > 0 ? 'resume' : lineage.mode,
    parent_run_id: lineage.parent ?? null,
    voided: lineage.voided ?? null,
    ...(lineage.isFresh === undefined ? {} : { fresh: lineage.isFresh }),
    resumes,
    reused_leaves: folded.state.totals.reused,
  };
}

function redactionOf(
  { content, redact, earlier }: RunTraceRequest,
  { isReplayable }: RedactedRun,
  counts: ReadonlyMap<string, number>,
): Redaction {
  const isRedacted = redact || earlier?.level === 'redacted';
  const level = content === 'metadata' ? 'metadata_only' : isRedacted ? 'redacted' : 'none';
  const all = new Map(Object.entries(earlier?.counts ?? {}));
  for (const [rule, count] of counts) all.set(rule, (all.get(rule) ?? 0) + count);
  return {
    level,
    content,
    replayable: content === 'full' && isReplayable && earlier?.replayable !== false,
    policy: POLICY,
    policy_sha256: policyDigest(),
    counts: Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Replacements that leave nothing to be guessed worth guessing. */
const HARMLESS = new Set(['home', 'host', 'user']);

function integrityOf(
  { chain, content, events, earlier }: RunTraceRequest,
  steps: readonly Step[],
  counts: ReadonlyMap<string, number>,
): Integrity {
  const rules = [...counts.keys(), ...Object.keys(earlier?.counts ?? {})];
  const isWithheld = content === 'metadata' || rules.some((rule) => !HARMLESS.has(rule));
  const status = isWithheld ? 'withheld' : 'recorded';
  return {
    canonicalization: 'RFC8785',
    steps_sha256: stepsDigest(steps),
    events: events.length,
    chain_head: chain === undefined || isWithheld ? null : `sha256:${chain.hash}`,
    chain_seq: chain?.seq ?? null,
    chain_status: chain === undefined ? 'unavailable' : status,
  };
}

/** Hash of the steps in their canonical form. */
export function stepsDigest(steps: readonly Step[]): string {
  return `sha256:${digestJson(steps as unknown as JsonObject[])}`;
}
