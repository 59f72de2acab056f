import { expect, test } from 'vitest';
import type { ParetoDocument } from '../../workflow/document.ts';
import { leaf, testRun } from '../test-run.ts';

const branches = {
  kind: 'branch_set',
  id: 'b',
  children: [leaf('x'), leaf('y'), leaf('z')],
} as const;

function choice(parts: Partial<ParetoDocument>): ParetoDocument {
  return { kind: 'pareto', id: 'p', candidates: ['x', 'y', 'z'], objectives: [], ...parts };
}

const SCORES = [
  { by: 'field', field: 'score', goal: 'max' },
  { by: 'field', field: 'nested.score', goal: 'min' },
] as const;

test.each([
  ['keeps what no other beats in every objective', [1, 1], [2, 1], [3, 5], 'y z'],
  ['keeps equals', [1, 1], [1, 1], [0, 1], 'x y'],
  ['takes what is not known as worst', [1, 1], [undefined, 0], [2, undefined], 'x y z'],
] as const)('%s', (_name, x, y, z, kept) => {
  const run = testRun([branches, choice({ objectives: SCORES })]);
  for (const [id, [score, deep]] of Object.entries({ x, y, z })) {
    run.finish(`b/${id}`, {
      ...(score === undefined ? {} : { score }),
      ...(deep === undefined ? {} : { nested: { score: deep } }),
    });
  }
  const items = run.said().split('"others"')[0] ?? '';
  const names = Array.from(items.matchAll(/"candidate":"(\w)"/g), ([, name]) => name);
  expect(names.join(' ')).toBe(kept);
});

test('measures time from the first request of a candidate, and cost, tokens and patches of it', () => {
  const objectives = (['duration', 'cost', 'tokens', 'diffSize'] as const).map((by) => ({
    by,
    goal: 'min' as const,
  }));
  const run = testRun([branches, choice({ objectives })], {
    concurrency: { model: 1, command: 1 },
  });
  const content = { digest: 'd', bytes: 1, type: 'json' } as const;
  run.wait(100).call('b/x', 40);
  run.finish('b/x', {}, { patch: { ...content, files: 1, added: 5, removed: 2 } });
  run.wait(10).finish('b/y', {}).wait(20).finish('b/z', {});
  expect(run.said()).toContain('{"candidate":"y","values":[11,0,0,0]}');
  expect(run.crash().state.nodes.get('p')).toMatchObject({
    output: { value: { items: [{ candidate: 'y', values: [11, 0, 0, 0] }] } },
  });
});

test('gives no more than maxItems, and fails without a success', () => {
  const run = testRun([branches, choice({ objectives: SCORES, maxItems: 1 })]);
  run.finish('b/x', {}).finish('b/y', {}).finish('b/z', {});
  expect(run.state.nodes.get('p')).toMatchObject({
    output: {
      value: {
        items: [{ candidate: 'x' }],
        others: [
          { candidate: 'y', why: 'in the front too, beyond the first 1' },
          { candidate: 'z', why: 'in the front too, beyond the first 1' },
        ],
      },
    },
  });
  const tolerant = { kind: 'sequence', id: 's', onFailure: 'continue' } as const;
  const children = [branches, choice({ objectives: SCORES })];
  const none = testRun([{ ...tolerant, children }]);
  none.fail('s/b/x', 'refused').fail('s/b/y', 'refused').fail('s/b/z', 'refused');
  expect(none.said()).toContain('end s/p failed no_candidate: none of 3 candidates succeeded');
});

test('says what stands against each that was not kept, and nothing under older rules', () => {
  const played = (rulesVersion?: number) => {
    const run = testRun([branches, choice({ objectives: SCORES })], {
      ...(rulesVersion === undefined ? {} : { rulesVersion }),
    });
    run.finish('b/x', { score: 1, nested: { score: 3 } }).fail('b/y', 'refused');
    const state = run.finish('b/z', { score: 2, nested: { score: 3 } }).state.nodes.get('p');
    const output = state?.alive === false ? state.output : undefined;
    return output?.type === 'value' ? output.value : undefined;
  };
  const items = [{ candidate: 'z', values: [2, 3] }];
  expect(played(2)).toEqual({ items });
  const why = 'z is as good in all and better in score (2 against 1)';
  expect(played()).toEqual({
    items,
    others: [
      { candidate: 'x', values: [1, 3], outcome: 'succeeded', why },
      { candidate: 'y', outcome: 'failed', why: 'failed: refused' },
    ],
  });
});
