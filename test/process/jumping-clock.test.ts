/** Wall time jumps under a real driver, by hours and days and back: it counts and waits by time that does not. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openShell } from './shell.ts';

const HOUR_S = 3_600;
const folder = mkdtempSync(join(tmpdir(), 'whaleflow-clock-'));
afterAll(() => rmSync(folder, { recursive: true }));
const shim = join(folder, 'jumping-clock.so');
const source = join(import.meta.dirname, 'jumping-clock.c');
const compiled = spawnSync('cc', ['-shared', '-fPIC', '-o', shim, source, '-ldl']);
const canJump = process.platform === 'linux' && compiled.status === 0;
const file = join(folder, 'offset');

/** Each sets the clock; the first of `flaky` fails, so that a timer is armed across a jump. */
const jump = (id: string, script: string): object => ({
  kind: 'leaf',
  id,
  retry: { maxAttempts: 2, on: ['exit'], backoffMs: 300, maxBackoffMs: 300 },
  task: { type: 'command', purpose: 'shell', argv: ['sh', '-c', script, 'sh', file] },
});
const nodes = [
  jump('ahead', `sleep 0.3; echo ${HOUR_S} >"$1"; sleep 0.3`),
  jump('back', `sleep 0.1; echo ${-24 * HOUR_S} >"$1"; sleep 0.3`),
  jump(
    'flaky',
    `echo ${30 * 24 * HOUR_S} >"$1"; case "$WHALEFLOW_LEAF" in *'#1 '*) exit 3 ;; esac`,
  ),
  jump('home', `sleep 0.2; echo 0 >"$1"; sleep 0.2`),
];

test.skipIf(!canJump).each([['--foreground'], ['--detach']])(
  'hours and days forth and back change no wait, no ceiling and no order: %s',
  (how) => {
    writeFileSync(file, '0');
    using shell = openShell();
    shell.env['LD_PRELOAD'] = shim;
    shell.env['CLOCK_FILE'] = file;
    shell.write('jumps.json', JSON.stringify({ id: 'jumps', goal: 'Jump', nodes }));
    const begun = performance.now();
    const words = ['run', 'jumps.json', '--yes', '--allow', '*', '--max-time', '60s', how];
    const said = shell.whaleflow(...words);
    expect(said.exit, said.err).toBe(0);
    expect(shell.whaleflow('wait', '@last', '--timeout', '60s').exit).toBe(0);
    const passedMs = performance.now() - begun;
    const events = shell.events('@last');
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const jumps = events.flatMap(({ byMs }) => (typeof byMs === 'number' ? [byMs] : []));
    const hours = jumps.map((byMs) => Math.round(byMs / 1_000 / HOUR_S));
    expect(hours).toEqual([1, -25, 31 * 24, -30 * 24]);
    const trace = JSON.parse(shell.whaleflow('export', '@last', '-o', '-').out) as {
      readonly duration_ms: number;
      readonly steps: readonly {
        readonly kind: string;
        readonly path: string;
        readonly duration_ms: number;
      }[];
    };
    for (const { duration_ms: ms } of [trace, ...trace.steps]) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThan(passedMs);
    }
    const ofAttempt = (path: string): number =>
      Math.max(...trace.steps.filter((step) => step.path === path).map((step) => step.duration_ms));
    for (const path of ['ahead', 'back', 'home']) {
      expect(ofAttempt(path), path).toBeGreaterThanOrEqual(250);
    }
    expect(shell.whaleflow('show', '@last').out).not.toMatch(/done \d+[hd]/);
    expect(shell.whaleflow('replay', '@last').exit).toBe(0);
    expect(shell.whaleflow('verify', '@last').exit).toBe(0);
  },
);
