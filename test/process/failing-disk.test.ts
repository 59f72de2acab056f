/** The disk fails under a real driver, once or for good: it acknowledges no more, ends, and what it said is kept. */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildFolder, check, drive, type Ended, inFolder, traceOrNew } from './driver-process.ts';
import { openShell } from './shell.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const shim = join(buildFolder, 'failing-disk.so');
const source = join(import.meta.dirname, 'failing-disk.c');
const compiled = spawnSync('cc', ['-shared', '-fPIC', '-o', shim, source, '-ldl']);
const canFail = process.platform === 'linux' && compiled.status === 0;

const failing = (call: string, at: number, name: 'EIO' | 'EROFS'): Record<string, string> => ({
  LD_PRELOAD: shim,
  FAIL_CALL: call,
  FAIL_AT: `${at}`,
  FAIL_ERRNO: `${constants.errno[name]}`,
});
const ONCE = { FAIL_ONCE: '1' };

const clean = inFolder((folder) => drive(folder, 'new') as Ended);

/** A call of about the first, third, … quarter of a life of some 50 commits. */
const places = Array.from({ length: IS_SOAK ? 60 : 4 }, (_, index) =>
  IS_SOAK ? index + 1 : 4 + index * 9,
);
const faults = [
  { what: 'an fsync fails', call: 'sync', name: 'EIO', more: ONCE },
  { what: 'every fsync fails', call: 'sync', name: 'EIO', more: {} },
  { what: 'every write fails', call: 'write', name: 'EIO', more: {} },
  { what: 'the disk is read-only', call: 'write', name: 'EROFS', more: {} },
] as const;

test.skipIf(!canFail).each(faults)(
  `$what, at one of ${places.length} places: the driver ends, and resumed all is as without`,
  ({ call, name, more }) => {
    const ends = places.map((at) =>
      inFolder((folder) => {
        const first = drive(folder, 'new', { disk: { ...failing(call, at, name), ...more } });
        check(folder, first ?? drive(folder, traceOrNew(folder).run), clean);
        return first;
      }),
    );
    expect(ends.filter((end) => end === undefined).length).toBeGreaterThan(places.length / 2);
  },
  600_000,
);

test.skipIf(!canFail)(
  'the command line says that the disk failed, what is kept and what to type; resume goes on',
  () => {
    const nodes = Array.from({ length: 12 }, (_, index) => ({
      kind: 'leaf',
      id: `l${index}`,
      task: { type: 'model', prompt: 'Go' },
    }));
    using shell = openShell({ 'a.json': JSON.stringify({ id: 'a', goal: 'Lose a disk', nodes }) });
    const { env } = shell;
    Object.assign(env, failing('sync', 12, 'EIO'), ONCE);
    const said = shell.whaleflow('run', 'a.json', '--mock', '--yes', '--foreground');
    expect(said.exit, said.err).toBe(9);
    expect(said.err).toMatch(/error\[WF7009\]: the disk of .+ failed: disk I\/O error/);
    expect(said.err).toContain('resume the run; everything that was acknowledged is kept');
    for (const key of Object.keys(env)) if (/^(?:FAIL_|LD_)/.test(key)) delete env[key];
    const { runs } = shell.json('ls', '--json') as { runs: readonly [{ run: string }] };
    const [{ run }] = runs;
    expect(shell.whaleflow('resume', run, '--yes').exit).toBe(0);
    expect(shell.whaleflow('verify', run).exit).toBe(0);
  },
);
