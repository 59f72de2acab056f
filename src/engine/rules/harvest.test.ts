import { describe, expect, test } from 'vitest';
import { fruitAt } from '../../trace/run-state.ts';
import type { BranchSetDocument, NodeDocument } from '../../workflow/document.ts';
import { type LeafRequested, leafJob } from '../leaf-work.ts';
import { leaf, type TestRun, testRun, writer } from '../test-run.ts';

const FRUIT = [{ type: 'test', title: 'y.test.js', evidence: ['e'] }] as const;
const read = (): Uint8Array => new TextEncoder().encode('"done"');
const harvest = { argv: ['check'] };
const children = ['x', 'y', 'z'].map((id) => ({ ...writer(id), isolation: 'worktree' as const }));
const writers: NodeDocument = { kind: 'branch_set', id: 'b', children };
const first: BranchSetDocument = {
  ...writers,
  kind: 'branch_set',
  children,
  join: 'first_success',
  harvest,
};
const document = { permissions: { write: true, shell: true, commands: ['*'] } };

function cup(parts: Partial<Extract<NodeDocument, { readonly kind: 'tournament' }>> = {}) {
  const rank = { by: 'cost' } as const;
  return {
    kind: 'tournament',
    id: 'cup',
    candidates: ['x', 'y', 'z'],
    rank,
    harvest,
    ...parts,
  } as const;
}

/** Three branches; x and y have changed their trees, z has not. */
function over(...nodes: readonly NodeDocument[]): TestRun {
  const run = testRun([writers, ...nodes], { document });
  run.finish('b/x', 'done', { commit: 'cx' }).finish('b/y', 'done', { commit: 'cy' });
  run.said();
  return run.finish('b/z');
}

describe('a tournament that harvests', () => {
  test('tries on the winner’s tree what each loser left in one, then ends', () => {
    const run = over(cup(), writer('after'));
    expect(run.said()).toMatchInlineSnapshot(`
      "end b succeeded = {b/x, b/y, b/z}
      start cup
      rank cup: b/x over y=b/y z=b/z
      ask cup/$harvest[y]#1 in /cup/$harvest[y]@cx"
    `);
    run.finish('cup/$harvest[y]', 'done', { commit: 'cxy', fruit: FRUIT });
    expect(run.said()).toMatchInlineSnapshot(`
      "harvest b/y: cup/$harvest[y]
      end cup succeeded {"winner":"x","ranking":[{"candidate":"x","place":1,"score":0,"outcome":"succeeded","why":"$0.000000"},{"candidate":"y","place":1,"score":0,"outcome":"succeeded","why":"$0.000000; equal to x, which is written first"},{"candidate":"z","place":1,"score":0,"outcome":"succeeded","why":"$0.000000; equal to x, which is written first"}],"ties":["y","z"],"why":"best by cost: $0.000000; equal to y, z, and written first"} output=b/x fruit=[cup/$harvest[y]] adopts /b/x@cx into /
      ask after#1 in /@cx"
    `);
  });

  test('hands to its leaf who won, and what the loser left since it was forked', () => {
    const run = over(cup());
    const request = run.trace.findLast((event) => event.type === 'leaf.requested');
    const job = leafJob('r', run.state, request as LeafRequested, read);
    expect(job.inputs).toEqual({
      winner: 'b/x',
      loser: { name: 'b/y', base: 'c0', commit: 'cy' },
    });
    expect(job).toMatchObject({ tree: { key: 'cup/$harvest[y]', commit: 'cx' } });
  });

  test.each([
    ['fails', (run: TestRun) => run.fail('cup/$harvest[y]')],
    [
      'is lost for good',
      (run: TestRun) => run.lose('cup/$harvest[y]').lose('cup/$harvest[y]').lose('cup/$harvest[y]'),
    ],
    [
      'is cancelled',
      (run: TestRun) => run.post({ type: 'leaf.cancelled', path: 'cup/$harvest[y]', by: 'ada' }),
    ],
  ])('ends as it would have where the leaf %s', (_how, happen) => {
    const run = over(cup());
    happen(run);
    expect(run.said()).toContain(
      'equal to y, z, and written first"} output=b/x fruit=[] adopts /b/x@cx into /',
    );
  });

  test('is not stopped by a budget: a leaf for which nothing is left is not run', () => {
    const two = { ...writers, children: children.slice(0, 2) } as NodeDocument;
    const poor = testRun([two, cup({ candidates: ['x', 'y'] })], {
      document: { ...document, budget: { maxSteps: 2 } },
    });
    poor.call('b/x', 1).finish('b/x', 'done', { commit: 'cx' });
    poor.call('b/y', 0).finish('b/y', 'done', { commit: 'cy' });
    expect(poor.said()).toContain('end cup/$harvest[x] failed budget');
    expect(poor.state.finished?.outcome.status).toBe('succeeded');
  });

  test('keeps its winner whatever late costs say, also over a crash', () => {
    const run = over(cup());
    run.call('b/x', 5);
    run.crash().post({ type: 'run.driven', epoch: 2, pid: 1, host: 'h', versions: {} });
    run.lose('cup/$harvest[y]');
    expect(run.said()).toContain('ask cup/$harvest[y]#2 in /cup/$harvest[y]@cx');
    run.finish('cup/$harvest[y]', 'done', { fruit: FRUIT });
    expect(run.said()).toContain('output=b/x fruit=[cup/$harvest[y]]');
  });

  test('gives what losers left to who asks for it', () => {
    const taker = leaf('taker', { inputs: { found: { node: 'cup', field: 'fruit' } } });
    const run = over(cup(), taker);
    run.finish('cup/$harvest[y]', 'done', { fruit: FRUIT });
    const request = run.trace.findLast((event) => event.type === 'leaf.requested');
    const job = leafJob('r', run.state, request as LeafRequested, read);
    const found = [{ from: 'cup/$harvest[y]', type: 'test', title: 'y.test.js', evidence: ['e'] }];
    expect(job.inputs).toEqual({ found });
  });
});

