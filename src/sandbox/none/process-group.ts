/** Signals a process and everything that it started and that has not left its group. */

/** False when there is no such group (any more). */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    // ESRCH: all of it has ended. EPERM: it has become another user's, which we cannot end.
    return false;
  }
}
