import { describe, expect, test } from 'vitest';
import { command, leaf, testRun } from '../test-run.ts';

describe('sequence', () => {
  test('runs one child after the other and gives what the last one gave', () => {
    const run = testRun([{ kind: 'sequence', id: 's', children: [leaf('a'), leaf('b')] }]);
    run.finish('s/a').finish('s/b');
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      ask s/a#1
      ask s/b#1
      end s succeeded = s/b
      end / succeeded = s
      run succeeded = s"
    `);
  });

  test('stops at the first failure: the rest never starts', () => {
    const run = testRun([
      { kind: 'sequence', id: 's', children: [command('a'), leaf('b')] },
      leaf('c'),
    ]);
    run.fail('s/a');
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      ask s/a#1 in /@c0
      end s failed exit: a: exit of s/a
      end / failed exit: a: exit of s/a
      run failed exit: a: exit of s/a"
    `);
  });

  test('goes on behind a failure where the author says so, and is degraded', () => {
    const run = testRun([
      { kind: 'sequence', id: 's', onFailure: 'continue', children: [command('a'), leaf('b')] },
    ]);
    run.fail('s/a').finish('s/b');
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      ask s/a#1 in /@c0
      ask s/b#1
      end s degraded = s/b
      end / degraded = s
      run degraded = s"
    `);
  });

  test('fails as its first failure when nothing in it succeeded', () => {
    const run = testRun([
      { kind: 'sequence', id: 's', onFailure: 'continue', children: [command('a'), command('b')] },
    ]);
    run.fail('s/a', 'exit').fail('s/b', 'timeout');
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      ask s/a#1 in /@c0
      ask s/b#1 in /@c0
      end s failed exit: a: exit of s/a
      end / failed exit: a: exit of s/a
      run failed exit: a: exit of s/a"
    `);
  });

  test('skips a leaf whose required input failed, and what needs that leaf', () => {
    const run = testRun([
      {
        kind: 'sequence',
        id: 's',
        onFailure: 'continue',
        children: [
          command('a'),
          leaf('b', { inputs: ['a'] }),
          leaf('c', { inputs: { b: { node: 'b', optional: true } } }),
        ],
      },
    ]);
    run.fail('s/a').finish('s/c');
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      ask s/a#1 in /@c0
      end s/b skipped input
      ask s/c#1
      end s degraded = s/c
      end / degraded = s
      run degraded = s"
    `);
  });

  test('is skipped when all of it was', () => {
    const run = testRun([
      {
        kind: 'sequence',
        id: 's',
        onFailure: 'continue',
        children: [
          command('a'),
          { kind: 'sequence', id: 'inner', children: [leaf('b', { inputs: ['a'] })] },
          leaf('c'),
        ],
      },
    ]);
    run.fail('s/a').finish('s/c');
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      ask s/a#1 in /@c0
      start s/inner
      end s/inner/b skipped input
      end s/inner skipped input
      ask s/c#1
      end s degraded = s/c
      end / degraded = s
      run degraded = s"
    `);
  });
});
