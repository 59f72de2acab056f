/**
 * A driver as a process of its own, of a run that others steer. Arguments: state folder, run id, seed. It
 * ends when the run ends, rests or only waits.
 */
import { setTimeout as rest } from 'node:timers/promises';
import type { ModelProvider } from '../../src/model/model-provider.ts';
import { runWorkflow } from '../../src/workbench/run-workflow.ts';
import type { WorkflowDocument } from '../../src/workflow/document.ts';
import { dice, seedOf } from '../engine/chance.ts';
import { answerTo, sixtyLeaves } from './sixty-leaves.ts';

const [, , stateFolder = '', run = '', seed = ''] = process.argv;
const { next } = dice(seedOf(seed));
const MAX_LATENCY_MS = 25;

const usage = {
  tokens: { uncached: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
  costMicroUsd: 1,
  costStatus: 'exact',
} as const;
const provider: ModelProvider = {
  name: 'slow',
  async *call(_request, { path }) {
    await rest(next() * MAX_LATENCY_MS);
    yield { type: 'finished', text: answerTo(path), usage, model: 'slow' };
  },
};

const questions = ['first', 'second'].map(
  (id) => ({ kind: 'approve', id, message: `${id}?` }) as const,
);
const workflow: WorkflowDocument = {
  ...sixtyLeaves,
  nodes: [
    { kind: 'branch_set', id: 'asked', join: 'any', children: questions },
    ...sixtyLeaves.nodes,
  ],
};

const result = await runWorkflow(workflow, { provider, stateFolder, run, parallel: 4 });
process.stdout.write(JSON.stringify({ outcome: result.outcome?.status ?? null }));
