/**
 * Crashes of the real loop: at every append of a run with every kind of work in it, before and after the
 * append took effect, and twice over. Whatever happens, the run ends as if there had been none.
 */
import { describe, expect, test } from 'vitest';
import { reuseFrom } from '../../src/engine/fork.ts';
import { replay } from '../../src/engine/replay.ts';
import type { LeafDocument, NodeDocument } from '../../src/workflow/document.ts';
import { dice } from './chance.ts';
import { type Answer, type CrashWorld, crashWorld } from './crash-world.ts';
import type { Crash } from './crashing-store.ts';
import { specOf, workflowOf } from './spec-of.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const DOUBLE_CRASHES = isSoak ? 500 : 50;
const TIMEOUT_MS = isSoak ? 3_600_000 : 600_000;

const OUTPUT = {
  type: 'object',
  properties: {
    score: { type: 'number' },
    items: { type: 'array', items: { type: 'string' } },
  },
} as const;
const RETRY = { maxAttempts: 3, on: ['provider'], backoffMs: 100, maxBackoffMs: 200 } as const;

const ask = (id: string, parts: Partial<LeafDocument> = {}): NodeDocument => ({
  kind: 'leaf',
  id,
  task: { type: 'model', prompt: `do ${id}` },
  output: OUTPUT,
  retry: RETRY,
  ...parts,
});
const check = (id: string): NodeDocument => ({
  kind: 'leaf',
  id,
  task: { type: 'command', purpose: 'test', argv: ['check', id] },
  output: {},
});
const write = (id: string, parts: Partial<LeafDocument> = {}): NodeDocument => ({
  kind: 'leaf',
  id,
  task: { type: 'agent', prompt: `write ${id}` },
  mode: 'read_write',
  output: OUTPUT,
  ...parts,
});
const isolated = (id: string): NodeDocument => write(id, { isolation: 'worktree' });

function nodes(prompt = 'do plan'): readonly NodeDocument[] {
  return [
    ask('plan', { task: { type: 'model', prompt } }),
    {
      kind: 'branch_set',
      id: 'wide',
      children: Array.from({ length: 20 }, (_, index) => ask(`w${index}`)),
    },
    {
      kind: 'branch_set',
      id: 'race',
      join: 'first_success',
      children: [check('hangs'), ask('fails'), check('wins')],
    },
    { kind: 'branch_set', id: 'parts', trees: 'merge', children: ['p1', 'p2', 'p3'].map(isolated) },
    {
      kind: 'loop_until',
      id: 'fix',
      until: 'all tests pass',
      maxIterations: 5,
      children: [write('edit', { inputs: ['plan'] }), check('test')],
    },
    {
      kind: 'expand',
      id: 'each',
      source: { node: 'plan', field: 'items' },
      maxChildren: 9,
      maxParallel: 4,
      template: {
        kind: 'sequence',
        id: 'part',
        children: [ask('look', { inputs: ['plan'] }), ask('say', { inputs: ['look'] })],
      },
    },
    { kind: 'branch_set', id: 'rivals', children: ['r1', 'r2', 'r3'].map(isolated) },
    { kind: 'tournament', id: 'cup', candidates: ['r1', 'r2', 'r3'], rank: { by: 'pairwise' } },
    {
      kind: 'reduce',
      id: 'sum',
      inputs: ['wide', 'race', 'fix', 'each', 'cup'],
      task: { type: 'model', prompt: 'sum up' },
    },
  ];
}

const answer: Answer = (path, nth, signal) => {
  const id = path.slice(path.lastIndexOf('/') + 1);
  if (id === 'hangs') return untilAborted(signal);
  if (id === 'fails') return fail('refused');
  if (/^w[37]$/.test(id) && nth < 3) return fail('provider');
  if (id === 'test' && !path.includes('[3]')) return fail('exit');
  if (id === '$until') return good({ holds: path.includes('[3]'), evidence: path });
  if (id.startsWith('$judge')) return good({ winner: laterOf(id), why: path });
  if (id === '$reduce') return good(`summed up at ${nth}`);
  return good({ score: path.length % 5, items: [...'abcdefg'], from: `${path} ${nth}` });
};

/** The judge of a pair prefers the one written later, wherever it is shown. */
function laterOf(judge: string): 'a' | 'b' {
  const [a = '', b = ''] = judge.slice(judge.indexOf('[') + 1, -1).split(',');
  return a < b ? 'b' : 'a';
}

const good = (output: object | string) =>
  ({ status: 'succeeded', output: output as never }) as const;
const fail = (kind: 'refused' | 'provider' | 'exit') =>
  ({ status: 'failed', failure: { kind, message: `${kind} it is` } }) as const;

function untilAborted(signal: AbortSignal): Promise<ReturnType<typeof fail>> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(fail('refused'));
    signal.addEventListener('abort', () => resolve(fail('refused')), { once: true });
  });
}

const spec = specOf(workflowOf(nodes()));

