import { describe, expect, test } from 'vitest';
import type { NodeDocument } from '../workflow/document.ts';
import { type LeafRequested, leafJob } from './leaf-work.ts';
import { command, leaf, type TestRun, type TestRunOptions, testRun } from './test-run.ts';

const FRUIT = [{ type: 'finding', title: 'f', evidence: ['e'] }] as const;
const LATE = { late: true, fruit: FRUIT } as const;
const children = ['x', 'y', 'z'].map((id) => leaf(id));
const branches: NodeDocument = { kind: 'branch_set', id: 'b', children };
const cup: NodeDocument = {
  kind: 'tournament',
  id: 'cup',
  candidates: ['x', 'y', 'z'],
  rank: { by: 'cost' },
};
const front: NodeDocument = {
  kind: 'pareto',
  id: 'front',
  candidates: ['x', 'y', 'z'],
  objectives: [{ by: 'field', field: 'score', goal: 'max' }],
};

/** `OWNER <- BRANCH: LEAVES` of each harvest so far. */
function harvests({ trace }: TestRun): readonly string[] {
  return trace.flatMap((event) =>
    event.type === 'branch.harvested'
      ? [`${event.owner ?? '?'} <- ${event.path}: ${event.leaves.join(', ')}`]
      : [],
  );
}

const unsettledIn = ({ trace }: TestRun, node: string): unknown => {
  const end = trace.find((event) => event.type === 'node.finished' && event.path === node);
  return end?.type === 'node.finished' ? end.unsettled : undefined;
};

const cancel = (run: TestRun, path: string): TestRun =>
  run.post({ type: 'leaf.cancelled', path, by: 'ada' });

describe('a failed branch is harvested as its set ends', () => {
  test.each(['all', 'any'] as const)('joined by %s', (join) => {
    const run = testRun([{ ...branches, join } as NodeDocument]);
    run.fail('b/y', 'exit', { fruit: FRUIT }).finish('b/x', 'done', { fruit: FRUIT });
    expect(harvests(run)).toEqual([]);
    run.finish('b/z');
    expect(harvests(run)).toEqual(['b <- b/y: b/y']);
  });

  test('where all have failed, in order as written', () => {
    const run = testRun([branches]);
    for (const path of ['b/z', 'b/y', 'b/x']) run.fail(path, 'exit', { fruit: FRUIT });
    expect(harvests(run)).toEqual(['b <- b/x: b/x', 'b <- b/y: b/y', 'b <- b/z: b/z']);
  });

  test('where nobody won a race', () => {
    const run = testRun([{ ...branches, join: 'first_success' } as NodeDocument]);
    run.fail('b/x').fail('b/y', 'exit', { fruit: FRUIT }).fail('b/z');
    expect(harvests(run)).toEqual(['b <- b/y: b/y']);
  });

  test('an instance of an expand too, by its key', () => {
    const each = { kind: 'expand', id: 'each', maxChildren: 9, template: leaf('one') } as const;
    const run = testRun([leaf('list'), { ...each, source: { node: 'list', field: 'items' } }]);
    run.finish('list', { items: ['a', 'b'] });
    run.fail('each[b]/one', 'exit', { fruit: FRUIT }).finish('each[a]/one');
    expect(harvests(run)).toEqual(['each <- each[b]/one: each[b]/one']);
  });

  test('with all that was found in it, also by what succeeded', () => {
    const long = { kind: 'sequence', id: 'x', children: [leaf('one'), leaf('two')] } as const;
    const run = testRun([{ ...branches, children: [long, leaf('y')] } as NodeDocument]);
    run.finish('b/x/one', 'done', { fruit: FRUIT }).fail('b/x/two', 'exit', { fruit: FRUIT });
    run.finish('b/y');
    expect(harvests(run)).toEqual(['b <- b/x: b/x/one, b/x/two']);
  });

  test.each([1, 2, 3])('by rules of version %i it is not', (rulesVersion) => {
    const run = testRun([branches, front], { rulesVersion });
    run.fail('b/y', 'exit', { fruit: FRUIT }).finish('b/x', { score: 1 });
    run.finish('b/z', { score: 0 }, { fruit: FRUIT });
    expect(harvests(run)).toEqual([]);
    expect(run.state.finished?.outcome.status).toBe('degraded');
  });
});

