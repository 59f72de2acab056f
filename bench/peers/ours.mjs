// WhaleFlow through its public library: a provider whose answer calls the leaf. A chain is a branch set
// that runs one child at a time: each result is recorded before the next leaf starts.
import { args, conc, done, expectSum, isFan, leaf, start } from './harness.mjs';

const { runWorkflow } = await import(
  process.env.WHALEFLOW_LIBRARY ?? new URL('../../dist/index.js', import.meta.url).href
);
const usage = {
  tokens: { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
  costMicroUsd: 0,
  costStatus: 'exact',
};
const provider = {
  name: 'bench',
  async *call(request) {
    const index = Number(/\d+/.exec(request.messages[0].text)[0]);
    const text = JSON.stringify(await leaf(index));
    yield { type: 'finished', text, usage, model: 'bench' };
  },
};
const workflow = {
  id: 'bench',
  goal: 'cost',
  budget: { maxLeaves: 10 * args.n, maxTokens: 1e12 },
  nodes: [
    {
      kind: 'branch_set',
      id: 'all',
      ...(isFan ? {} : { maxParallel: 1 }),
      children: Array.from({ length: args.n }, (_, index) => ({
        kind: 'leaf',
        id: `l${index}`,
        task: { type: 'model', prompt: `leaf ${index}` },
      })),
    },
  ],
};
start();
const { output } = await runWorkflow(workflow, {
  provider,
  stateFolder: args.dir,
  run: 'bench',
  parallel: isFan ? conc : 1,
});
let sum = 0;
for (const text of Object.values(output ?? {})) sum += JSON.parse(text).i;
done(sum === expectSum(args.n), { peer: 'ours' });
