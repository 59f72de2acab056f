/**
 * A control group that bounds the number of processes. The limit of `prlimit --nproc` is not kept for
 * root; this one is. Only root may usually make one: elsewhere there is none, and none is needed.
 */
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'whaleflow-';
/** Version 1 has a hierarchy of its own, version 2 one for all. */
const HIERARCHIES = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup'] as const;

/** A new group of at most `processes`, or undefined where none can be made. Ended by `closePidsGroup`. */
export function openPidsGroup(name: string, processes: number): string | undefined {
  for (const hierarchy of HIERARCHIES) {
    const folder = join(hierarchy, `${PREFIX}${process.pid}-${name}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(folder, 'pids.max'), String(processes));
      return folder;
    } catch {
      closePidsGroup(folder);
    }
  }
  return undefined;
}

/** An empty group goes; one that still holds processes stays for `sweepPidsGroups`. */
export function closePidsGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Its last process is still on its way out.
  }
}

/** Says whether this process may make such groups. `name`: as for `openPidsGroup`. */
export function canBoundProcesses(name: string): boolean {
  const folder = openPidsGroup(name, 1);
  if (folder === undefined) return false;
  closePidsGroup(folder);
  return true;
}

/** Removes the groups that killed runs have left; one of the living may be empty because it is new. */
export function sweepPidsGroups(): void {
  for (const hierarchy of HIERARCHIES) {
    let names: readonly string[] = [];
    try {
      names = readdirSync(hierarchy);
    } catch {
      continue;
    }
    for (const name of names) {
      const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
      if (pid !== undefined && !isAlive(Number(pid))) closePidsGroup(join(hierarchy, name));
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
