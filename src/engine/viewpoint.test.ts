import { describe, expect, test } from 'vitest';
import { planIn } from '../trace/run-state.ts';
import { leaf, testRun } from './test-run.ts';
import { dig, expandItems, readField, resolve, viewpointOf } from './viewpoint.ts';

const run = testRun([
  leaf('list'),
  {
    kind: 'expand',
    id: 'each',
    source: { node: 'list', field: 'items' },
    maxChildren: 3,
    template: {
      kind: 'loop_until',
      id: 'loop',
      until: { op: 'at_least', node: 'try', field: 'score', value: 1 },
      maxIterations: 3,
      children: [leaf('try')],
    },
  },
]);
const { nodes } = planIn(run.state);
const at = (id: string, path: string) => {
  const plan = nodes.get(id);
  if (plan === undefined) throw new Error(`no node ${id}`);
  return viewpointOf(plan, path);
};
const each = nodes.get('each') ?? planIn(run.state).root;

test('asking for items too early does not settle what they are', () => {
  expect(expandItems(run.state, each, 'each')).toMatchObject({ items: [] });
  run.finish('list', { items: ['a', 'b'] });
  expect(expandItems(run.state, each, 'each')).toMatchObject({
    items: [{ key: 'a' }, { key: 'b' }],
  });
});

describe('a reference to a node in a loop in an expand', () => {
  test('from the same iteration is that node', () => {
    const target = resolve(run.state, at('try', 'each[a]/loop[2]/try'), { node: 'try' });
    expect(target).toEqual({ type: 'one', path: 'each[a]/loop[2]/try' });
  });

  test('of the iteration before is absent in the first', () => {
    const previous = { node: 'try', previous: true };
    expect(resolve(run.state, at('try', 'each[a]/loop[1]/try'), previous).type).toBe('absent');
    const target = resolve(run.state, at('try', 'each[a]/loop[3]/try'), previous);
    expect(target).toEqual({ type: 'one', path: 'each[a]/loop[2]/try' });
  });

  test('from outside is the list of last iterations', () => {
    run.finish('each[a]/loop[1]/try', { score: 0 }).finish('each[b]/loop[1]/try', { score: 2 });
    run.finish('each[a]/loop[2]/try', { score: 1 });
    const target = resolve(run.state, at('each', 'each'), { node: 'try' });
    expect(target).toEqual({
      type: 'many',
      paths: ['each[a]/loop[2]/try', 'each[b]/loop[1]/try'],
    });
    expect(readField(run.state, target, '1.score')).toBe(2);
    expect(readField(run.state, target, 'x.score')).toBeUndefined();
  });
});

test.each([
  [{ a: [{ b: 1 }] }, 'a.0.b', 1],
  [[1, 2], '1', 2],
  [[1, 2], '0x1', undefined],
  [[1, 2], 'length', undefined],
  [{ a: 1 }, 'constructor', undefined],
  ['text', '0', undefined],
  [[[7]], '.0', undefined],
] as const)('%j at %s is %j', (value, field, found) => {
  expect(dig(value as never, field)).toEqual(found);
});