describe('a loser with a leaf in flight is harvested when that has reported', () => {
  /** y is broken off, and hands over what it has only after the others have ended. */
  function broken(choice: NodeDocument, options?: TestRunOptions): TestRun {
    const run = cancel(testRun([branches, choice, leaf('after')], options), 'b/y');
    return run.finish('b/x', { score: 2 }).finish('b/z', { score: 1 });
  }

  test.each([
    ['tournament', cup],
    ['pareto', front],
  ])('by a %s that has ended before', (_kind, choice) => {
    const run = broken(choice);
    expect(run.state.nodes.get(choice.id)).toMatchObject({ status: 'succeeded' });
    expect(unsettledIn(run, choice.id)).toEqual([{ name: 'y', path: 'b/y' }]);
    expect(harvests(run)).toEqual([]);
    run.finish('b/y', 'late', LATE);
    expect(harvests(run)).toEqual(['b <- b/y: b/y', `${choice.id} <- b/y: b/y`]);
    expect(run.state.unsettled.size).toBe(0);
    run.finish('b/y', 'again', { ...LATE, attempt: 1 });
    expect(harvests(run)).toHaveLength(2);
  });

  test('over a crash, by a driver that folds the trace', () => {
    const run = broken(cup).crash();
    run.post({ type: 'run.driven', epoch: 2, pid: 1, host: 'h', versions: {} });
    run.finish('b/y', 'late', LATE);
    expect(harvests(run)).toEqual(['b <- b/y: b/y', 'cup <- b/y: b/y']);
  });

  test('when the last of several has, whether it is given up or not', () => {
    const inner = { kind: 'branch_set', id: 'y', children: [leaf('p'), leaf('q')] } as const;
    const run = testRun([
      { ...branches, children: [leaf('x'), inner, leaf('z')] } as NodeDocument,
      cup,
      leaf('after'),
    ]);
    cancel(run, 'b/y').finish('b/x').finish('b/z');
    expect(unsettledIn(run, 'b/y')).toEqual([
      { name: 'p', path: 'b/y/p' },
      { name: 'q', path: 'b/y/q' },
    ]);
    run.finish('b/y/q', 'late', LATE);
    expect(harvests(run)).toEqual(['b/y <- b/y/q: b/y/q']);
    run.lose('b/y/p');
    expect(harvests(run).slice(1)).toEqual(['b <- b/y: b/y/q', 'cup <- b/y: b/y/q']);
  });

  test('and says nothing where nothing was left', () => {
    const run = broken(cup);
    expect(run.lose('b/y').state.unsettled.size).toBe(0);
    expect(harvests(run)).toEqual([]);
  });

  test('the run does not end before that', () => {
    const run = broken(cup).finish('after');
    expect(run.state.finished).toBeUndefined();
    run.said();
    run.finish('b/y', 'late', LATE);
    expect(run.said()).toMatchInlineSnapshot(`
      "harvest b/y: b/y
      harvest b/y: b/y
      run degraded = after"
    `);
  });

  test.each([1, 2, 3])('by rules of version %i a race alone waits for it', (rulesVersion) => {
    const run = broken(cup, { rulesVersion }).finish('b/y', 'late', LATE);
    expect(harvests(run)).toEqual([]);
    const race = testRun([{ ...branches, join: 'first_success' } as NodeDocument], {
      rulesVersion,
    });
    race.finish('b/x').finish('b/y', 'late', LATE);
    expect(harvests(race)).toEqual(['? <- b/y: b/y']);
    race.finish('b/y', 'again', { ...LATE, attempt: 1 });
    expect(harvests(race)).toHaveLength(1);
  });

  test('what comes later is in no output, and nothing that has begun sees it', () => {
    const harvest = { argv: ['check'] };
    const merge: NodeDocument = {
      kind: 'reduce',
      id: 'sum',
      inputs: { left: { node: 'cup', field: 'fruit' } },
      task: { type: 'model', prompt: 'sum up' },
    };
    const review: NodeDocument = { kind: 'teacher_review', id: 'learn', candidates: ['b'] };
    const permissions = { write: true, shell: true, commands: ['*'] };
    const run = testRun([branches, { ...cup, harvest } as NodeDocument, merge, review], {
      document: { permissions },
    });
    cancel(run, 'b/y').finish('b/x').finish('b/z', 'done', { fruit: FRUIT });
    const inputs = (): unknown => {
      const request = run.trace.findLast((event) => event.type === 'leaf.requested');
      const read = (): Uint8Array => new TextEncoder().encode('"done"');
      return leafJob('r', run.state, request as LeafRequested, read).inputs;
    };
    const left = [{ from: 'b/z', ...FRUIT[0] }];
    expect(inputs()).toEqual({ left });
    run.finish('b/y', 'late', LATE);
    expect(inputs()).toEqual({ left });
    run.finish('sum/$reduce');
    const [{ type, title }] = FRUIT;
    const seen = { node: 'b/y', outcome: 'cancelled', fruit: [{ type, title }] };
    expect(inputs()).toEqual({ b: expect.arrayContaining([expect.objectContaining(seen)]) });
  });
});

