/**
 * A driver as a process of its own that has much to do: run after run, until it is killed or told that it
 * is the last. Arguments: state folder, number of the first run, leaves of each, `last` or nothing. Every
 * execution of a leaf is written to `executions` in the state folder, every run that is done to `done`.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ModelProvider } from '../../src/model/model-provider.ts';
import { runWorkflow } from '../../src/workbench/run-workflow.ts';
import type { WorkflowDocument } from '../../src/workflow/document.ts';

const LATENCY_MS = 20;
const [, , stateFolder = '', first = '', leaves = '', last] = process.argv;
let run = '';
mkdirSync(stateFolder, { recursive: true });

const usage = {
  tokens: { uncached: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
  costMicroUsd: 1,
  costStatus: 'exact',
} as const;

const provider: ModelProvider = {
  name: 'own',
  async *call(_request, { path, attempt }) {
    appendFileSync(join(stateFolder, 'executions'), `${run} ${path}#${attempt}\n`);
    await wait(LATENCY_MS);
    yield { type: 'finished', text: `done: ${path}`, usage, model: 'own' };
  },
};

const children = Array.from(
  { length: Number(leaves) },
  (_, index) =>
    ({ kind: 'leaf', id: `l${index}`, task: { type: 'model', prompt: `Part ${index}` } }) as const,
);
const workflow: WorkflowDocument = {
  id: 'soak',
  goal: 'Go on',
  budget: { maxLeaves: 10 * children.length },
  nodes: [{ kind: 'branch_set', id: 'wide', children }],
};
for (let number = Number(first); ; number += 1) {
  run = `run-${number}`;
  const { outcome } = await runWorkflow(workflow, { provider, stateFolder, run, parallel: 16 });
  if (outcome?.status !== 'succeeded') throw new Error(`${run}: ${JSON.stringify(outcome)}`);
  appendFileSync(join(stateFolder, 'done'), `${run}\n`);
  if (last !== undefined) break;
}
