/**
 * One process at a time, of all of this user: a file that names its holder. A holder that has died loses
 * it. It spares work, and guards nothing: in a race with a death two may hold it at once, so what is made
 * in it has to be put in place by one rename.
 */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentOwner, isAlive } from './slot-owner.ts';

const POLL_MS = 200;

export interface SingleFlight {
  readonly file: string;
  /** A name that nobody else uses. */
  readonly newName: () => string;
  /** Called once, when somebody else holds it. */
  readonly onWait?: () => void;
}

/** Holds the file while `work` runs. The wait ends with the signal; the work has limits of its own. */
export async function inSingleFlight<T>(
  { file, newName, onWait }: SingleFlight,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const me = `${await currentOwner()} ${newName()}`;
  await mkdir(dirname(file), { recursive: true });
  let hasTold = false;
  while (!(await isTaken(file, { me, young: `${file}.${newName()}` }))) {
    signal?.throwIfAborted();
    await freeOfDead(file, newName);
    if (!hasTold) onWait?.();
    hasTold = true;
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
  try {
    return await work();
  } finally {
    if ((await readFile(file, 'utf8').catch(() => '')) === me) await rm(file, { force: true });
  }
}

/** Linked into place with its text in it: nobody ever sees a file that names nobody. */
async function isTaken(file: string, { me, young }: Record<'me' | 'young', string>) {
  await writeFile(young, me);
  try {
    await link(young, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(young, { force: true });
  }
}

async function freeOfDead(file: string, newName: () => string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const [owner = ''] = text?.split(' ') ?? [];
  if (owner === '' || (await isAlive(owner))) return;
  const aside = `${file}.${newName()}`;
  await rename(file, aside).catch(() => {});
  await rm(aside, { force: true });
}
