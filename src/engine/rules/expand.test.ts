import { describe, expect, test } from 'vitest';
import type { ExpandDocument } from '../../workflow/document.ts';
import { command, leaf, testRun } from '../test-run.ts';

function expand(parts: Partial<ExpandDocument> = {}): ExpandDocument {
  return {
    kind: 'expand',
    id: 'each',
    source: { node: 'list', field: 'items' },
    maxChildren: 3,
    template: command('check'),
    ...parts,
  };
}

const listing = (items: readonly string[], parts: Partial<ExpandDocument> = {}) =>
  testRun([leaf('list'), expand(parts)]).finish('list', { items });

describe('expand', () => {
  test('runs one instance an item, and gives their outputs in the order of the items', () => {
    const run = listing(['b', 'a/ü']).finish('each[a%2Fü]/check').finish('each[b]/check');
    expect(run.said()).toMatchInlineSnapshot(`
      "ask list#1
      start each
      ask each[b]/check#1 in /@c0
      ask each[a%2Fü]/check#1 in /@c0
      end each succeeded = [each[b]/check, each[a%2Fü]/check]
      end / succeeded = each
      run succeeded = each"
    `);
  });

  test('a failed instance leaves a gap', () => {
    const run = listing(['a', 'b']).fail('each[a]/check').finish('each[b]/check');
    expect(run.said()).toContain('end each degraded = [-, each[b]/check]');
  });

  test('fails when every instance failed', () => {
    const run = listing(['a', 'b']).fail('each[a]/check').fail('each[b]/check');
    expect(run.said()).toContain('end each failed exit: none of 2 branches succeeded');
  });

  test.each([
    ['nothing', [], {}, 'succeeded []'],
    ['duplicates', ['a', 'a'], {}, 'failed schema: two items of list.items have the key a'],
    ['an empty key', [''], {}, 'failed schema: item 0 of list.items has no usable key'],
    ['a long key', ['x'.repeat(121)], {}, 'failed schema: item 0 of list.items has no usable key'],
    [
      'too many',
      ['a', 'b', 'c', 'd'],
      {},
      'failed value_too_large: list.items has 4 items, more than maxChildren 3',
    ],
  ] as const)('%s', (_name, items, parts, outcome) => {
    expect(listing(items, parts).said()).toContain(`end each ${outcome}`);
  });

  test('takes the first items where the author says so, and is degraded', () => {
    const run = listing(['a', 'b'], { maxChildren: 1, overflow: 'first' }).finish('each[a]/check');
    expect(run.said()).toContain('end each degraded = [each[a]/check]');
  });

  test('a source that gives no list fails it', () => {
    const run = testRun([leaf('list'), expand()]).finish('list', {});
    expect(run.said()).toContain('end each failed schema: list.items is no list');
  });

  test('no more than maxParallel instances run at once, the first items first', () => {
    const run = listing(['c', 'b', 'a'], { maxParallel: 2 });
    expect(run.said()).toMatchInlineSnapshot(`
      "ask list#1
      start each
      ask each[c]/check#1 in /@c0
      ask each[b]/check#1 in /@c0"
    `);
    run.finish('each[b]/check');
    expect(run.said()).toMatchInlineSnapshot(`"ask each[a]/check#1 in /@c0"`);
  });

  test('order among instances is the order of the items, after a resume too', () => {
    const run = testRun([leaf('list'), expand()], { concurrency: { model: 1, command: 1 } });
    run.finish('list', { items: ['c', 'b', 'a'] }).crash();
    run.said();
    run.lose('each[c]/check').finish('each[c]/check').finish('each[b]/check');
    expect(run.said()).toMatchInlineSnapshot(`
      "ask each[c]/check#2 in /@c0
      ask each[b]/check#1 in /@c0
      ask each[a]/check#1 in /@c0"
    `);
  });

  test('from outside a node in it is the list of its instances', () => {
    const run = testRun([
      leaf('list'),
      expand({ template: leaf('check') }),
      {
        kind: 'cond',
        id: 'if',
        test: { op: 'equals', node: 'check', field: '1.nested.score', value: 7 },
        // biome-ignore lint/suspicious/noThenProperty: a field of the IR, and a list
        then: [leaf('yes', { inputs: ['check'] })],
      },
    ]);
    run.finish('list', { items: ['a', 'b'] }).finish('each[a]/check', { nested: { score: 1 } });
    run.finish('each[b]/check', { nested: { score: 7 } });
    const last = run.trace.at(-1);
    expect(last).toMatchObject({
      path: 'if/yes',
      inputs: { check: { list: ['each[a]/check', 'each[b]/check'] } },
    });
  });

  test('a node in an expand that never ran gives nothing', () => {
    const run = testRun([
      {
        kind: 'sequence',
        id: 's',
        onFailure: 'continue',
        children: [
          { kind: 'sequence', id: 'gone', children: [leaf('list'), expand()] },
          leaf('needs', { inputs: ['check'] }),
          leaf('after'),
        ],
      },
    ]);
    run.fail('s/gone/list', 'refused');
    expect(run.said()).toContain('end s/needs skipped input');
  });
});
