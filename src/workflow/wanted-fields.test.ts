import { expect, test } from 'vitest';
import type { NodeDocument } from './document.ts';
import { parseWorkflow } from './parse-workflow.ts';
import type { Predicate } from './reference.ts';
import { wantedFields } from './wanted-fields.ts';

const leaf = (id: string): NodeDocument => ({
  kind: 'leaf',
  id,
  task: { type: 'model', prompt: id },
  output: { type: 'object' },
});
const each = (template: NodeDocument): NodeDocument => ({
  kind: 'expand',
  id: 'each',
  source: { node: 'list', field: 'items' },
  maxChildren: 3,
  template,
});
const when = (test: Predicate, ...then: NodeDocument[]): NodeDocument => ({
  kind: 'cond',
  id: `if-${then[0]?.id}`,
  test,
  then,
});
const cup = (candidates: readonly string[], field: string): NodeDocument => ({
  kind: 'tournament',
  id: 'cup',
  candidates,
  rank: { by: 'field', field },
});

function wanted(...nodes: NodeDocument[]): Record<string, readonly string[]> {
  const parsed = parseWorkflow({ id: 'w', goal: 'g', nodes });
  if (!('spec' in parsed)) throw new Error(parsed.diagnostics.map((one) => one.message).join('\n'));
  return Object.fromEntries(wantedFields(parsed.spec));
}

test.each<[string, NodeDocument[], Record<string, readonly string[]>]>([
  [
    'a field of a leaf',
    [leaf('a'), when({ op: 'equals', node: 'a', field: 'x.y', value: 1 }, leaf('b'))],
    { a: ['x.y'] },
  ],
  ['outcomes need no field', [leaf('a'), when({ op: 'succeeded', node: 'a' }, leaf('b'))], {}],
  [
    'a sequence gives what its last child gives',
    [
      { kind: 'sequence', id: 's', children: [leaf('a'), leaf('b')] },
      when({ op: 'at_least', node: 's', field: 'n', value: 1 }, leaf('c')),
    ],
    { b: ['n'] },
  ],
  [
    'of a branch set the branch that the field names',
    [
      { kind: 'branch_set', id: 's', children: [leaf('a'), leaf('b')] },
      when({ op: 'at_least', node: 's', field: 'b.n', value: 1 }, leaf('c')),
    ],
    { b: ['n'] },
  ],
  [
    'from outside an expand a field begins with the number of the instance',
    [
      leaf('list'),
      each(leaf('a')),
      when({ op: 'equals', node: 'a', field: '0.n', value: 1 }, leaf('b')),
    ],
    { list: ['items'], a: ['n'] },
  ],
  [
    'inside of an expand it does not',
    [
      leaf('list'),
      each({
        kind: 'sequence',
        id: 's',
        children: [leaf('a'), when({ op: 'equals', node: 'a', field: 'n.m', value: 1 }, leaf('b'))],
      }),
    ],
    { list: ['items'], a: ['n.m'] },
  ],
  [
    'an expand as candidates stands for its instances',
    [leaf('list'), each(leaf('a')), cup(['each'], 'scores.total')],
    { list: ['items'], a: ['scores.total'] },
  ],
  [
    'the winner’s output, through the tournament',
    [
      leaf('list'),
      each(leaf('a')),
      cup(['each'], 's'),
      when({ op: 'equals', node: 'cup', field: 'output.n', value: 1 }, leaf('b')),
    ],
    { list: ['items'], a: ['n', 's'] },
  ],
  [
    'what a tournament says itself needs no field',
    [
      { kind: 'branch_set', id: 's', children: [leaf('a'), leaf('b')] },
      cup(['a', 'b'], 's'),
      when({ op: 'equals', node: 'cup', field: 'winner', value: 'a' }, leaf('c')),
    ],
    { a: ['s'], b: ['s'] },
  ],
  [
    'an approval gives no field of a leaf',
    [
      leaf('a'),
      { kind: 'approve', id: 'ok', message: 'm' },
      when({ op: 'equals', node: 'ok', field: 'by', value: 'ada' }, leaf('b')),
    ],
    {},
  ],
])('%s', (_name, nodes, fields) => {
  expect(wanted(...nodes)).toEqual(fields);
});
