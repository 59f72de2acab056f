import { expect, test } from 'vitest';
import type { NodeDocument } from './document.ts';
import { parseWorkflow } from './parse-workflow.ts';
import { planOf } from './plan.ts';
import { widthOf } from './width.ts';

const leaf = (id: string): NodeDocument => ({
  kind: 'leaf',
  id,
  task: { type: 'model', prompt: id },
  output: { type: 'array', items: { type: 'string' } },
});
const branches = (ids: string, parts = {}): NodeDocument =>
  ({ kind: 'branch_set', id: `b${ids}`, children: [...ids].map(leaf), ...parts }) as NodeDocument;

function width(...nodes: readonly NodeDocument[]): number {
  const parsed = parseWorkflow({ id: 'w', goal: 'w', nodes });
  if (!('spec' in parsed)) throw new Error(JSON.stringify(parsed.diagnostics));
  return widthOf(planOf(parsed.spec).root);
}

test.each([
  ['a line', [leaf('a'), leaf('c')], 1],
  ['branches', [branches('acd')], 3],
  ['branches with a limit', [branches('acd', { maxParallel: 2 })], 2],
  ['branches one after the other', [branches('acd'), branches('ef')], 3],
  [
    'a loop of branches',
    [
      {
        kind: 'loop_until',
        id: 'l',
        maxIterations: 9,
        until: { op: 'succeeded', node: 'a' },
        children: [leaf('a'), branches('cd')],
      },
    ],
    2,
  ],
  [
    'items of an expand',
    [
      leaf('a'),
      { kind: 'expand', id: 'e', source: { node: 'a' }, maxChildren: 40, template: branches('cd') },
    ],
    80,
  ],
  [
    'items a few at a time',
    [
      leaf('a'),
      {
        kind: 'expand',
        id: 'e',
        source: { node: 'a' },
        maxChildren: 40,
        maxParallel: 3,
        template: leaf('c'),
      },
    ],
    3,
  ],
] satisfies readonly (readonly [string, readonly NodeDocument[], number])[])(
  '%s can be at work side by side',
  (_, nodes, expected) => {
    expect(width(...nodes)).toBe(expected);
  },
);
