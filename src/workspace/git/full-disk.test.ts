import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { firstFull } from './full-disk.ts';

/** A file system that does not say how much room it has; so do many that programs provide. */
const WITHOUT_BLOCKS = '/proc/self';

test.runIf(existsSync(WITHOUT_BLOCKS))('a disk that counts no blocks is not full', () => {
  expect(firstFull([WITHOUT_BLOCKS, tmpdir(), '/not/there'])).toBe(undefined);
});
