/**
 * What the engine costs around leaves that cost nothing: time, bytes on disk and memory for each leaf,
 * through the library and a durable store. Machines are noisy: compare lines of one run.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay } from '../src/engine/replay.ts';
import type { ModelProvider } from '../src/model/model-provider.ts';
import { nodeChance } from '../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../src/system/node/node-clock.ts';
import { openStore } from '../src/trace/sqlite/sqlite-store.ts';
import { runWorkflow } from '../src/workbench/run-workflow.ts';
import type { NodeDocument, WorkflowDocument } from '../src/workflow/document.ts';

const usage = {
  tokens: { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
  costMicroUsd: 0,
  costStatus: 'exact',
} as const;

let firstLeafAt = 0;
let answers = 0;
const provider: ModelProvider = {
  name: 'immediate',
  async *call() {
    if (firstLeafAt === 0) firstLeafAt = performance.now();
    answers += 1;
    // Of its own for each leaf, so that each answer is a content of its own.
    const text = `${answers} ${'.'.repeat(229)}`;
    yield { type: 'finished', text, usage, model: 'immediate' };
  },
};

const leaves = (count: number): readonly NodeDocument[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'leaf',
    id: `l${index}`,
    task: { type: 'model', prompt: `do ${index}` },
  }));

function workflow(kind: 'sequence' | 'branch_set', count: number): WorkflowDocument {
  const budget = { maxLeaves: 1_000_000, maxTokens: 1e9 };
  return { id: kind, goal: 'cost', budget, nodes: [{ kind, id: 'all', children: leaves(count) }] };
}

const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

async function measure(
  name: string,
  kind: 'sequence' | 'branch_set',
  count: number,
): Promise<void> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'whaleflow-bench-'));
  try {
    const begun = performance.now();
    const { run } = await runWorkflow(workflow(kind, count), {
      provider,
      stateFolder,
      parallel: 10_000,
    });
    const ms = performance.now() - begun;
    const bytes = sizeOf(stateFolder);
    const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
    using store = openStore({ stateFolder, mode: 'read', ...world });
    const read = performance.now();
    const { verdict } = replay(store.read(run, 0));
    const replayMs = performance.now() - read;
    const line = {
      bench: name,
      leaves: count,
      ms: Math.round(ms),
      usPerLeaf: Math.round((ms * 1000) / count),
      bytesPerLeaf: Math.round(bytes / count),
      replayMs: Math.round(replayMs),
      verdict,
      rssMb: Math.round(process.memoryUsage().rss / 1e6),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } finally {
    rmSync(stateFolder, { recursive: true });
  }
}

await measure('first', 'sequence', 1);
process.stdout.write(
  `${JSON.stringify({ bench: 'cold', firstLeafMs: Math.round(firstLeafAt) })}\n`,
);
await measure('chain', 'sequence', 1_000);
await measure('fan-out', 'branch_set', 1_000);
await measure('fan-out', 'branch_set', 10_000);
