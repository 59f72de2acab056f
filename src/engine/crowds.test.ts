import { expect, test } from 'vitest';
import type { NodeDocument } from '../workflow/document.ts';
import { leaf, type TestRun, testRun } from './test-run.ts';

const COUNT = 20;
const ids = Array.from({ length: COUNT }, (_, index) => `l${index}`);
const crowd: NodeDocument = {
  kind: 'branch_set',
  id: 'b',
  children: ids.map((id) => leaf(id)),
};
const options = { concurrency: { model: 1, command: 1 } };

const leavesIn = ({ state }: TestRun): readonly string[] =>
  [...state.nodes.keys()].filter((path) => path.startsWith('b/'));

const requestsIn = ({ trace }: TestRun): readonly string[] =>
  trace.flatMap((event) => (event.type === 'leaf.requested' ? [event.path] : []));

test('of leaves that wait side by side one is made, and the next when it has begun', () => {
  const run = testRun([crowd], options);
  expect(leavesIn(run)).toEqual(['b/l0', 'b/l1']);
  expect(leavesIn(run.finish('b/l0'))).toEqual(['b/l0', 'b/l1', 'b/l2']);
  expect(leavesIn(run.crash())).toEqual(['b/l0', 'b/l1', 'b/l2']);
});

test('one that waits is skipped or cancelled before it was made, and the others go on as written', () => {
  const run = testRun([crowd], options);
  run.post({ type: 'leaf.skipped', path: 'b/l7', by: 'ada' });
  run.post({ type: 'leaf.cancelled', path: 'b/l1', by: 'ada' });
  run.post({ type: 'leaf.cancelled', path: `b/l${COUNT - 1}`, by: 'ada' });
  run.crash();
  run.post({ type: 'leaf.skipped', path: 'b/l2', by: 'ada' });
  const gone = ['l1', 'l2', 'l7', `l${COUNT - 1}`];
  const left = ids.filter((id) => !gone.includes(id)).map((id) => `b/${id}`);
  for (const path of left) run.finish(path);
  expect(requestsIn(run)).toEqual(left);
  expect(run.state.finished?.outcome.status).toBe('degraded');
});

test('what waits when its set ends is never made', () => {
  const run = testRun([crowd], options);
  run.post({ type: 'leaf.cancelled', path: 'b', by: 'ada' }).finish('b/l0', 'done', { late: true });
  expect(leavesIn(run)).toEqual(['b/l0']);
  expect(run.state.finished).toBeDefined();
});
