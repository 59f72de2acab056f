import { describe, expect, test } from 'vitest';
import type { BranchSetDocument } from '../../workflow/document.ts';
import { command, leaf, testRun, writer } from '../test-run.ts';

const FRUIT = [{ type: 'note', title: 'n', evidence: [] }] as const;

function branches(parts: Partial<BranchSetDocument>): BranchSetDocument {
  return { kind: 'branch_set', id: 'b', children: [command('x'), command('y')], ...parts };
}

describe('branch_set', () => {
  test.each([
    ['all', 'succeeded', 'succeeded', 'succeeded = {b/x, b/y}'],
    ['all', 'succeeded', 'failed', 'degraded = {b/x}'],
    ['all', 'failed', 'failed', 'failed exit: none of 2 branches succeeded; first: x: exit of b/x'],
    ['any', 'failed', 'succeeded', 'succeeded = {b/y}'],
    ['any', 'failed', 'failed', 'failed exit: none of 2 branches succeeded; first: x: exit of b/x'],
  ] as const)('joined by %s, %s and %s: %s', (join, x, y, outcome) => {
    const run = testRun([branches({ join })]);
    if (x === 'failed') run.fail('b/x');
    else run.finish('b/x');
    if (y === 'failed') run.fail('b/y');
    else run.finish('b/y');
    expect(run.said()).toContain(`end b ${outcome}\n`);
  });

  test('the first success aborts the rest; late reports change nothing but the harvest', () => {
    const run = testRun([
      branches({ join: 'first_success', children: [command('x'), command('y'), command('z')] }),
      leaf('after'),
    ]);
    run.fail('b/z', 'exit', { fruit: FRUIT }).finish('b/y');
    expect(run.said()).toMatchInlineSnapshot(`
      "start b
      ask b/x#1 in /@c0
      ask b/y#1 in /@c0
      ask b/z#1 in /@c0
      harvest b/z: b/z
      abort b/x (sibling)
      end b succeeded = b/y
      ask after#1"
    `);
    run.finish('b/x', 'late', { late: true, fruit: FRUIT });
    expect(run.said()).toMatchInlineSnapshot(`"harvest b/x: b/x"`);
    run.finish('b/x', 'later still', { late: true, fruit: FRUIT, attempt: 1 });
    expect(run.said()).toBe('');
    run.finish('after');
    expect(run.said()).toMatchInlineSnapshot(`
      "end / succeeded = after
      run succeeded = after"
    `);
  });

  test('of two successes in one batch the first recorded wins', () => {
    const run = testRun([branches({ join: 'first_success' })]);
    run.finish('b/y').finish('b/x');
    expect(run.said()).toMatchInlineSnapshot(`
      "start b
      ask b/x#1 in /@c0
      ask b/y#1 in /@c0
      abort b/x (sibling)
      end b succeeded = b/y
      end / succeeded = b
      run succeeded = b"
    `);
  });

  test('the run waits for aborted leaves before it ends', () => {
    const run = testRun([branches({ join: 'first_success' })]);
    run.finish('b/x');
    expect(run.state.finished).toBeUndefined();
    run.lose('b/y');
    expect(run.state.finished?.outcome.status).toBe('succeeded');
  });

  test('no more than maxParallel run at once', () => {
    const children = ['a', 'b', 'c', 'd'].map((id) => leaf(id));
    const run = testRun([{ ...branches({ children, maxParallel: 2 }), id: 's' }]);
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      ask s/a#1
      ask s/b#1"
    `);
    run.finish('s/b');
    expect(run.said()).toMatchInlineSnapshot(`"ask s/c#1"`);
  });

  test('a first success in a tree of its own is adopted', () => {
    const children = [
      writer('x', { isolation: 'worktree' }),
      writer('y', { isolation: 'worktree' }),
    ];
    const run = testRun([branches({ join: 'first_success', children }), writer('after')]);
    run.finish('b/y', 'done', { commit: 'c1' }).finish('b/x', 'late', { commit: 'c2', late: true });
    expect(run.said()).toMatchInlineSnapshot(`
      "start b
      ask b/x#1 in /b/x@c0
      ask b/y#1 in /b/y@c0
      abort b/x (sibling)
      end b succeeded = b/y adopts /b/y@c1 into /
      ask after#1 in /@c1"
    `);
  });

  describe('merges the trees of its branches', () => {
    const merging = (parts: Partial<BranchSetDocument> = {}) =>
      testRun([
        branches({
          trees: 'merge',
          children: ['x', 'y'].map((id) => writer(id, { isolation: 'worktree' })),
          ...parts,
        }),
        writer('after'),
      ]);
    const merged = { type: 'tree.merged', path: 'b/$merge', sources: [] } as const;
    const conflict = {
      ...merged,
      into: { key: '', commit: 'marks' },
      conflicts: ['file'],
    } as const;

    test('in order as written', () => {
      const run = merging().finish('b/y', 'done', { commit: 'cy' });
      run.finish('b/x', 'done', { commit: 'cx' }).finish('b/$merge', {}, { commit: 'm' });
      expect(run.said()).toMatchInlineSnapshot(`
        "start b
        ask b/x#1 in /b/x@c0
        ask b/y#1 in /b/y@c0
        ask b/$merge#1 in /@c0
        end b succeeded = {b/x, b/y}
        ask after#1 in /@m"
      `);
    });

    test('not at all where no branch changed anything', () => {
      const run = merging().finish('b/x').finish('b/y');
      expect(run.said()).toMatchInlineSnapshot(`
        "start b
        ask b/x#1 in /b/x@c0
        ask b/y#1 in /b/y@c0
        end b succeeded = {b/x, b/y}
        ask after#1 in /@c0"
      `);
    });

    test('fails on a conflict, and the enclosing tree stays as it was', () => {
      const run = merging().finish('b/x', 'done', { commit: 'cx' });
      run.finish('b/y', 'done', { commit: 'cy' }).post(conflict).fail('b/$merge', 'merge_conflict');
      expect(run.said()).toMatchInlineSnapshot(`
        "start b
        ask b/x#1 in /b/x@c0
        ask b/y#1 in /b/y@c0
        ask b/$merge#1 in /@c0
        end b failed merge_conflict: $merge: merge_conflict of b/$merge
        end / failed merge_conflict: $merge: merge_conflict of b/$merge
        run failed merge_conflict: $merge: merge_conflict of b/$merge"
      `);
      expect(run.state.trees.get('')?.at).toBe('c0');
    });

    test('hands a conflict to its resolver, in a tree that holds the marks', () => {
      const run = merging({ onConflict: writer('resolve') });
      run.finish('b/x', 'done', { commit: 'cx' }).finish('b/y', 'done', { commit: 'cy' });
      run.said();
      run.post(conflict).fail('b/$merge', 'merge_conflict');
      run.finish('b/resolve', 'done', { commit: 'solved' });
      expect(run.said()).toMatchInlineSnapshot(`
        "ask b/resolve#1 in /@marks
        end b succeeded = {b/x, b/y}
        ask after#1 in /@solved"
      `);
    });

    test('begins again without the marks when the merge was lost', () => {
      const run = merging({ onConflict: writer('resolve') });
      run.finish('b/x', 'done', { commit: 'cx' }).finish('b/y', 'done', { commit: 'cy' });
      run.said();
      expect(run.post(conflict).lose('b/$merge').said()).toBe('ask b/$merge#2 in /@c0');
    });

    test('fails with the conflict when a person does without its resolver', () => {
      const run = merging({ onConflict: writer('resolve') });
      run.finish('b/x', 'done', { commit: 'cx' }).finish('b/y', 'done', { commit: 'cy' });
      run.post(conflict).fail('b/$merge', 'merge_conflict');
      run.said();
      run.post({ type: 'leaf.skipped', path: 'b/resolve', by: 'ada' }).lose('b/resolve');
      expect(run.said()).toContain('end b failed merge_conflict');
    });

    test('takes the marks out of the tree when the resolver fails', () => {
      const run = merging({ onConflict: writer('resolve') });
      run.finish('b/x', 'done', { commit: 'cx' }).finish('b/y', 'done', { commit: 'cy' });
      run.post(conflict).fail('b/$merge', 'merge_conflict');
      run.fail('b/resolve', 'exit', { commit: 'half' });
      expect(run.state.trees.get('')).toMatchObject({ at: 'c0' });
      expect(run.state.finished?.outcome).toMatchObject({ failure: { kind: 'exit' } });
    });
  });
});
