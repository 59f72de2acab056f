/**
 * The one description of the authored form that code checks with; the published JSON Schema is
 * generated from it. Everything here is also sayable in JSON Schema: no transforms and no refinements,
 * which are the business of the checks. Objects are closed.
 */
import * as z from 'zod';
import type { Json } from '../base/json.ts';
import type { NodeDocument, PredicateDocument, WorkflowDocument } from './document.ts';
import { failureKinds, type JsonSchema } from './limits.ts';
import { NODE_ID, NODE_REFERENCE } from './node-id.ts';
import { roleNames } from './roles.ts';
import { IR_VERSION } from './workflow-spec.ts';

const MAX_TIMER_MS = 2_147_483_647;
const MAX_PARALLEL = 10_000;

const id = z.string().regex(NODE_ID);
const nodeReference = z.string().regex(NODE_REFERENCE);
const text = z.string().min(1);
const names = z.array(text);
const positive = z.int().min(1);
const flag = z.boolean();
const durationMs = z.int().min(1).max(MAX_TIMER_MS);
const maxParallel = z.int().min(1).max(MAX_PARALLEL);
// The guard before this schema has made sure that the document is JSON all through.
const json = z.unknown() as unknown as z.ZodType<Json>;
const jsonSchema = z.union([z.boolean(), z.record(z.string(), json)]) as z.ZodType<JsonSchema>;
const field = text;

const budget = z
  .strictObject({
    maxCostMicroUsd: z.exactOptional(positive),
    maxTokens: z.exactOptional(positive),
    maxLeaves: z.exactOptional(positive),
    maxSteps: z.exactOptional(positive),
    maxMs: z.exactOptional(positive),
  })
  .meta({ id: 'Budget' });

const permissions = z
  .strictObject({
    write: z.exactOptional(flag),
    shell: z.exactOptional(flag),
    network: z.exactOptional(flag),
    commands: z.exactOptional(names),
    tools: z.exactOptional(names),
    env: z.exactOptional(names),
  })
  .meta({ id: 'Permissions' });

const modelPolicy = z
  .strictObject({
    role: z.exactOptional(z.enum(roleNames)),
    model: z.exactOptional(text),
    fallbacks: z.exactOptional(names),
    capabilities: z.exactOptional(names),
    temperature: z.exactOptional(z.number().min(0).max(2)),
    maxOutputTokens: z.exactOptional(positive),
    posture: z.exactOptional(z.enum(['standard', 'cache_heavy', 'lean'])),
  })
  .meta({ id: 'ModelPolicy' });

const promotionPolicy = z
  .strictObject({
    minScoreDelta: z.exactOptional(z.number()),
    maxCostDelta: z.exactOptional(z.number()),
    requiredTests: z.exactOptional(names),
    minCases: z.exactOptional(positive),
    maxStaleDays: z.exactOptional(positive),
  })
  .meta({ id: 'PromotionPolicy' });

const retry = z
  .strictObject({
    maxAttempts: z.exactOptional(z.int().min(1).max(10)),
    on: z.exactOptional(z.array(z.enum(failureKinds))),
    backoffMs: z.exactOptional(z.int().min(0).max(MAX_TIMER_MS)),
    maxBackoffMs: z.exactOptional(z.int().min(0).max(MAX_TIMER_MS)),
  })
  .meta({ id: 'Retry' });

const referenceFields = {
  node: id,
  field: z.exactOptional(field),
  previous: z.exactOptional(flag),
};
const reference = z
  .union([nodeReference, z.strictObject(referenceFields)])
  .meta({ id: 'Reference' });
const inputReference = z.strictObject({ ...referenceFields, optional: z.exactOptional(flag) });
const inputs = z
  .union([z.array(nodeReference), z.record(id, z.union([nodeReference, inputReference]))])
  .meta({ id: 'Inputs' });

