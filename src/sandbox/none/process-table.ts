/**
 * Which processes carry a mark, read from `/proc` (proc(5)); elsewhere nothing is found. Read at once and
 * not piece by piece: a process must not be able to move on between two reads.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { MARK_VARIABLE } from '../process-mark.ts';

export interface MarkedProcesses {
  readonly pids: readonly number[];
  /** False when a process began, ended or changed its program meanwhile: what it started may be missing. */
  readonly isSure: boolean;
}

/** Whether processes can be told by their marks here. */
export function hasProcessTable(): boolean {
  return process.platform === 'linux';
}

/** All processes of this user whose mark is wanted; this process is never one of them. */
export function markedProcesses(isWanted: (mark: string) => boolean): MarkedProcesses {
  const pids: number[] = [];
  let isSure = true;
  if (!hasProcessTable()) return { pids, isSure };
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || !isOwn(pid)) continue;
    const environment = environmentOf(pid);
    if (environment === undefined || (environment.length === 0 && !hasNone(pid))) isSure = false;
    else if (isMarked(environment, isWanted)) pids.push(pid);
  }
  return { pids, isSure };
}

/** Asking costs less than being refused. */
function isOwn(pid: number): boolean {
  const user = process.geteuid?.();
  if (user === 0) return true;
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === user;
}

/** Room for the usual environment; a larger one is read in pieces. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);
const NOTHING = Buffer.alloc(0);
const MAX_ENVIRONMENT_BYTES = 8 * 1024 * 1024;

/** Undefined when it has ended; empty for a dead process, a kernel thread, one that is hidden. */
function environmentOf(pid: number): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(`/proc/${pid}/environ`, 'r');
    let read = readSync(file, buffer, 0, buffer.length, null);
    if (read < buffer.length) return buffer.subarray(0, read);
    const pieces = [Buffer.from(buffer)];
    for (let total = read; read > 0 && total < MAX_ENVIRONMENT_BYTES; total += read) {
      read = readSync(file, buffer, 0, buffer.length, null);
      pieces.push(Buffer.from(buffer.subarray(0, read)));
    }
    return Buffer.concat(pieces);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : NOTHING;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const NAME = `${MARK_VARIABLE}=`;

/** A program may have changed the order: the variable may stand anywhere. */
function isMarked(environment: Buffer, isWanted: (mark: string) => boolean): boolean {
  for (let at = environment.indexOf(NAME); at >= 0; at = environment.indexOf(NAME, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    const value = environment.subarray(at + NAME.length, end < 0 ? environment.length : end);
    return isWanted(value.toString());
  }
  return false;
}

const KERNEL_THREAD = 0x0020_0000;

/** Empty for good, not for the moment in which a program takes the place of another. */
function hasNone(pid: number): boolean {
  const fields = statFields(pid);
  if (fields === undefined) return false;
  const [state = ''] = fields;
  return /[ZX]/.test(state) || (Number(fields[6]) & KERNEL_THREAD) !== 0;
}

/** The fields of `/proc/PID/stat` from the third on; the second, the name, may hold anything. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Clock ticks from boot to the start of a process, field 22; undefined when it has ended. */
export function startTicks(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields === undefined || /[ZX]/.test(fields[0] ?? '') ? undefined : fields[19];
}
