/** The disk fills up under a real driver: it stops, nothing that it was told is lost, and with space it goes on. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildFolder, check, drive, driver, type Ended, inFolder } from './driver-process.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const SIZES = IS_SOAK ? 24 : 6;
const FIRST_KIB = 160;
const STEP_KIB = IS_SOAK ? 16 : 64;

/** In a mount name space of its own: a small disk, a driver, a larger disk, the next driver. */
const script = `
mount -t tmpfs -o size="$SIZE"k tmpfs "$DISK" || exit 77
"$NODE" --disable-warning=ExperimentalWarning "$DRIVER" "$DISK/state" new 2>"$BOOKS/error" >&2
echo $? >"$BOOKS/first"
mount -o remount,size=64m "$DISK" || exit 77
"$NODE" --disable-warning=ExperimentalWarning "$DRIVER" "$DISK/state" last || exit 1
cp -r "$DISK/state/." "$BOOKS"
`;
const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

const clean = inFolder((folder) => drive(folder, 'new') as Ended);

test.skipIf(!canMount)(
  `${SIZES} disks that are full amid a run, and grow`,
  () => {
    const firsts: string[] = [];
    for (let index = 0; index < SIZES; index += 1) {
      inFolder((folder) => {
        const [disk, books] = [join(folder, 'disk'), join(folder, 'books')];
        for (const made of [disk, books]) mkdirSync(made);
        const env = {
          ...process.env,
          NODE: process.execPath,
          NODE_COMPILE_CACHE: buildFolder,
          DRIVER: driver,
          DISK: disk,
          BOOKS: books,
          WHALEFLOW_TEST_BOOKS: books,
          SIZE: `${FIRST_KIB + index * STEP_KIB}`,
        };
        const done = spawnSync('unshare', ['-rm', 'sh', '-c', script], { env, encoding: 'utf8' });
        expect(done.stderr).toBe('');
        check(books, JSON.parse(done.stdout) as Ended, clean);
        firsts.push(
          spawnSync('cat', [join(books, 'first'), join(books, 'error')]).stdout.toString(),
        );
      });
    }
    const full = firsts.filter((said) => said.includes('WF7004'));
    expect(full.length, firsts.join('\n')).toBeGreaterThan(SIZES / 2);
  },
  600_000,
);
