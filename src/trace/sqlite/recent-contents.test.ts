import { expect, test } from 'vitest';
import { DigestedBlob } from '../content.ts';
import { RecentContents } from './recent-contents.ts';

const blobOf = (index: number, bytes: number): DigestedBlob =>
  new DigestedBlob(`${index}`.padEnd(bytes, '.'), 'text');

test('the latest contents are kept, up to a mebibyte, and none that is large', () => {
  const recent = new RecentContents();
  const blobs = Array.from({ length: 3_000 }, (_, index) => blobOf(index, 1_000));
  for (const blob of blobs) recent.note([blob]);
  const kept = blobs.filter(({ ref }) => recent.get(ref.digest) !== undefined);
  expect(kept).toEqual(blobs.slice(-kept.length));
  expect(kept.length).toBeGreaterThan(900);
  expect(kept.length * 1_000).toBeLessThanOrEqual(1024 * 1024);
  const large = blobOf(0, 5_000);
  recent.note([large]);
  expect(recent.get(large.ref.digest)).toBeUndefined();
});

test('a content whose bytes may still change is not kept', () => {
  const recent = new RecentContents();
  const { ref, data } = blobOf(1, 10);
  recent.note([{ ref, data }]);
  expect(recent.get(ref.digest)).toBeUndefined();
});
