/**
 * What it costs to look: `npm run bench -- followers`. A driver process runs leaves that take their time;
 * a `watch` and a screen of runs, processes of their own, follow it. Lag: from when an event was made,
 * before its commit, to its line in the follower’s pipe. CPU: share of one core while the run goes on.
 * In the middle the driver is killed and the run resumed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { followedRun, LEAVES } from './followers/followed-run.ts';
import { Follower } from './followers/follower.ts';

/** Time for a process to start, before its CPU is counted. */
const WARM_UP_MS = 3_000;
const POLL_MS = 100;

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-followers-'));
try {
  const run = followedRun(folder);
  const list = join(import.meta.dirname, 'followers', 'list-runs.ts');
  const followers = [
    new Follower('watch', run.cli('watch', run.id, '--plain'), folder),
    new Follower('list of runs', [list, run.stateFolder], folder),
  ];
  await sleep(WARM_UP_MS);
  for (const follower of followers) follower.begin();
  while (run.done() < LEAVES / 2) await sleep(POLL_MS);
  for (const follower of followers) follower.end();
  run.killDriver();
  await sleep(WARM_UP_MS);
  run.resume();
  while (run.done() < LEAVES) await sleep(POLL_MS);
  await sleep(WARM_UP_MS);
  report(run.events(), followers);
  for (const follower of followers) follower.stop();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

type Events = ReturnType<ReturnType<typeof followedRun>['events']>;

function report(events: Events, followers: readonly Follower[]): void {
  process.stdout.write('follower      lines  lag p50 ms  p95 ms  max ms  CPU %  after the kill\n');
  for (const follower of followers) {
    const lags =
      follower.name === 'watch' ? watchLags(events, follower) : listLags(events, follower);
    const at = (part: number): number => Math.round(percentile(lags, part));
    const cpuPercent = Math.round(follower.cpuShare * 1000) / 10;
    // A `watch` says that the driver died, with exit status 9; a screen of runs stays.
    const afterKill = follower.stateSince(events.resumedAt);
    const line = { lines: lags.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1), cpuPercent };
    const cells = [line.lines, line.p50Ms, line.p95Ms, line.maxMs, cpuPercent];
    const widths = [5, 11, 7, 7, 6];
    const row = cells.map((cell, index) => String(cell).padStart(widths[index] ?? 0)).join(' ');
    process.stdout.write(`${follower.name.padEnd(13)} ${row}  ${afterKill}\n`);
    process.stdout.write(
      `${JSON.stringify({ bench: 'followers', follower: follower.name, ...line, afterKill })}\n`,
    );
  }
}

/** Of each leaf that ended: its line says so. */
function watchLags({ finished }: Events, { lines }: Follower): readonly number[] {
  return lines.flatMap(({ at, text }) => {
    const path = /\/(all\/l\d+)#\d+ succeeded/.exec(text)?.[1];
    const madeAt = path === undefined ? undefined : finished.get(path);
    return madeAt === undefined ? [] : [at - madeAt];
  });
}

/** Of each row that was shown: its last event. */
function listLags({ atOf }: Events, { lines }: Follower): readonly number[] {
  // The first is of before it began.
  return lines.slice(1).flatMap(({ at, text }) => {
    const madeAt = atOf.get(Number(text.split(' ')[1]));
    return madeAt === undefined ? [] : [at - madeAt];
  });
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? Number.NaN;
}
