/**
 * A driver as a process of its own, which kills itself with SIGKILL at the commit that it is told.
 * Arguments: state folder, run id (`new` starts one, `last` takes the newest), commit to die at (0: never), `before` or `after`.
 * Every execution of a leaf is written to `executions` in the state folder, outside of the store, and the
 * last seq of every append that was acknowledged to `acknowledged`; in another folder if the environment
 * says so. `WHALEFLOW_TEST_HOARD`: the first attempt of the leaf at this path takes all memory that there is.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelProvider } from '../../src/model/model-provider.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import type { TraceStore } from '../../src/trace/trace-store.ts';
import { runWorkflow } from '../../src/workbench/run-workflow.ts';
import { answerTo, sixtyLeaves } from './sixty-leaves.ts';

const [, , stateFolder = '', named = 'new', dieAt = '0', when = 'after'] = process.argv;
const books = process.env['WHALEFLOW_TEST_BOOKS'] ?? stateFolder;
mkdirSync(stateFolder, { recursive: true });
let commits = 0;

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

function crashing(store: TraceStore): TraceStore {
  const count = async <T>(commit: () => Promise<T>): Promise<T> => {
    commits += 1;
    const isLast = commits === Number(dieAt);
    if (isLast && when === 'before') die();
    const done = await commit();
    if (isLast) die();
    return done;
  };
  return {
    ...store,
    create: (request) => count(() => store.create(request)),
    append: (request) =>
      count(async () => {
        const last = await store.append(request);
        appendFileSync(join(books, 'acknowledged'), `${last}\n`);
        return last;
      }),
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

function hoard(): void {
  const hoarded: object[][] = [];
  for (;;) hoarded.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
}

const usage = {
  tokens: { uncached: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
  costMicroUsd: 1,
  costStatus: 'exact',
} as const;

const provider: ModelProvider = {
  name: 'own',
  async *call(_request, { path, attempt }) {
    appendFileSync(join(books, 'executions'), `${path}#${attempt}\n`);
    if (path === process.env['WHALEFLOW_TEST_HOARD'] && attempt === 1) hoard();
    yield { type: 'finished', text: answerTo(path), usage, model: 'own' };
  },
};

const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
const store = crashing(openStore({ stateFolder, mode: 'create', ...world }));
const run = named === 'last' ? (store.runs()[0]?.run ?? 'new') : named;
const result = await runWorkflow(sixtyLeaves, {
  provider,
  store,
  parallel: 4,
  ...(run === 'new' ? {} : { run }),
});
process.stdout.write(`${JSON.stringify({ ...result, commits })}\n`);
store[Symbol.dispose]();
