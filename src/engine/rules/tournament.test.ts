import { describe, expect, test } from 'vitest';
import type { NodeDocument, TournamentDocument } from '../../workflow/document.ts';
import { command, leaf, type TestRun, testRun, writer } from '../test-run.ts';

const FRUIT = [{ type: 'note', title: 'n', evidence: [] }] as const;

function cup(parts: Partial<TournamentDocument> = {}): TournamentDocument {
  const rank = { by: 'field', field: 'score' } as const;
  return { kind: 'tournament', id: 'cup', candidates: ['x', 'y', 'z'], rank, ...parts };
}

function branches(make: (id: string) => NodeDocument = leaf): NodeDocument {
  return { kind: 'branch_set', id: 'b', children: ['x', 'y', 'z'].map(make) };
}

const scored = (run: TestRun, scores: readonly (number | undefined)[]): TestRun => {
  for (const [index, score] of scores.entries()) {
    const path = `b/${'xyz'[index]}`;
    if (score === undefined) run.fail(path, 'refused');
    else run.finish(path, { score });
  }
  return run;
};

const winnerOf = (run: TestRun): string =>
  /end (?:s\/)?cup .*"winner":"(.*?)"/.exec(run.said())?.[1] ?? 'none';

describe('tournament', () => {
  test.each([
    ['the highest score wins', [1, 3, 2], 'y'],
    ['ties go to the one written first', [2, 3, 3], 'y'],
    ['what failed is no candidate', [undefined, 1, 2], 'z'],
  ] as const)('by field: %s', (_name, scores, winner) => {
    expect(winnerOf(scored(testRun([branches(), cup()]), scores))).toBe(winner);
  });

  test('gives winner, ranking and the winner’s output, and harvests the losers', () => {
    const run = testRun([branches(), cup()]);
    run.finish('b/x', { score: 1 }, { fruit: FRUIT }).finish('b/y', { score: 2 });
    run.fail('b/z', 'refused', { fruit: FRUIT });
    run.said();
    expect(run.crash().state.nodes.get('cup')).toMatchObject({
      output: {
        parts: { output: 'b/y' },
        value: {
          winner: 'y',
          ranking: [
            { candidate: 'y', score: 2, outcome: 'succeeded' },
            { candidate: 'x', score: 1, outcome: 'succeeded' },
            { candidate: 'z', score: null, outcome: 'failed' },
          ],
        },
      },
    });
    const harvested = run.trace.filter((event) => event.type === 'branch.harvested');
    expect(harvested.map(({ path }) => path)).toEqual(['b/x', 'b/z']);
  });

  test('an unknown score ranks last, and reaches no minimum', () => {
    expect(winnerOf(testRunOf([{}, { score: -5 }, {}]))).toBe('y');
    const run = testRun([branches(), cup({ minScore: 3 })]);
    expect(scored(run, [1, 2, 2]).said()).toContain(
      'end cup failed no_candidate: the best score, 2, is below 3',
    );
  });

  test('fails without a success', () => {
    const children = [branches(), cup()];
    const run = testRun([{ kind: 'sequence', id: 's', onFailure: 'continue', children }]);
    for (const id of ['x', 'y', 'z']) run.fail(`s/b/${id}`, 'refused');
    expect(run.said()).toContain('end s/cup failed no_candidate: none of 3 candidates succeeded');
  });

  test('by tests: the share of its test commands that passed', () => {
    const withTests = (id: string): NodeDocument => ({
      kind: 'sequence',
      id,
      onFailure: 'continue',
      children: [command(`${id}1`), command(`${id}2`)],
    });
    const run = testRun([branches(withTests), cup({ rank: { by: 'tests' } })]);
    run.fail('b/x/x1').finish('b/x/x2').finish('b/y/y1').finish('b/y/y2').fail('b/z/z1');
    expect(winnerOf(run.fail('b/z/z2'))).toBe('y');
  });

  test('by cost: the cheapest wins', () => {
    const run = testRun([branches(), cup({ rank: { by: 'cost' } })]);
    run.call('b/x', 30).call('b/y', 10).call('b/z', 20);
    expect(winnerOf(scored(run, [1, 1, 1]))).toBe('y');
  });

  test('a cost of nothing is 0', () => {
    const run = scored(testRun([branches(), cup({ rank: { by: 'cost' } })]), [1, 1, 1]);
    expect(run.state.nodes.get('cup')).toMatchObject({
      output: { value: { ranking: [{ candidate: 'x', score: 0 }, {}, {}] } },
    });
  });

  test('one expand stands for its instances: best of n', () => {
    const each: NodeDocument = {
      kind: 'expand',
      id: 'each',
      source: { node: 'list', field: 'items' },
      maxChildren: 5,
      template: leaf('try'),
    };
    const rank = { by: 'field', field: 'nested.score' } as const;
    const run = testRun([leaf('list'), each, cup({ candidates: ['each'], rank })]);
    run.finish('list', { items: ['a', 'b'] }).finish('each[a]/try', { nested: { score: 1 } });
    run.finish('each[b]/try', { nested: { score: 2 } });
    expect(winnerOf(run)).toBe('b');
  });

  describe('by a judge of all', () => {
    const judged = (parts: Partial<TournamentDocument> = {}) =>
      testRun([branches(), cup({ rank: { by: 'judge' }, ...parts })]);

    test('the judge’s scores decide', () => {
      const run = scored(judged(), [1, 1, 1]);
      run.finish('cup/$judge', {
        ranking: [
          { candidate: 'z', score: 0.9, why: 'short' },
          { candidate: 'x', score: 0.2, why: 'long' },
        ],
      });
      expect(run.said()).toContain('"winner":"z"');
    });

    test('is skipped with its judge', () => {
      const run = scored(judged(), [1, 1, 1]);
      run.post({ type: 'leaf.skipped', path: 'cup/$judge', by: 'ada' });
      expect(run.said()).toContain('end cup skipped person');
    });

    test('fails with its judge', () => {
      const run = scored(judged(), [1, 1, 1]).fail('cup/$judge', 'refused');
      expect(run.said()).toContain('end cup failed refused');
    });

    test('one candidate alone wins unseen, but where it must reach a score', () => {
      expect(winnerOf(scored(judged(), [undefined, 1, undefined]))).toBe('y');
      const run = scored(judged({ minScore: 0.5 }), [undefined, 1, undefined]);
      expect(run.said()).toContain('ask cup/$judge#1');
      run.finish('cup/$judge', { ranking: [{ candidate: 'y', score: 0.4, why: '' }] });
      expect(run.said()).toContain('end cup failed no_candidate');
    });
  });

  describe('by pairs', () => {
    const paired = () => testRun([branches(), cup({ rank: { by: 'pairwise' } })]);

    test('each pair is asked with its own two candidates as a and b', () => {
      const run = scored(paired(), [1, 1, 1]);
      const asked = run.trace.filter(
        (event) => event.type === 'leaf.requested' && event.path.startsWith('cup'),
      );
      expect(asked.map((event) => ('inputs' in event ? [event.path, event.inputs] : 0))).toEqual([
        ['cup/$judge[x,y]', { a: { path: 'b/x' }, b: { path: 'b/y' } }],
        ['cup/$judge[x,z]', { a: { path: 'b/x' }, b: { path: 'b/z' } }],
        ['cup/$judge[y,z]', { a: { path: 'b/y' }, b: { path: 'b/z' } }],
      ]);
    });

    test('who is preferred most often wins; a tie is half', () => {
      const run = scored(paired(), [1, 1, 1]);
      run.finish('cup/$judge[x,y]', { winner: 'b', why: '' });
      run.finish('cup/$judge[x,z]', { winner: 'a', why: '' });
      run.finish('cup/$judge[y,z]', { winner: 'tie', why: '' });
      expect(winnerOf(run)).toBe('y');
    });

    test('judges that were lost are asked again in the order of the pairs', () => {
      const ids = ['c', 'b', 'a'];
      const run = testRun([
        { kind: 'branch_set', id: 'all', children: ids.map((id) => leaf(id)) },
        cup({ candidates: ids, rank: { by: 'pairwise' } }),
      ]);
      for (const id of ids) run.finish(`all/${id}`, {});
      run.crash().post({ type: 'run.paused', by: 'ada' });
      for (const pair of ['b,a', 'c,a', 'c,b']) run.lose(`cup/$judge[${pair}]`);
      run.said();
      run.post({ type: 'run.resumed', by: 'ada' });
      expect(run.said()).toMatchInlineSnapshot(`
        "ask cup/$judge[c,b]#2
        ask cup/$judge[c,a]#2
        ask cup/$judge[b,a]#2"
      `);
    });
  });

  describe('adopts the winner’s tree', () => {
    const writers = branches((id) => writer(id, { isolation: 'worktree' }));
    const race = (): TestRun => testRun([writers, cup({ rank: { by: 'cost' } }), writer('after')]);

    test('as a fast-forward', () => {
      const run = race().finish('b/y').finish('b/z').finish('b/x', 'done', { commit: 'cx' });
      expect(run.said()).toMatchInlineSnapshot(`
        "start b
        ask b/x#1 in /b/x@c0
        ask b/y#1 in /b/y@c0
        ask b/z#1 in /b/z@c0
        end b succeeded = {b/x, b/y, b/z}
        start cup
        end cup succeeded {"winner":"x","ranking":[{"candidate":"x","score":0,"outcome":"succeeded"},{"candidate":"y","score":0,"outcome":"succeeded"},{"candidate":"z","score":0,"outcome":"succeeded"}],"why":"best by cost: 0"} output=b/x adopts /b/x@cx into /
        ask after#1 in /@cx"
      `);
    });

    test('not where the winner changed nothing, nor where nothing is to be adopted', () => {
      const run = race().finish('b/x').finish('b/y').finish('b/z');
      expect(run.said()).toContain('ask after#1 in /@c0');
      const none = testRun([
        writers,
        cup({ rank: { by: 'cost' }, adopt: 'none' }),
        writer('after'),
      ]);
      none.finish('b/x', 'done', { commit: 'cx' }).finish('b/y').finish('b/z');
      expect(none.said()).toContain('ask after#1 in /@c0');
    });

    test('fails where the enclosing tree has moved on meanwhile', () => {
      const run = testRun([writers, writer('between'), cup({ rank: { by: 'cost' } })]);
      run.finish('b/x', 'done', { commit: 'cx' }).finish('b/y').finish('b/z');
      run.finish('between', 'done', { commit: 'c1' });
      expect(run.said()).toContain('end cup failed merge_conflict');
    });
  });
});

function testRunOf(outputs: readonly { readonly score?: number }[]): TestRun {
  const run = testRun([branches(), cup()]);
  for (const [index, output] of outputs.entries()) run.finish(`b/${'xyz'[index]}`, output);
  return run;
}
