/** What nobody catches, told to a leaf that ends well, to one that does not end, and to one that has ended. */
import { expect, test } from 'vitest';
import type { RunnerReport } from '../leaf/leaf-runner.ts';
import type { Leftovers } from '../sandbox/process-mark.ts';
import { simulatedSystem } from '../system/simulated-system.ts';
import { RULES_VERSION, type TraceEvent } from '../trace/events.ts';
import { memoryStore } from '../trace/memory/memory-store.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { memoryWorkspace } from '../workspace/memory/memory-workspace.ts';
import { drive } from './drive.ts';
import { startRun } from './start-run.ts';
import { type StrayErrors, UNHEARD } from './stray-errors.ts';

const parsed = parseWorkflow({
  id: 'strays',
  goal: 'Let errors go',
  nodes: [{ kind: 'leaf', id: 'a', task: { type: 'model', prompt: 'Go' } }],
});
const started = {
  type: 'run.started',
  params: {},
  seed: 0,
  config: { concurrency: { model: 1, command: 1 }, wiring: 'mock', sandbox: 'none', routes: {} },
  consent: { by: 'library', commands: [] },
  lineage: { mode: 'live' },
  rulesVersion: RULES_VERSION,
} as const;
const DONE: RunnerReport = { status: 'succeeded', output: 'done' };

type Tell = (error: unknown) => boolean;

/** Drives the one leaf; `work` is its runner, and is given what tells it of a stray error. */
async function driven(
  work: (tell: Tell, signal: AbortSignal, store: TraceStore) => Promise<RunnerReport>,
  endLeftovers: (left: Leftovers) => Promise<number> = async () => 0,
) {
  if (!('spec' in parsed)) throw new Error('the workflow is refused');
  const { clock, timers, until } = simulatedSystem(1);
  const store = memoryStore();
  const holder = { pid: 1, host: 'here', bootId: 'boot' };
  const { spec } = parsed;
  await startRun(store, { run: 'r', holder, started: { ...started, spec } }, clock);
  let tell: Tell = () => false;
  const strays: StrayErrors = {
    ...UNHEARD,
    during(onStray, begin) {
      tell = onStray;
      return begin();
    },
  };
  const model = {
    run: (_job: unknown, _world: unknown, signal: AbortSignal) =>
      work((error) => tell(error), signal, store),
  };
  const sandbox = { level: 'none', run: () => Promise.reject(new Error('no process')) } as const;
  const end = await until(
    drive(
      {
        run: 'r',
        epoch: 1,
        driver: { pid: 1, host: 'here', versions: {}, mark: 'm' },
        ...{ store, clock, timers, strays, endLeftovers },
        world: { runners: { model }, workspace: memoryWorkspace(), sandbox },
      },
      new AbortController().signal,
    ),
  );
  const events = store.read('r', 0);
  const ends = events.filter((event) => event.type === 'leaf.finished');
  return { end, events, ends, tellLate: (error: unknown) => tell(error) };
}

const lengthMs = (events: readonly TraceEvent[]): number =>
  (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0);
const failed = {
  status: 'failed',
  failure: { kind: 'internal', message: 'nobody caught an error of it: let go' },
};

test('a leaf is ended for it, hands over what it has, and has failed', async () => {
  const { end, ends, events } = await driven(async (tell, signal) => {
    expect(tell(new Error('let go'))).toBe(true);
    expect(signal.aborted).toBe(true);
    return DONE;
  });
  expect(end).toBe('finished');
  expect(ends).toMatchObject([{ result: failed }]);
  expect(ends[0]).not.toHaveProperty('late');
  expect(lengthMs(events)).toBeLessThan(1_000);
});

test('a leaf that does not end is given up after ten seconds, failed', async () => {
  const { end, ends, events } = await driven((tell) => {
    tell(new Error('let go'));
    return new Promise(() => {});
  });
  expect(end).toBe('finished');
  expect(ends).toMatchObject([{ result: failed }]);
  expect(lengthMs(events)).toBeGreaterThanOrEqual(10_000);
});

test('what still runs of one that is given up is killed, and the record says of how many', async () => {
  const asked: Leftovers[] = [];
  const { ends } = await driven(
    (tell) => {
      tell(new Error('let go'));
      return new Promise(() => {});
    },
    async (left) => {
      asked.push(left);
      return 3;
    },
  );
  expect(asked).toEqual([{ drivers: new Set(['m']), leaf: 'r/a#1', processes: [] }]);
  expect(ends).toMatchObject([{ result: failed, ended: 3 }]);
});

test('one that is broken off and does not end is lost, and not with its driver', async () => {
  const { end, events } = await driven(
    async (_tell, _signal, store) => {
      await store.send('r', 'me', 0, { type: 'skip', path: 'a' });
      return new Promise(() => {});
    },
    async () => 2,
  );
  expect(end).toBe('finished');
  const lost = events.filter(({ type }) => type === 'leaf.lost');
  expect(lost).toMatchObject([{ because: 'grace', ended: 2, maybeRepeated: true }]);
  expect(lengthMs(events)).toBeGreaterThanOrEqual(10_000);
});

test('a leaf that has ended stays as it ended', async () => {
  const { ends, tellLate } = await driven(async () => DONE);
  expect(tellLate(new Error('let go'))).toBe(false);
  expect(ends).toMatchObject([{ result: { status: 'succeeded' } }]);
});
