import { describe, expect, test } from 'vitest';
import type { NodeDocument, TournamentDocument } from '../../workflow/document.ts';
import { command, leaf, type TestRun, type TestRunOptions, testRun, writer } from '../test-run.ts';

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
            { candidate: 'y', place: 1, score: 2, outcome: 'succeeded', why: '2' },
            { candidate: 'x', place: 2, score: 1, outcome: 'succeeded', why: '1; behind y' },
            { candidate: 'z', score: null, outcome: 'failed', why: 'failed: refused' },
          ],
          ties: [],
          why: 'best by field: 2',
        },
      },
    });
    const harvested = run.trace.filter((event) => event.type === 'branch.harvested');
    expect(harvested.map(({ owner, path }) => `${owner}: ${path}`)).toEqual([
      'b: b/z',
      'cup: b/x',
      'cup: b/z',
    ]);
  });

  test('an unknown score ranks last, and reaches no minimum', () => {
    expect(winnerOf(testRunOf([{}, { score: -5 }, {}]))).toBe('y');
    const run = testRun([branches(), cup({ minScore: 3 })]);
    expect(scored(run, [1, 2, 2]).said()).toContain(
      'end cup failed no_candidate: the best score, 2, is below 3: y, best by field: 2; equal to z',
    );
  });

  test('fails without a success', () => {
    const children = [branches(), cup()];
    const run = testRun([{ kind: 'sequence', id: 's', onFailure: 'continue', children }]);
    for (const id of ['x', 'y', 'z']) run.fail(`s/b/${id}`, 'refused');
    expect(run.said()).toContain('end s/cup failed no_candidate: none of 3 candidates succeeded');
  });

  describe('by tests', () => {
    const tested = (count: number, options: TestRunOptions = {}): TestRun => {
      const withTests = (id: string): NodeDocument => ({
        kind: 'sequence',
        id,
        onFailure: 'continue',
        children: Array.from({ length: count }, (_, index) => command(`${id}${index + 1}`)),
      });
      return testRun([branches(withTests), cup({ rank: { by: 'tests' } })], options);
    };
    const counted = (passed: number, failed: number, skipped = 0) => ({
      tests: { status: 'found', passed, failed, skipped, total: 0, source: 'vitest' },
    });
    const rankingOf = (run: TestRun) => {
      const cupState = run.state.nodes.get('cup');
      const output = cupState?.alive === false ? cupState.output : undefined;
      return output?.type === 'value' ? output.value : undefined;
    };

    test('the share of its test commands that passed, where nothing was counted', () => {
      const run = tested(2);
      run.fail('b/x/x1').finish('b/x/x2').finish('b/y/y1').finish('b/y/y2').fail('b/z/z1');
      expect(winnerOf(run.fail('b/z/z2'))).toBe('y');
      expect(rankingOf(run)).toMatchObject({
        ranking: [
          { candidate: 'y', place: 1, score: 1, why: '2 of 2 test commands passed' },
          { candidate: 'x', place: 2, score: 0.5, why: '1 of 2 test commands passed; behind y' },
          { candidate: 'z', score: null, why: 'failed: exit' },
        ],
        why: 'best by tests: 2 of 2 test commands passed',
      });
    });

    test('of equals the one of which more tests passed: a skipped test is none that passed', () => {
      const run = tested(1);
      run.finish('b/x/x1', counted(4, 0, 1)).finish('b/y/y1', counted(5, 0));
      expect(winnerOf(run.finish('b/z/z1', counted(5, 0)))).toBe('y');
      expect(rankingOf(run)).toEqual({
        winner: 'y',
        ranking: [
          {
            candidate: 'y',
            place: 1,
            score: 1,
            outcome: 'succeeded',
            tests: { passed: 5, failed: 0, skipped: 0 },
            why: '5 of 5 tests passed',
          },
          {
            candidate: 'z',
            place: 1,
            score: 1,
            outcome: 'succeeded',
            tests: { passed: 5, failed: 0, skipped: 0 },
            why: '5 of 5 tests passed; equal to y, which is written first',
          },
          {
            candidate: 'x',
            place: 3,
            score: 1,
            outcome: 'succeeded',
            tests: { passed: 4, failed: 0, skipped: 1 },
            why: '4 of 4 tests passed, 1 skipped; behind y, of which more tests passed',
          },
        ],
        ties: ['z'],
        why: 'best by tests: 5 of 5 tests passed; equal to z, and written first',
      });
    });

    test('equals stay as written where one of them was not counted', () => {
      const run = tested(1).finish('b/x/x1', counted(1, 0)).finish('b/y/y1', counted(9, 0));
      run.finish('b/z/z1', { tests: { status: 'not_found' } });
      expect(winnerOf(run)).toBe('x');
    });

    test.each([
      ['more of its tests passed', counted(1, 3), counted(2, 2), 'y'],
      ['counts beat none', {}, counted(1, 9), 'y'],
      ['an exit status is not talked away', counted(0, 0), counted(9, 0), 'y'],
    ] as const)('of two that failed the one of which %s', (_name, x, y, winner) => {
      const run = tested(2).finish('b/x/x1').finish('b/y/y1');
      run.fail('b/x/x2', 'exit', { output: x }).fail('b/y/y2', 'exit', { output: y });
      run.fail('b/z/z1').fail('b/z/z2');
      expect(winnerOf(run)).toBe(winner);
    });

    test('a command that failed with all its tests passed is not as good as one that did not', () => {
      const run = tested(2)
        .finish('b/x/x1')
        .fail('b/x/x2', 'exit', { output: counted(99, 0) });
      run.finish('b/y/y1').finish('b/y/y2').fail('b/z/z1').fail('b/z/z2');
      expect(winnerOf(run)).toBe('y');
    });

    test('runs that began under older rules go by exit statuses alone', () => {
      const run = tested(1, { rulesVersion: 2 });
      run.finish('b/x/x1', counted(4, 0)).finish('b/y/y1', counted(5, 0)).fail('b/z/z1');
      expect(winnerOf(run)).toBe('x');
      expect(rankingOf(run)).toEqual({
        winner: 'x',
        ranking: [
          { candidate: 'x', score: 1, outcome: 'succeeded' },
          { candidate: 'y', score: 1, outcome: 'succeeded' },
          { candidate: 'z', score: null, outcome: 'failed' },
        ],
        why: 'best by tests: 1',
      });
    });
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
    const paired = (options: TestRunOptions = {}) =>
      testRun([branches(), cup({ rank: { by: 'pairwise' } })], options);
    const say = (run: TestRun, said: Readonly<Record<string, 'a' | 'b' | 'tie'>>): TestRun => {
      for (const [pair, winner] of Object.entries(said)) {
        run.finish(`cup/$judge[${pair}]`, { winner, why: '' });
      }
      return run;
    };

    test('each pair is asked in both orders, with its own two candidates as a and b', () => {
      const run = scored(paired(), [1, 1, 1]);
      const asked = run.trace.filter(
        (event) => event.type === 'leaf.requested' && event.path.startsWith('cup'),
      );
      expect(asked.map((event) => ('inputs' in event ? [event.path, event.inputs] : 0))).toEqual([
        ['cup/$judge[x,y]', { a: { path: 'b/x' }, b: { path: 'b/y' } }],
        ['cup/$judge[y,x]', { a: { path: 'b/y' }, b: { path: 'b/x' } }],
        ['cup/$judge[x,z]', { a: { path: 'b/x' }, b: { path: 'b/z' } }],
        ['cup/$judge[z,x]', { a: { path: 'b/z' }, b: { path: 'b/x' } }],
        ['cup/$judge[y,z]', { a: { path: 'b/y' }, b: { path: 'b/z' } }],
        ['cup/$judge[z,y]', { a: { path: 'b/z' }, b: { path: 'b/y' } }],
      ]);
    });

    test('who is preferred most often wins; a tie is half', () => {
      const run = scored(paired(), [1, 1, 1]);
      say(run, { 'x,y': 'b', 'y,x': 'a', 'x,z': 'a', 'z,x': 'b', 'y,z': 'tie', 'z,y': 'b' });
      expect(winnerOf(run)).toBe('y');
    });

    test('a pair whose two orders disagree is a tie, and the record says so', () => {
      const run = scored(paired(), [1, 1, 1]);
      // Whoever is shown first is preferred: nothing is known.
      say(run, { 'x,y': 'a', 'y,x': 'a', 'x,z': 'b', 'z,x': 'a', 'y,z': 'a', 'z,y': 'a' });
      expect(run.said()).toContain(
        `{"winner":"z","ranking":[{"candidate":"z","place":1,"score":0.75,"outcome":"succeeded","why":"preferred to 1 of 2; undecided against y (orders disagree)"}`,
      );
      expect(run.crash().state.nodes.get('cup')).toMatchObject({
        output: {
          value: {
            undecided: [
              ['z', 'y'],
              ['y', 'x'],
            ],
          },
        },
      });
    });

    test('runs that began under older rules ask about each pair once', () => {
      const run = scored(paired({ rulesVersion: 2 }), [1, 1, 1]);
      say(run, { 'x,y': 'b', 'x,z': 'a', 'y,z': 'tie' });
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
      for (const pair of ['b,a', 'a,c', 'c,a', 'c,b', 'a,b', 'b,c']) {
        run.lose(`cup/$judge[${pair}]`);
      }
      run.said();
      run.post({ type: 'run.resumed', by: 'ada' });
      expect(run.said()).toMatchInlineSnapshot(`
        "ask cup/$judge[c,b]#2
        ask cup/$judge[b,c]#2
        ask cup/$judge[c,a]#2
        ask cup/$judge[a,c]#2
        ask cup/$judge[b,a]#2
        ask cup/$judge[a,b]#2"
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
        end cup succeeded {"winner":"x","ranking":[{"candidate":"x","place":1,"score":0,"outcome":"succeeded","why":"$0.000000"},{"candidate":"y","place":1,"score":0,"outcome":"succeeded","why":"$0.000000; equal to x, which is written first"},{"candidate":"z","place":1,"score":0,"outcome":"succeeded","why":"$0.000000; equal to x, which is written first"}],"ties":["y","z"],"why":"best by cost: $0.000000; equal to y, z, and written first"} output=b/x adopts /b/x@cx into /
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
