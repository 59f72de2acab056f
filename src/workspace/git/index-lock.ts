/**
 * Git's own lock of an index, `index.lock`: while it is there, no git adds, commits, switches or resets in
 * this checkout. Ours says who holds it, so that what a kill leaves behind is known and taken away.
 */
import {
  chmodSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import { syncFolder } from './apply-journal.ts';
import { currentOwner, isAlive } from './slot-owner.ts';

export interface IndexLock {
  /** Puts a whole new index in place of the user's, in one step. */
  replace(index: Uint8Array): void;
}

const MARK = 'whaleflow ';
const OWN_FILES = 'index.whaleflow-';
const MAX_OWNER_LENGTH = 200;

/**
 * Holds the lock while `work` runs. `name`: nobody else's.
 * @throws {WhaleFlowError} WF6010 while another process holds it.
 */
export async function withIndexLock<T>(
  { gitFolder, name }: { readonly gitFolder: string; readonly name: string },
  work: (lock: IndexLock) => Promise<T>,
): Promise<T> {
  const lock = join(gitFolder, 'index.lock');
  const index = join(gitFolder, 'index');
  const own = join(gitFolder, `${OWN_FILES}${name}`);
  const text = `${MARK}${await currentOwner()}\n`;
  if (!take(lock, { own, text })) {
    await breakDead(lock, own);
    if (!take(lock, { own, text })) throw held(lock);
  }
  try {
    dropLeftovers(gitFolder);
    return await work({
      replace(bytes) {
        writeFileSync(own, bytes, { flush: true });
        const there = statSync(index, { throwIfNoEntry: false });
        if (there !== undefined) chmodSync(own, there.mode & 0o7777);
        renameSync(own, index);
        syncFolder(gitFolder);
      },
    });
  } finally {
    rmSync(own, { force: true });
    rmSync(lock, { force: true });
  }
}

/** Says whether a lock of ours is there, of a process at work or a killed one. */
export function hasOwnLock(gitFolder: string): boolean {
  return readIfThere(join(gitFolder, 'index.lock'))?.startsWith(MARK) === true;
}

/** A link, so that the lock has its text from its first moment on. */
function take(
  lock: string,
  { own, text }: { readonly own: string; readonly text: string },
): boolean {
  writeFileSync(own, text);
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Takes a lock away whose owner was killed: by renaming, so that of two who try one only gets it. */
async function breakDead(lock: string, own: string): Promise<void> {
  const text = readIfThere(lock);
  if (text === undefined || !text.startsWith(MARK) || text.length > MAX_OWNER_LENGTH) return;
  if (await isAlive(text.slice(MARK.length).trim())) return;
  const aside = `${own}-dead`;
  try {
    renameSync(lock, aside);
    // Somebody was faster, and this is their lock: it goes back.
    if (readIfThere(aside) !== text) linkSync(aside, lock);
  } catch {
    // It is gone, or taken anew.
  } finally {
    rmSync(aside, { force: true });
  }
}

/** What killed owners had begun to write; the lock is ours now. */
function dropLeftovers(gitFolder: string): void {
  for (const name of readdirSync(gitFolder)) {
    if (name.startsWith(OWN_FILES)) rmSync(join(gitFolder, name), { force: true });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

function held(lock: string): WhaleFlowError {
  return new WhaleFlowError('WF6010', 'another process is at work on the index of this checkout', {
    notes: [`its lock: ${lock}`, 'nothing was written'],
    hint: `wait until it has ended, then the same again; where it was killed: rm ${lock}`,
  });
}