const predicate: z.ZodType<PredicateDocument> = z
  .lazy(() =>
    z.discriminatedUnion('op', [
      z.strictObject({
        op: z.enum(['succeeded', 'failed']),
        node: id,
        previous: z.exactOptional(flag),
      }),
      z.strictObject({ op: z.literal('equals'), value: json, ...referenceFields }),
      z.strictObject({
        op: z.enum(['at_least', 'at_most']),
        value: z.number(),
        ...referenceFields,
      }),
      z.strictObject({ op: z.enum(['all_of', 'any_of']), of: z.array(predicate).min(1) }),
      z.strictObject({ op: z.literal('negate'), of: predicate }),
    ]),
  )
  .meta({ id: 'Predicate' });
const condition = z.union([text, predicate]).meta({ id: 'Condition' });

const task = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('model'),
      prompt: text,
      system: z.exactOptional(z.string()),
      maxCostMicroUsd: z.exactOptional(positive),
    }),
    z.strictObject({
      type: z.literal('agent'),
      prompt: text,
      system: z.exactOptional(z.string()),
      agentType: z.exactOptional(
        z.enum([
          'general',
          'explore',
          'explorer',
          'plan',
          'implementer',
          'implement',
          'review',
          'verifier',
          'verify',
        ]),
      ),
      tools: z.exactOptional(names),
      maxTurns: z.exactOptional(z.int().min(1).max(500)),
    }),
    z.strictObject({
      type: z.literal('command'),
      purpose: z.exactOptional(z.enum(['test', 'shell'])),
      argv: z.union([text, z.array(z.string()).min(1)]),
      shell: z.exactOptional(z.literal('bash')),
      cwd: z.exactOptional(text),
      timeoutMs: z.exactOptional(durationMs),
      okExitCodes: z.exactOptional(z.array(z.int().min(0).max(255)).min(1)),
      report: z.exactOptional(text),
    }),
    z.strictObject({
      type: z.literal('search'),
      query: text,
      regex: z.exactOptional(flag),
      caseSensitive: z.exactOptional(flag),
      files: z.exactOptional(names),
      maxMatches: z.exactOptional(z.int().min(1).max(10_000)),
    }),
    z.strictObject({
      type: z.literal('external'),
      agent: text,
      prompt: text,
      timeoutMs: z.exactOptional(durationMs),
    }),
    z.strictObject({
      type: z.literal('rlm'),
      prompt: text,
      variable: text,
      maxDepth: z.exactOptional(z.int().min(1).max(8)),
      maxCalls: z.exactOptional(z.int().min(1).max(10_000)),
    }),
    z.strictObject({
      type: z.literal('memory'),
      action: z.enum(['read', 'write']),
      key: text,
      value: z.exactOptional(json),
      limit: z.exactOptional(z.int().min(1).max(1000)),
    }),
  ])
  .meta({ id: 'Task' });

const nodeFields = {
  id,
  label: z.exactOptional(z.string()),
  budget: z.exactOptional(budget),
  permissions: z.exactOptional(permissions),
  modelPolicy: z.exactOptional(modelPolicy),
  isolation: z.exactOptional(z.enum(['shared', 'worktree'])),
  fileScope: z.exactOptional(names.min(1)),
  mode: z.exactOptional(z.enum(['read_only', 'read_write'])),
};

const leafFields = {
  output: z.exactOptional(jsonSchema),
  retry: z.exactOptional(retry),
  memo: z.exactOptional(z.enum(['branch', 'run', 'repo', 'off'])),
  skills: z.exactOptional(names),
};

const node: z.ZodType<NodeDocument> = z
  .lazy(() => z.discriminatedUnion('kind', nodeKinds()))
  .meta({ id: 'Node' });

const branchFields = {
  maxParallel: z.exactOptional(maxParallel),
  trees: z.exactOptional(z.enum(['drop', 'merge'])),
  onConflict: z.exactOptional(node),
};
const candidates = z.array(id).min(1);
const harvest = z
  .strictObject({
    argv: z.union([text, z.array(z.string()).min(1)]),
    timeoutMs: z.exactOptional(durationMs),
  })
  .meta({ id: 'Harvest' });

