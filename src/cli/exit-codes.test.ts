/** One table: what a person or a script does, and the exit status that it gives. */
import { describe, expect, test } from 'vitest';
import { STALE_MS } from '../workbench/driver-process.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { pickFiles, type TestHost, testHost } from './test-host.ts';

const mocked = (fixture: string): string[] => ['run', 'pick.yaml', `--mock=${fixture}`, '-y'];

/** A driver that took the lease and is dead. */
async function dieAtOnce({ clock }: Workbench, run: string, host: TestHost): Promise<void> {
  const { store } = host;
  const lease = store.lease(run);
  if (lease !== undefined) await store.release(run, lease.epoch);
  const holder = { pid: 1, host: 'elsewhere', bootId: 'gone' };
  const options = { now: clock.now() - 2 * STALE_MS, staleMs: STALE_MS, isAlive: () => false };
  await store.acquire(run, holder, options);
}

interface Row {
  readonly name: string;
  readonly exit: number;
  readonly argv: readonly string[];
  /** Runs before. */
  readonly first?: readonly string[];
  /** While it runs. */
  readonly signal?: 'SIGINT' | 'SIGTERM';
  readonly isLost?: true;
}

const table: readonly Row[] = [
  { name: 'a run that succeeds', exit: 0, argv: mocked('good.yaml') },
  { name: 'a run that fails', exit: 1, argv: mocked('bad.yaml') },
  { name: 'a run that ends degraded', exit: 8, argv: mocked('half.yaml') },
  { name: 'the same in this process', exit: 8, argv: [...mocked('half.yaml'), '--foreground'] },
  { name: 'a budget that stops it', exit: 6, argv: [...mocked('good.yaml'), '--max-leaves', '1'] },
  { name: 'detached, whatever comes', exit: 0, argv: [...mocked('bad.yaml'), '-d'] },
  { name: 'no model configured', exit: 4, argv: ['run', 'pick.yaml', '-y'] },
  { name: 'a plan that nobody accepts', exit: 5, argv: ['run', 'pick.yaml', '--mock'] },
  { name: 'no such file', exit: 2, argv: ['run', 'nothing.yaml', '-y'] },
  { name: 'a word that is no command', exit: 2, argv: ['nothing'] },
  { name: 'a missing argument', exit: 2, argv: ['fork'] },
  { name: 'an argument too many', exit: 2, argv: ['status', 'now'] },
  { name: 'an unknown option', exit: 2, argv: ['ls', '--nothing'] },
  { name: 'a bad number', exit: 2, argv: ['ls', '-n', 'x'] },
  { name: 'no such run', exit: 2, argv: ['show', '7f3a'] },
  { name: 'help', exit: 0, argv: ['--help'] },
  { name: 'help of nothing', exit: 2, argv: ['help', 'nothing'] },
  { name: 'an empty store', exit: 0, argv: ['ls'] },
  {
    name: 'to resume what is finished',
    exit: 2,
    first: mocked('good.yaml'),
    argv: ['resume', '@last'],
  },
  {
    name: 'to cancel what is finished',
    exit: 2,
    first: mocked('good.yaml'),
    argv: ['cancel', '@last'],
  },
  { name: 'to watch what failed', exit: 1, first: mocked('bad.yaml'), argv: ['watch'] },
  { name: 'to wait for what failed', exit: 1, first: mocked('bad.yaml'), argv: ['wait', '@last'] },
  {
    name: 'to wait too long',
    exit: 124,
    first: [...mocked('slow.yaml'), '-d'],
    argv: ['wait', '@last', '--timeout', '50ms'],
  },
  { name: 'to cancel', exit: 0, first: [...mocked('slow.yaml'), '-d'], argv: ['cancel', '@last'] },
  {
    name: 'a driver that died',
    exit: 9,
    first: [...mocked('slow.yaml'), '-d'],
    argv: ['watch'],
    isLost: true,
  },
  { name: 'SIGINT cancels', exit: 130, argv: mocked('slow.yaml'), signal: 'SIGINT' },
  { name: 'SIGTERM cancels', exit: 143, argv: mocked('slow.yaml'), signal: 'SIGTERM' },
  {
    name: 'SIGINT ends the watching',
    exit: 130,
    first: [...mocked('slow.yaml'), '-d'],
    argv: ['watch'],
    signal: 'SIGINT',
  },
];

describe('exit codes', () => {
  test.each(table)('$name: $exit', async ({ exit, argv, first, signal, isLost }) => {
    const lost = isLost
      ? { startDriver: (workbench: Workbench, run: string) => dieAtOnce(workbench, run, host) }
      : {};
    using host: TestHost = testHost({ files: pickFiles, ...lost });
    if (first !== undefined) await host.run(...first);
    const running = host.run(...argv);
    if (signal !== undefined) {
      await expect.poll(() => host.store.runs()[0]?.inFlight ?? 0).toBe(1);
      await expect.poll(() => host.isListening(signal)).toBe(true);
      host.signal(signal);
    }
    const screen = await running;
    expect(screen.exit, screen.shown).toBe(exit);
    // What still runs is ended, so that the test leaves nothing behind.
    const [row] = host.store.runs();
    if (row !== undefined && row.endedAt === undefined && !isLost)
      await host.run('cancel', '@last');
  });
});