test('what losers left is part of the whole output too, and of what a teacher sees', () => {
  const taker = leaf('taker', { inputs: ['cup'] });
  const review = { kind: 'teacher_review', id: 'learn', candidates: ['cup'] } as const;
  const run = over(cup(), taker, review);
  run.finish('cup/$harvest[y]', 'done', { fruit: FRUIT });
  const inputs = (): object => {
    const request = run.trace.findLast((event) => event.type === 'leaf.requested');
    return leafJob('r', run.state, request as LeafRequested, read).inputs;
  };
  const { evidence, ...told } = FRUIT[0];
  expect(inputs()).toMatchObject({
    cup: { winner: 'x', output: 'done', fruit: [{ from: 'cup/$harvest[y]', ...told, evidence }] },
  });
  run.finish('taker');
  const seen = { node: 'cup/$harvest[y]', outcome: 'succeeded', fruit: [told] };
  expect(inputs()).toEqual({ cup: expect.arrayContaining([expect.objectContaining(seen)]) });
});

test('what an aborted branch found later is fruit of it all the same', () => {
  const race = { ...first, children: children.slice(0, 2) };
  const run = testRun([race], { document });
  run.finish('b/x', 'done', { commit: 'cx' });
  run.finish('b/y', 'late', { late: true, fruit: FRUIT });
  expect(fruitAt(run.state, 'b/y')).toEqual(FRUIT);
});

