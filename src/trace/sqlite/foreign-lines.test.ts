import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foreignLines, linesOf } from './heads.ts';

test('lines that nobody of ours wrote are told; what a crash tore off is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-heads-'));
  try {
    expect(foreignLines(folder)).toEqual([]);
    const sound = linesOf([{ run: 'abc', seq: 3, hash: 'a'.repeat(64) }]);
    writeFileSync(join(folder, 'heads'), `${sound}\nabc 12 aaaa\nabc 1`);
    expect(foreignLines(folder)).toEqual([]);
    writeFileSync(join(folder, 'heads'), `${sound}garbage \x00 here\nabc 3 zz\n`);
    expect(foreignLines(folder)).toEqual([3, 4]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
