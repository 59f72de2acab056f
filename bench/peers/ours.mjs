// WhaleFlow through its public library: a provider whose answer calls the leaf. As in the programs of the
// other engines, the store is open and the workflow is read before `start()`, and a fan-out is one
// template over a list that a step before it gives. `nodes`: a node for each leaf; `whole`: that, and
// the store is made and the workflow read in the timed call, too. A chain is a branch set that runs one
// child at a time: each result is recorded before the next leaf starts. `ahead`: a few more leaves begin than
// may ask, and the provider keeps those waiting: when their turn comes their requests are on disk.
import { args, conc, done, expectSum, isFan, isResume, leaf, start } from './harness.mjs';

const { openStore, parseWorkflow, runWorkflow } = await import(
  process.env.WHALEFLOW_LIBRARY ?? new URL('../../dist/index.js', import.meta.url).href
);
const isWhole = args.variant.includes('whole');
const isTemplate = isFan && !isWhole && !args.variant.includes('nodes');
const indexes = Array.from({ length: args.n }, (_, index) => index);
const ahead = isFan && args.variant.includes('ahead') ? 16 : 0;
const line = [];
let free = conc;
/** The leaf, at most `conc` at once. */
async function leafInTurn(index) {
  if (free > 0) free -= 1;
  else await new Promise((resolve) => line.push(resolve));
  const answer = await leaf(index);
  const next = line.shift();
  if (next === undefined) free += 1;
  else next();
  return answer;
}
const ask = ahead > 0 ? leafInTurn : leaf;
const usage = {
  tokens: { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
  costMicroUsd: 0,
  costStatus: 'exact',
};
const provider = {
  name: 'bench',
  async *call(request) {
    const [{ text: asked }] = request.messages;
    const answer = asked === 'list' ? indexes : await ask(Number(/\d+/.exec(asked)[0]));
    yield { type: 'finished', text: JSON.stringify(answer), usage, model: 'bench' };
  },
};
const step = (id, prompt) => ({ kind: 'leaf', id, task: { type: 'model', prompt } });
const list = { ...step('list', 'list'), output: { type: 'array', items: { type: 'integer' } } };
const nodes = isTemplate
  ? [
      list,
      {
        kind: 'expand',
        id: 'all',
        source: 'list',
        maxChildren: args.n,
        template: step('one', 'leaf {{item}}'),
      },
    ]
  : [
      {
        kind: 'branch_set',
        id: 'all',
        ...(isFan ? {} : { maxParallel: 1 }),
        children: indexes.map((index) => step(`l${index}`, `leaf ${index}`)),
      },
    ];
const document = {
  id: 'bench',
  goal: 'cost',
  budget: { maxLeaves: 10 * args.n, maxTokens: 1e12 },
  nodes,
};
// A run that goes on keeps to the workflow that it began with: nothing is read.
const workflow = isWhole || isResume ? document : parseWorkflow(document).spec;
const store = isWhole ? { stateFolder: args.dir } : { store: openStore({ stateFolder: args.dir }) };
start();
const { output } = await runWorkflow(workflow, {
  provider,
  ...store,
  run: 'bench',
  parallel: isFan ? conc + ahead : 1,
});
let sum = 0;
for (const text of Object.values(output ?? {})) sum += JSON.parse(text).i;
done(sum === expectSum(args.n), { peer: 'ours' });
store.store?.[Symbol.dispose]();