const nodeKinds = () =>
  [
    z.strictObject({
      ...nodeFields,
      ...leafFields,
      kind: z.literal('leaf'),
      task,
      inputs: z.exactOptional(inputs),
    }),
    z.strictObject({
      ...nodeFields,
      kind: z.literal('sequence'),
      children: z.array(node).min(1),
      onFailure: z.exactOptional(z.enum(['stop', 'continue'])),
    }),
    z.strictObject({
      ...nodeFields,
      ...branchFields,
      kind: z.literal('branch_set'),
      children: z.array(node).min(1),
      join: z.exactOptional(z.enum(['all', 'any', 'first_success'])),
      diversify: z.exactOptional(flag),
      harvest: z.exactOptional(harvest),
    }),
    z.strictObject({
      ...nodeFields,
      kind: z.literal('loop_until'),
      until: condition,
      maxIterations: positive,
      onExhausted: z.exactOptional(z.enum(['fail', 'continue'])),
      children: z.array(node).min(1),
    }),
    z.strictObject({
      ...nodeFields,
      kind: z.literal('cond'),
      test: condition,
      // biome-ignore lint/suspicious/noThenProperty: a field of the IR, and a list, never a function
      then: z.array(node).min(1),
      else: z.exactOptional(z.array(node)),
    }),
    z.strictObject({
      ...nodeFields,
      ...branchFields,
      kind: z.literal('expand'),
      source: reference,
      template: node,
      key: z.exactOptional(field),
      maxChildren: positive,
      overflow: z.exactOptional(z.enum(['fail', 'first'])),
      harvest: z.exactOptional(harvest),
    }),
    z.strictObject({ ...nodeFields, ...leafFields, kind: z.literal('reduce'), inputs, task }),
    z.strictObject({
      ...nodeFields,
      kind: z.literal('tournament'),
      candidates,
      rank: z.strictObject({
        by: z.enum(['field', 'tests', 'cost', 'judge', 'pairwise']),
        field: z.exactOptional(field),
        rubric: z.exactOptional(text),
        policy: z.exactOptional(z.enum(['strict', 'evidentiary', 'permissive'])),
      }),
      minScore: z.exactOptional(z.number()),
      adopt: z.exactOptional(z.enum(['winner', 'none'])),
      harvest: z.exactOptional(harvest),
    }),
    z.strictObject({
      ...nodeFields,
      kind: z.literal('pareto'),
      candidates,
      objectives: z
        .array(
          z.strictObject({
            by: z.enum(['field', 'cost', 'tokens', 'duration', 'diffSize']),
            field: z.exactOptional(field),
            goal: z.enum(['min', 'max']),
          }),
        )
        .min(1),
      maxItems: z.exactOptional(positive),
      harvest: z.exactOptional(harvest),
    }),
    z.strictObject({
      ...nodeFields,
      kind: z.literal('teacher_review'),
      candidates,
      promotionPolicy: z.exactOptional(promotionPolicy),
    }),
    z.strictObject({
      ...nodeFields,
      kind: z.literal('approve'),
      message: text,
      timeoutMs: z.exactOptional(durationMs),
      onTimeout: z.exactOptional(z.enum(['deny', 'approve'])),
    }),
  ] as const;

/** Accepts exactly the documents that the published JSON Schema accepts. */
export const workflowDocumentSchema: z.ZodType<WorkflowDocument> = z.strictObject({
  $schema: z.exactOptional(z.string()),
  irVersion: z.exactOptional(z.literal(IR_VERSION)),
  id,
  goal: text,
  description: z.exactOptional(z.string()),
  params: z.exactOptional(jsonSchema),
  budget: z.exactOptional(budget),
  permissions: z.exactOptional(permissions),
  modelPolicy: z.exactOptional(modelPolicy),
  promotionPolicy: z.exactOptional(promotionPolicy),
  output: z.exactOptional(reference),
  nodes: z.array(node).min(1),
});
