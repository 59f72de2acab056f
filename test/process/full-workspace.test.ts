/** The disk of a repository and its trees is full at each step: nothing of the user's is lost, and it goes on. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, 'full-workspace-driver.ts');
const script = `
mount -t tmpfs -o size=16m tmpfs "$DISK" || exit 77
exec "$NODE" --disable-warning=ExperimentalWarning "$PROGRAM" "$DISK" "$FREE"
`;
const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;
const STEPS = ['base', 'open', 'write', 'keep', 'capture', 'apply', 'commit'];

test.skipIf(!canMount).each([0, 16_384, 131_072, 262_144])(
  'a disk with %i bytes left at each step',
  (free) => {
    const folder = mkdtempSync(join(tmpdir(), 'whaleflow-full-'));
    try {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      const env = {
        ...process.env,
        NODE: process.execPath,
        PROGRAM: program,
        DISK: disk,
        FREE: `${free}`,
      };
      const done = spawnSync('unshare', ['-rm', 'sh', '-c', script], { env, encoding: 'utf8' });
      expect(done.stderr).toBe('');
      const said = JSON.parse(done.stdout) as Readonly<Record<string, string>>;
      if (free === 0) expect(Object.keys(said)).toEqual(expect.arrayContaining(STEPS));
      for (const [step, text] of Object.entries(said)) {
        expect(text, step).toMatch(/no space left|disk is full/i);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
