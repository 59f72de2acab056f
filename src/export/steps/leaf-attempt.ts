/** An attempt of a leaf as a step: what it was, how it ended and what it handed over. */
import { isJsonObject } from '../../base/json.ts';
import type { Fact, Fruit } from '../../trace/events.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import type { LeafTask } from '../../workflow/task.ts';
import type { Artifact } from '../run-trace.ts';
import type { StepFruit } from '../trace-step.ts';
import type { Contents } from './contents.ts';
import type { MutableStep } from './draft.ts';

type LeafFinished = Extract<Fact, { readonly type: 'leaf.finished' }>;

export function describeTask(step: MutableStep, { node }: PlanNode): void {
  if (node.kind !== 'leaf') return;
  step.task = node.task.type;
  step.role = node.modelPolicy.role ?? null;
  // No event says yet which lessons an attempt was given.
  step.overlay_entries = null;
  step.overlay_status = 'unavailable';
}

/** Writes the end of an attempt down; the artifacts that it made. */
export function describeLeafEnd(
  step: MutableStep,
  event: LeafFinished,
  { task, contents }: { readonly task: LeafTask | undefined; readonly contents: Contents },
): readonly Artifact[] {
  const { result, fruit, from, late } = event;
  const output = contents.showRef(result.output);
  step.output = output.text;
  step.output_meta = output.meta;
  if (result.status === 'failed') {
    step.error = { type: result.failure.kind, message: contents.say(result.failure.message) };
  }
  if (late !== undefined) step.late = late;
  if (from !== undefined) {
    step.reused_from = { run_id: from.run, path: from.path, attempt: from.attempt };
    const link = { type: 'reused_from', run_id: from.run, path: from.path };
    step.links = [...(step.links ?? []), link];
  }
  if (event.tree !== undefined) step.tree = event.tree;
  if (fruit !== undefined) step.fruit = fruit.map((one) => toStepFruit(one, contents));
  describeChecks(step, event, task, contents);
  return [
    ...patchArtifact(step, event, contents),
    ...fruitArtifacts(step, fruit ?? [], contents),
  ].map((artifact, index) => ({ ...artifact, id: `${step.id}.${index + 1}` }));
}

/** A command is checked by having run; what an agent says of itself is only said. */
function describeChecks(
  step: MutableStep,
  { result, late }: LeafFinished,
  task: LeafTask | undefined,
  contents: Contents,
): void {
  const isRun = task?.type === 'command' && late !== true;
  const isAgent = task?.type === 'agent' || task?.type === 'external';
  step.self_report = isAgent ? result.status !== 'failed' : null;
  step.verified = isRun ? result.status !== 'failed' : null;
  step.verified_by = isRun ? 'exit_status' : null;
  step.verified_status = isRun ? 'recorded' : 'unavailable';
  if (task?.type !== 'memory' || task.action !== 'read') return;
  const output = result.output === undefined ? undefined : contents.json(result.output);
  const entries = output !== undefined && isJsonObject(output) ? output['entries'] : undefined;
  step.memory_read = { key: task.key, entries: Array.isArray(entries) ? entries.length : null };
}

function toStepFruit(fruit: Fruit, contents: Contents): StepFruit {
  return {
    type: fruit.type,
    title: contents.say(fruit.title),
    value: contents.value(fruit.value),
    content_sha256: fruit.content === undefined ? null : contents.hash(fruit.content.digest),
    evidence: fruit.evidence,
  };
}

function patchArtifact(
  step: MutableStep,
  { patch }: LeafFinished,
  contents: Contents,
): readonly Artifact[] {
  step.patch = null;
  if (patch === undefined) return [];
  const { digest, bytes, files, added, removed } = patch;
  const sha256 = contents.hash(digest);
  step.patch = { sha256, bytes, files, added, removed };
  return [artifactOf(step, { role: 'patch', media_type: 'text/x-diff', bytes, sha256 })];
}

function fruitArtifacts(
  step: MutableStep,
  fruit: readonly Fruit[],
  contents: Contents,
): readonly Artifact[] {
  return fruit.flatMap(({ type, content }) => {
    if (content === undefined) return [];
    const role = type === 'patch' ? 'patch' : 'other';
    const media_type = content.type === 'json' ? 'application/json' : 'text/plain';
    const sha256 = contents.hash(content.digest);
    return [artifactOf(step, { role, media_type, bytes: content.bytes, sha256 })];
  });
}

const artifactOf = (
  step: MutableStep,
  own: Pick<Artifact, 'role' | 'media_type' | 'bytes' | 'sha256'>,
): Artifact => ({ id: '', path: null, ...own, produced_by: step.id });