test('a choice of several tries what it drops on the first that it keeps', () => {
  const objectives = [{ by: 'diffSize', goal: 'min' }] as const;
  const front: NodeDocument = {
    kind: 'pareto',
    id: 'p',
    candidates: ['x', 'y'],
    objectives,
    harvest,
  };
  const run = testRun([writers, front], { document });
  const patch = { digest: 'd', bytes: 1, type: 'patch', files: 1, added: 3, removed: 0 } as const;
  run.finish('b/x', 'done', { commit: 'cx', patch }).finish('b/y', 'done', { commit: 'cy' });
  run.said();
  expect(run.finish('b/z').said()).toMatchInlineSnapshot(`
    "end b succeeded = {b/x, b/y, b/z}
    start p
    rank p: b/y over x=b/x
    ask p/$harvest[x]#1 in /p/$harvest[x]@cy"
  `);
  run.finish('p/$harvest[x]', 'done', { fruit: FRUIT });
  expect(run.said()).toMatchInlineSnapshot(`
    "harvest b/x: b/x, p/$harvest[x]
    end p succeeded {"items":[{"candidate":"y","values":[0]}],"others":[{"candidate":"x","values":[3],"outcome":"succeeded","why":"y is as good in all and better in diffSize (0 against 3)"}]} fruit=[p/$harvest[x]]
    end / succeeded = p
    run succeeded = p"
  `);
});

test('a first success aborts the others before it looks at what they left', () => {
  const steps = ['one', 'two'].map((name) => writer(`y-${name}`));
  const long: NodeDocument = {
    kind: 'sequence',
    id: 'y',
    children: steps,
    isolation: 'worktree',
    mode: 'read_write',
  };
  const race: NodeDocument = {
    ...first,
    children: [children[0] as NodeDocument, long, children[2] as NodeDocument],
  };
  const run = testRun([race], { document });
  run.finish('b/y/y-one', 'done', { commit: 'cy' });
  run.said();
  run.finish('b/x', 'done', { commit: 'cx' });
  expect(run.said()).toMatchInlineSnapshot(`
    "rank b: b/x over y=b/y z=b/z
    abort b/y/y-two (sibling)
    end b/y cancelled sibling
    abort b/z (sibling)
    ask b/$harvest[y]#1 in /b/$harvest[y]@cx"
  `);
  run.finish('b/y/y-two', 'done', { late: true, commit: 'cy2', fruit: FRUIT });
  expect(run.said()).toBe('');
  run.finish('b/$harvest[y]', 'done', { fruit: FRUIT });
  expect(run.said()).toMatchInlineSnapshot(`
    "harvest b/y: b/y/y-two, b/$harvest[y]
    end b succeeded = b/x adopts /b/x@cx into /
    end / succeeded = b"
  `);
});

