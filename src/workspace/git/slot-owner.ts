/**
 * Who holds a slot: process id, start, boot and pid namespace, so that a reused process id or a process of
 * another container isn't taken for the owner or for dead. Only Linux tells all of them.
 */
import { readFile, readlink } from 'node:fs/promises';
import { shortHash } from './short-hash.ts';

/** Text for file names: `PID-START-BOOT-NAMESPACE`. */
export type SlotOwner = string;

export async function currentOwner(): Promise<SlotOwner> {
  const start = (await startOf(process.pid)) ?? '0';
  return [process.pid, start, await bootOf(), await namespaceOf()].join('-');
}

/** In doubt an owner counts as alive: two owners of one slot are worse than one slot lost. */
export async function isAlive(owner: SlotOwner): Promise<boolean> {
  const [pid = '', start, boot, namespace] = owner.split('-');
  if (boot !== (await bootOf())) return false;
  if (namespace !== (await namespaceOf())) return true;
  const now = await startOf(Number(pid));
  if (now !== undefined) return now === start;
  return start === '0' && isRunning(Number(pid));
}

/** Clock ticks from boot to the start of a process; field 22, the 20th behind the name in brackets. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

async function bootOf(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  return id === undefined ? '0' : shortHash(id).slice(0, 8);
}

async function namespaceOf(): Promise<string> {
  const id = await readlink('/proc/self/ns/pid').catch(() => undefined);
  return id === undefined ? '0' : shortHash(id).slice(0, 8);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
