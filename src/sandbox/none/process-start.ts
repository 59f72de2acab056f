/**
 * Tells a process from a later one with the same id. On Linux by boot, namespace and clock ticks; elsewhere
 * by the second in which it began, as `ps` tells it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import type { StartedProcess } from '../process-mark.ts';
import { hasProcessTable, startTicks } from './process-table.ts';

/** What is recorded of a process that was started just now. `now`: wall time, ms. */
export function processStart(pid: number, now: number): string {
  if (!hasProcessTable()) return `at:${now}`;
  return `${processSpace()}:${startTicks(pid) ?? 'ended'}`;
}

/** Says whether the process is still there; false in doubt, since it will be killed. */
export function isSameProcess({ pid, start }: StartedProcess): boolean {
  if (start.startsWith('at:')) return beganAbout(pid, Number(start.slice('at:'.length)));
  const ticks = hasProcessTable() ? startTicks(pid) : undefined;
  return ticks !== undefined && start === `${processSpace()}:${ticks}`;
}

let known: string | undefined;

/** Where ids of processes mean what they mean here: another boot or namespace counts anew. */
export function processSpace(): string {
  if (!hasProcessTable()) return 'unknown';
  known ??= `${toldOr('unknown', readBoot)} ${toldOr('unknown', readNamespace)}`;
  return known;
}

const readBoot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const readNamespace = (): string => readlinkSync('/proc/self/ns/pid');

/** Not every container shows everything. */
function toldOr(otherwise: string, tell: () => string): string {
  try {
    return tell();
  } catch {
    return otherwise;
  }
}

/** `ps` tells whole seconds, and the record was made after the start. */
const SLACK_MS = 2_000;

function beganAbout(pid: number, at: number): boolean {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { env, encoding: 'utf8' });
  return Math.abs(Date.parse((stdout ?? '').trim()) - at) <= SLACK_MS;
}