async function runWith(crashes: readonly Crash[]): Promise<{ world: CrashWorld; appends: number }> {
  const world = crashWorld(answer);
  await world.start('r', spec);
  for (const crash of crashes) await world.drive('r', crash);
  const { end, appends } = await world.drive('r');
  expect(end).toBe('finished');
  return { world, appends };
}

/** What was recorded is never done again, and replays. */
function checkRecord(world: CrashWorld): void {
  const events = world.events('r');
  expect(world.repeated).toEqual([]);
  expect(replay(events)).toMatchObject({ verdict: 'identical' });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
}

const clean = await runWith([]);
const expected = clean.world.result('r');

test('without a crash the run has 60 leaves, and ends well', () => {
  const leaves = new Set(clean.world.executions);
  expect(leaves.size).toBeGreaterThanOrEqual(60);
  expect(expected).toMatchObject({ outcome: { status: 'succeeded' } });
  expect(Object.keys((expected as { files: object }).files)).toEqual(
    expect.arrayContaining(['readme.md', 'p1.txt', 'p3.txt', 'edit.txt', 'r3.txt']),
  );
  checkRecord(clean.world);
});

describe('a crash at any append, then resume, ends as if there had been none', () => {
  test.each(['before', 'after'] as const)(
    '%s it took effect',
    async (when) => {
      for (let at = 1; at <= clean.appends; at += 1) {
        const { world } = await runWith([{ at, when }]);
        expect({ at, ...(world.result('r') as object) }).toEqual({ at, ...(expected as object) });
        checkRecord(world);
      }
    },
    TIMEOUT_MS,
  );

  test(
    `${DOUBLE_CRASHES} times two of them`,
    async () => {
      for (let seed = 1; seed <= DOUBLE_CRASHES; seed += 1) {
        const chance = dice(seed);
        const when = ['before', 'after'] as const;
        const crashes = [clean.appends, 12].map((limit) => ({
          at: 1 + chance.below(limit),
          when: chance.of(when),
        }));
        const { world } = await runWith(crashes);
        expect({ seed, ...(world.result('r') as object) }).toEqual({
          seed,
          ...(expected as object),
        });
        checkRecord(world);
      }
    },
    TIMEOUT_MS,
  );
});

test(
  'an interrupt at any append, then resume, ends as if there had been none',
  async () => {
    for (let at = 1; at <= clean.appends; at += isSoak ? 1 : 4) {
      const { world } = await runWith([{ at, when: 'interrupt' }]);
      expect({ at, ...(world.result('r') as object) }).toEqual({ at, ...(expected as object) });
      checkRecord(world);
    }
  },
  TIMEOUT_MS,
);

test('a report of an attempt that was given up hides no later attempt from a resume', async () => {
  const world = crashWorld(answer);
  await world.start('r', specOf(workflowOf([ask('a'), ask('b')])));
  const lease = await world.takeLease('r');
  const event = { path: 'a', at: 1 } as const;
  const failure = { kind: 'refused', message: 'late' } as const;
  await world.append('r', lease.epoch, [
    { type: 'leaf.lost', attempt: 1, maybeRepeated: true, ...event },
    { type: 'leaf.requested', attempt: 2, digest: 'd', ...event },
    { type: 'leaf.finished', attempt: 1, result: { status: 'failed', failure }, ...event },
  ]);
  expect((await world.drive('r')).end).toBe('finished');
  expect(world.result('r')).toMatchObject({ outcome: { status: 'succeeded' } });
});

describe('a fork', () => {
  const forkOf = async (changed: typeof spec, crash?: Crash) => {
    const world = crashWorld(answer);
    await world.start('r', spec);
    await world.drive('r');
    const before = world.executions.length;
    await world.start('f', changed);
    const reuse = reuseFrom('r', world.events('r'));
    if (crash !== undefined) await world.drive('f', crash, reuse);
    expect((await world.drive('f', undefined, reuse)).end).toBe('finished');
    expect(replay(world.events('f'))).toMatchObject({ verdict: 'identical' });
    expect(world.result('f')).toEqual(world.result('r'));
    const executed = world.executions.slice(before).map((line) => line.replace(/^f |#\d+$/g, ''));
    // The losers of the race never ended: there is nothing to answer them from.
    return executed.filter((path) => !/^race\/(hangs|fails)$/.test(path));
  };

  test('of an unchanged workflow executes nothing but what never ended', async () => {
    expect(await forkOf(spec)).toEqual([]);
  });

  test('executes exactly what depends on a changed prompt', async () => {
    const executed = await forkOf(specOf(workflowOf(nodes('plan again'))));
    const again = executed.filter((path) => !/^(plan|fix|each|rivals|cup|sum)/.test(path));
    expect(again).toEqual([]);
    expect(executed).toEqual(expect.arrayContaining(['plan', 'fix[1]/edit', 'each[a]/part/say']));
  });

  test('that crashes goes on from the record', async () => {
    for (let at = 1; at <= 40; at += 3) {
      const executed = await forkOf(spec, { at, when: at % 2 === 0 ? 'before' : 'after' });
      expect({ at, executed }).toEqual({ at, executed: [] });
    }
  });
});