describe('a merge', () => {
  const merging = { ...writers, trees: 'merge', harvest } as NodeDocument;

  /** x and z are merged; y has failed, and left something in its tree. */
  const mergedOver = (parts: Partial<BranchSetDocument> = {}): TestRun => {
    const run = testRun([{ ...merging, ...parts } as NodeDocument, writer('after')], { document });
    run.finish('b/x', 'done', { commit: 'cx' }).fail('b/y', 'exit', { commit: 'cy', fruit: FRUIT });
    run.finish('b/z', 'done', { commit: 'cz' });
    run.said();
    return run;
  };

  test('is what failed branches are tried on; it stays as it is', () => {
    const run = mergedOver().finish('b/$merge', {}, { commit: 'm' });
    expect(run.said()).toMatchInlineSnapshot(`
      "rank b: b/$merge over y=b/y
      ask b/$harvest[y]#1 in /b/$harvest[y]@m"
    `);
    const request = run.trace.findLast((event) => event.type === 'leaf.requested');
    expect(leafJob('r', run.state, request as LeafRequested, read).inputs).toEqual({
      winner: 'b/$merge',
      loser: { name: 'b/y', base: 'c0', commit: 'cy' },
    });
    run.finish('b/$harvest[y]', 'done', { commit: 'my', fruit: FRUIT });
    expect(run.said()).toMatchInlineSnapshot(`
      "harvest b/y: b/y, b/$harvest[y]
      end b degraded = {b/x, b/z}
      ask after#1 in /@m"
    `);
  });

  test('is what all of them are tried on at once', () => {
    const run = testRun([merging], { document });
    run.fail('b/x', 'exit', { commit: 'cx' }).fail('b/y', 'exit', { commit: 'cy' });
    run.finish('b/z', 'done', { commit: 'cz' });
    run.said();
    expect(run.finish('b/$merge', {}, { commit: 'm' }).said()).toMatchInlineSnapshot(`
      "rank b: b/$merge over x=b/x y=b/y
      ask b/$harvest[x]#1 in /b/$harvest[x]@m
      ask b/$harvest[y]#1 in /b/$harvest[y]@m"
    `);
    run.finish('b/$harvest[y]', 'done', { fruit: FRUIT });
    expect(run.said()).toBe('');
    expect(run.fail('b/$harvest[x]').said()).toContain('harvest b/y: b/$harvest[y]\nend b ');
  });

  test('that somebody had to resolve is tried on as it was resolved', () => {
    const run = mergedOver({ onConflict: writer('resolve') });
    run.post({
      type: 'tree.merged',
      path: 'b/$merge',
      sources: [],
      into: { key: '', commit: 'marks' },
      conflicts: ['file'],
    });
    run.fail('b/$merge', 'merge_conflict').finish('b/resolve', 'done', { commit: 'solved' });
    expect(run.said()).toMatchInlineSnapshot(`
      "ask b/resolve#1 in /@marks
      rank b: b/resolve over y=b/y
      ask b/$harvest[y]#1 in /b/$harvest[y]@solved"
    `);
  });

  test.each([
    ['failed', (run: TestRun) => run.fail('b/$merge', 'merge_conflict')],
    ['was skipped', (run: TestRun) => skipped(run)],
  ])('that %s is nothing to try on', (_how, happen) => {
    const run = mergedOver();
    happen(run);
    expect(run.said()).toContain('harvest b/y: b/y\nend b ');
  });

  test('of which there is nothing is none', () => {
    const run = testRun([merging], { document });
    run.finish('b/x').finish('b/z').fail('b/y', 'exit', { commit: 'cy' });
    expect(run.said()).toContain('end b degraded = {b/x, b/z}');
  });

  test('of instances is tried on by key, and admitted in their order', () => {
    const template = { ...writer('one'), isolation: 'worktree' } as NodeDocument;
    const source = { node: 'list', field: 'items' };
    const each = { kind: 'expand', id: 'each', source, maxChildren: 9, template } as const;
    const run = testRun(
      [leaf('list'), { ...each, trees: 'merge', harvest } as NodeDocument, writer('after')],
      { document, concurrency: { model: 9, command: 1 } },
    );
    run.finish('list', { items: ['c', 'a', 'b'] });
    run.fail('each[b]/one', 'exit', { commit: 'cb' }).fail('each[c]/one', 'exit', { commit: 'cc' });
    run.finish('each[a]/one', 'done', { commit: 'ca' }).finish('each/$merge', {}, { commit: 'm' });
    run.said();
    run.crash().post({ type: 'run.driven', epoch: 2, pid: 1, host: 'h', versions: {} });
    expect(run.lose('each/$harvest[c]').said()).toBe(
      'ask each/$harvest[c]#2 in /each/$harvest[c]@m',
    );
    run.finish('each/$harvest[c]', 'done', { fruit: FRUIT });
    expect(run.said()).toBe('ask each/$harvest[b]#1 in /each/$harvest[b]@m');
    run.finish('each/$harvest[b]', 'done', { fruit: FRUIT });
    expect(run.said()).toMatchInlineSnapshot(`
      "harvest each[c]/one: each/$harvest[c]
      harvest each[b]/one: each/$harvest[b]
      end each degraded = [-, each[a]/one, -]
      ask after#1 in /@m"
    `);
  });
});

const skipped = (run: TestRun): TestRun =>
  run.post({ type: 'leaf.skipped', path: 'b/$merge', by: 'ada' }).lose('b/$merge');
