import { expect, test } from 'vitest';
import type { EventBody } from './events.ts';
import { OpenRecord } from './open-record.ts';

const requested = (attempt: number): EventBody => ({
  type: 'leaf.requested',
  path: 'a',
  attempt,
  digest: 'd',
});
const lost = (attempt: number): EventBody => ({
  type: 'leaf.lost',
  path: 'a',
  attempt,
  maybeRepeated: false,
});
const failed = (attempt: number): EventBody => {
  const result = { status: 'failed', failure: { kind: 'exit', message: 'x' } } as const;
  return { type: 'leaf.finished', path: 'a', attempt, result };
};

function recordOf(...events: readonly EventBody[]): OpenRecord {
  const record = new OpenRecord();
  for (const [index, event] of events.entries()) record.see({ ...event, seq: index + 1, at: 0 });
  return record;
}

const attempts = (record: OpenRecord): unknown => record.take('a')?.map(({ attempt }) => attempt);

test('what lost attempts recorded is handed over, once', () => {
  const record = recordOf(requested(1), lost(1), requested(2));
  expect(attempts(record)).toEqual([1, 2]);
  expect(attempts(record)).toBe(undefined);
});

test('an end of its own begins anew, a report of an attempt that is given up does not', () => {
  expect(attempts(recordOf(requested(1), failed(1), requested(2)))).toEqual([2]);
  expect(attempts(recordOf(requested(1), failed(1)))).toBe(undefined);
  expect(attempts(recordOf(requested(1), lost(1), requested(2), failed(1)))).toEqual([1, 2]);
});

test('what a person wants made anew goes on with nothing', () => {
  const record = recordOf(requested(1), lost(1), requested(2));
  record.startAnew('a');
  record.startAnew('b');
  expect(attempts(record)).toEqual([]);
  expect(record.take('b')).toBe(undefined);
});