describe('what nobody chose', () => {
  test('is harvested where a choice ends without a winner', () => {
    const run = testRun([branches, { ...cup, minScore: 1 } as NodeDocument]);
    run.call('b/x', 5).call('b/y', 5);
    run.finish('b/x', 'done', { fruit: FRUIT }).finish('b/y').call('b/z', 5);
    expect(run.finish('b/z').said()).toContain('end cup failed no_candidate');
    expect(harvests(run)).toEqual(['cup <- b/x: b/x']);
  });

  test('is harvested where a budget ends the set', () => {
    const budget = { maxLeaves: 2 };
    const poor = { ...branches, budget } as NodeDocument;
    const run = testRun([{ kind: 'sequence', id: 's', children: [poor], onFailure: 'continue' }], {
      concurrency: { model: 1, command: 1 },
    });
    run.fail('s/b/x', 'exit', { fruit: FRUIT }).finish('s/b/y', 'done', { fruit: FRUIT });
    expect(run.said()).toContain('end s/b failed budget');
    expect(harvests(run)).toEqual(['s/b <- s/b/x: s/b/x']);
  });

  test.each(['leaf.skipped', 'leaf.cancelled'] as const)(
    'is harvested where a person ends the set: %s',
    (type) => {
      const run = testRun([branches]).fail('b/x', 'exit', { fruit: FRUIT });
      run.post({ type, path: 'b', by: 'ada' });
      expect(harvests(run)).toEqual(['b <- b/x: b/x']);
      run.lose('b/z').finish('b/y', 'late', LATE);
      expect(harvests(run)).toEqual(['b <- b/x: b/x', 'b <- b/y: b/y']);
    },
  );

  test('in a set that is closed with what is around it is harvested with that', () => {
    const inner = { ...branches, id: 'inner', children: [command('p'), command('q')] };
    const race = { kind: 'branch_set', id: 'race', join: 'first_success' } as const;
    const run = testRun([{ ...race, children: [leaf('x'), inner as NodeDocument] }]);
    run.fail('race/inner/p', 'exit', { fruit: FRUIT }).finish('race/x').lose('race/inner/q');
    expect(harvests(run)).toEqual(['race <- race/inner: race/inner/p']);
  });

  test('is harvested by nobody where the whole run is cancelled', () => {
    const run = testRun([branches]).fail('b/x', 'exit', { fruit: FRUIT });
    run.post({ type: 'run.cancelled', by: 'ada' }).lose('b/y').finish('b/z', 'late', LATE);
    expect(harvests(run)).toEqual([]);
    expect(run.state.finished?.outcome.status).toBe('cancelled');
  });
});

test('however many sets lose a branch beside a crowd in flight, nobody goes over that crowd again', () => {
  const sets = Array.from({ length: 50 }, (_, n): NodeDocument => {
    const pair = [leaf(`bad${n}`), leaf(`good${n}`)];
    return { kind: 'branch_set', id: `s${n}`, join: 'any', children: pair };
  });
  const all: NodeDocument = { kind: 'branch_set', id: 'all', join: 'any', children: sets };
  const run = testRun([all], { concurrency: { model: 100, command: 100 } });
  const { inFlight } = run.state;
  expect(inFlight.size).toBe(100);
  let looks = 0;
  const keys = inFlight.keys.bind(inFlight);
  inFlight.keys = () => {
    looks += 1;
    return keys();
  };
  for (let n = 0; n < 50; n += 1) run.fail(`all/s${n}/bad${n}`, 'exit', { fruit: FRUIT });
  for (let n = 0; n < 50; n += 1) run.finish(`all/s${n}/good${n}`);
  expect(run.said().match(/^harvest/gm)).toHaveLength(50);
  expect(looks).toBe(1);
});
