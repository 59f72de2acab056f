import { describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import type { ContentRef } from '../trace/content.ts';
import { digestJson } from '../workflow/digest.ts';
import type { NodeDocument } from '../workflow/document.ts';
import { type LeafRequested, leafJob } from './leaf-work.ts';
import { leaf, type TestRun, testRun, writer } from './test-run.ts';

const outputs = new Map<string, Json>();
const known = <T extends Json>(output: T): T => {
  outputs.set(digestJson(output), output);
  return output;
};
const read = ({ digest }: ContentRef): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(outputs.get(digest)));

function requestOf(run: TestRun, path: string): LeafRequested {
  const found = run.trace.findLast(
    (event) => event.type === 'leaf.requested' && event.path === path,
  );
  if (found?.type !== 'leaf.requested') throw new Error(`${path} was not requested`);
  return found;
}

const inputsOf = (run: TestRun, path: string): unknown =>
  leafJob('r', run.state, requestOf(run, path), read).inputs;

const branches: NodeDocument = { kind: 'branch_set', id: 'b', children: [leaf('x'), leaf('y')] };
const each: NodeDocument = {
  kind: 'expand',
  id: 'each',
  source: { node: 'list', field: 'items' },
  maxChildren: 3,
  template: leaf('try'),
};
const cup = (by: 'judge' | 'pairwise', candidates: readonly string[]): NodeDocument => ({
  kind: 'tournament',
  id: 'cup',
  candidates,
  rank: { by },
});

describe('what a judge sees', () => {
  test('is each candidate by its id, as its prompt names it', () => {
    const run = testRun([branches, cup('judge', ['x', 'y'])]);
    run.finish('b/x', known({ score: 1 })).finish('b/y', known({ score: 2 }));
    expect(inputsOf(run, 'cup/$judge')).toEqual({
      x: { outcome: 'succeeded', output: { score: 1 } },
      y: { outcome: 'succeeded', output: { score: 2 } },
    });
  });

  test('is the list of instances for an expand, with gaps where one failed', () => {
    const run = testRun([leaf('list'), each, cup('judge', ['each'])]);
    run.finish('list', known({ items: ['a', 'b', 'c'] })).fail('each[a]/try', 'refused');
    run.finish('each[b]/try', known({ score: 1 })).finish('each[c]/try', known({ score: 2 }));
    expect(inputsOf(run, 'cup/$judge')).toEqual({
      each: [
        null,
        { outcome: 'succeeded', output: { score: 1 } },
        { outcome: 'succeeded', output: { score: 2 } },
      ],
    });
    const ranking = [{ candidate: '2', score: 1, why: 'best' }];
    expect(run.finish('cup/$judge', { ranking }).said()).toContain('"winner":"c"');
  });

  test('is a pair as a and b', () => {
    const run = testRun([leaf('list'), each, cup('pairwise', ['each'])]);
    run.finish('list', known({ items: ['a', 'a,b'] }));
    run.finish('each[a]/try', known({ score: 1 })).finish('each[a,b]/try', known({ score: 2 }));
    expect(inputsOf(run, 'cup/$judge[a,a%2Cb]')).toEqual({
      a: { outcome: 'succeeded', output: { score: 1 } },
      b: { outcome: 'succeeded', output: { score: 2 } },
    });
  });
});

test('what a teacher sees is the subtree of each candidate, by its id', () => {
  const review: NodeDocument = { kind: 'teacher_review', id: 'learn', candidates: ['x', 'b'] };
  const run = testRun([branches, review]);
  run.finish('b/x', known('one')).finish('b/y', known('two'));
  expect(inputsOf(run, 'learn/$teacher')).toMatchObject({
    x: [{ node: 'b/x', outcome: 'succeeded' }],
    b: [{ node: 'b' }, { node: 'b/x' }, { node: 'b/y' }],
  });
});

describe('the identity of work', () => {
  const merging: NodeDocument = {
    kind: 'branch_set',
    id: 'b',
    trees: 'merge',
    children: ['x', 'y'].map((id) => writer(id, { isolation: 'worktree' })),
  };
  const digestOf = (run: TestRun, path: string): string => requestOf(run, path).digest;

  test('of a merge holds the commits that it merges', () => {
    const merged = (commit: string) =>
      testRun([merging]).finish('b/x', 'done', { commit }).finish('b/y', 'done', { commit: 'cy' });
    expect(digestOf(merged('c1'), 'b/$merge')).toBe(digestOf(merged('c1'), 'b/$merge'));
    expect(digestOf(merged('c1'), 'b/$merge')).not.toBe(digestOf(merged('c2'), 'b/$merge'));
  });

  test('of a pair’s judge holds its two candidates and no other', () => {
    const paired = (score: number) => {
      const three: NodeDocument = {
        kind: 'branch_set',
        id: 'b',
        children: ['x', 'y', 'z'].map((id) => leaf(id)),
      };
      const run = testRun([three, cup('pairwise', ['x', 'y', 'z'])]).finish('b/x', { score });
      return run.finish('b/y', { score: 1 }).finish('b/z', { score: 1 });
    };
    const [one, other] = [paired(1), paired(2)];
    const same = (path: string) => digestOf(one, path) === digestOf(other, path);
    expect(['x,y', 'x,z', 'y,z'].map((pair) => same(`cup/$judge[${pair}]`))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
