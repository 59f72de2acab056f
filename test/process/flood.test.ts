/** A command that prints without end: the driver keeps a bounded part, counts the rest, and stays small. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { figure } from '../soak/figure.ts';
import { openShell, type Shell } from './shell.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
/** Numbers of nine digits, a line each. */
const [FIRST, LINE_BYTES] = [100_000_000, 10];
const LINES = IS_SOAK ? 100_000_000 : 10_000_000;
const BYTES = LINES * LINE_BYTES;
const KEPT_BYTES = 1024 * 1024;
const SHOWN_BYTES = 32 * 1024;
const MAX_GROWTH_MIB = 64;
/** 50 ms are wanted, and printed; a process of a busy machine waits for its turn. */
const MAX_LAG_MS = 1_000;

/** Loaded into the driver: how long its event loop stood still at most. */
const preload = `
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
if (process.argv.includes('--foreground')) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.once('exit', () => writeFileSync(process.env.TEST_LAG, String(delay.max / 1e6)));
}`;

const command = (id: string, script: string, ...words: readonly string[]): object => ({
  kind: 'leaf',
  id,
  task: { type: 'command', purpose: 'shell', argv: ['sh', '-c', script, 'sh', ...words] },
});
const memory = 'grep -E "^Vm(HWM|RSS)" "/proc/$PPID/status"';

const numbers = (first: number, bytes: number): string =>
  Array.from({ length: Math.ceil(bytes / LINE_BYTES) }, (_, index) => `${first + index}\n`).join(
    '',
  );

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** What the record and the output of each leaf hold of what it printed. */
interface Kept {
  recorded?: Printed;
  shown?: Printed;
}

function keptIn(shell: Shell): Record<string, Kept> {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  const stateFolder = join(shell.root, '.whaleflow/state');
  using store = openStore({ stateFolder, mode: 'read', ...world });
  const printed = (digest = ''): Printed =>
    JSON.parse(Buffer.from(store.blob(digest) ?? []).toString()) as Printed;
  const leaves: Record<string, Kept> = {};
  for (const event of store.read(store.runs()[0]?.run ?? '', 0)) {
    if (event.type !== 'tool.called' && event.type !== 'leaf.finished') continue;
    leaves[event.path] ??= {};
    const kept = leaves[event.path] ?? {};
    if (event.type === 'tool.called') kept.recorded = printed(event.output?.digest);
    else kept.shown = printed(event.result.output?.digest);
  }
  return leaves;
}

test.skipIf(process.platform !== 'linux')(
  `2 × ${BYTES / 1e6} MB of output: the ends are kept, the rest counted, the driver hardly grows`,
  () => {
    using shell = openShell();
    const outside = (name: string): string => join(shell.root, '..', name);
    writeFileSync(outside('preload.cjs'), preload);
    shell.env['NODE_OPTIONS'] = `--require=${outside('preload.cjs')}`;
    shell.env['TEST_LAG'] = outside('lag');
    const flood = command(
      'flood',
      'seq "$1" "$2" >&2 & seq "$1" "$2"; wait',
      `${FIRST}`,
      `${FIRST + LINES - 1}`,
    );
    const nodes = [command('before', memory), flood, command('after', memory)];
    shell.write('flood.json', JSON.stringify({ id: 'flood', goal: 'Print without end', nodes }));
    const begun = performance.now();
    const said = shell.whaleflow('run', 'flood.json', '--yes', '--allow', '*', '--foreground');
    const tookMs = performance.now() - begun;
    expect(said.exit, said.err).toBe(0);
    const { before, flood: kept, after } = keptIn(shell);
    const half = KEPT_BYTES / 2;
    const head = numbers(FIRST, half).slice(0, half);
    const tail = numbers(FIRST + LINES - Math.ceil(half / LINE_BYTES), half).slice(-half);
    const recorded = `${head}\n[… ${BYTES - KEPT_BYTES} bytes left out …]\n${tail}`;
    const shown = `[… ${BYTES - SHOWN_BYTES} bytes before this]\n${tail.slice(-SHOWN_BYTES)}`;
    for (const stream of ['stdout', 'stderr'] as const) {
      expect(kept?.recorded?.[stream] === recorded, stream).toBe(true);
      expect(kept?.shown?.[stream] === shown, stream).toBe(true);
    }
    const mib = (name: string, text = ''): number =>
      Number(new RegExp(`${name}:\\s*(\\d+) kB`).exec(text)?.[1]) / 1024;
    const grownMib = mib('VmHWM', after?.shown?.stdout) - mib('VmRSS', before?.shown?.stdout);
    const lagMs = Number(readFileSync(outside('lag'), 'utf8'));
    figure(
      `2 × ${BYTES / 1e6} MB: ${Math.round(tookMs)} ms, driver grew by ${grownMib.toFixed(1)} MiB, ` +
        `its loop stood still for ${lagMs.toFixed(0)} ms at most`,
    );
    expect(grownMib).toBeLessThan(MAX_GROWTH_MIB);
    expect(lagMs).toBeLessThan(MAX_LAG_MS);
  },
  600_000,
);
