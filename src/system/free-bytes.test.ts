import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { freeBytes } from './free-bytes.ts';

vi.mock('node:fs', async (actual) => ({
  ...(await actual<typeof import('node:fs')>()),
  statfsSync: vi.fn(),
}));

afterEach(() => vi.restoreAllMocks());

const disk = { type: 0, bsize: 4096, blocks: 1000, bfree: 50, bavail: 0, files: 10, ffree: 10 };

test.each([
  ['root', 0, 50 * 4096],
  ['anybody else', 1000, 0],
])('what is set aside for root is free for %s alone', (_name, uid, bytes) => {
  vi.mocked(statfsSync).mockReturnValue(disk as never);
  vi.spyOn(process, 'getuid').mockReturnValue(uid);
  expect(freeBytes(tmpdir())).toBe(bytes);
});

test('a file system that counts no blocks says nothing', () => {
  vi.mocked(statfsSync).mockReturnValue({ ...disk, blocks: 0, bfree: 0 } as never);
  expect(freeBytes('/proc')).toBe(undefined);
});
