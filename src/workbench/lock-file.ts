/** Changes a small file of a person: read, changed and written by one process at a time, and never half. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { WhaleFlowError } from '../base/errors.ts';

const OWNER_MODE = 0o600;
/** A lock that is older was left by a process that died. */
const STALE_LOCK_MS = 10_000;

export interface Lock extends Disposable {
  /** The file is the new text, or stays as it was. */
  replace(text: string, mode: number): void;
}

/**
 * The new text is written beside the file, under a name that only one process can have.
 * @throws {WhaleFlowError} WF2009 while another one has it.
 */
export function lockFile(path: string): Lock {
  const name = `${path}.lock`;
  const file = openLock(name, path);
  let state: 'open' | 'closed' | 'renamed' = 'open';
  const close = (): void => {
    if (state === 'open') closeSync(file);
    state = 'closed';
  };
  return {
    replace(text, mode) {
      const data = Buffer.from(text);
      for (let at = 0; at < data.length; ) at += writeSync(file, data, at);
      fsyncSync(file);
      close();
      chmodSync(name, mode);
      renameSync(name, path);
      state = 'renamed';
    },
    [Symbol.dispose]() {
      // Under its name there may be the lock of another process by now.
      if (state === 'renamed') return;
      close();
      rmSync(name, { force: true });
    },
  };
}

function openLock(name: string, path: string): number {
  const age = statSync(name, { throwIfNoEntry: false })?.mtimeMs;
  if (age !== undefined && Date.now() - age > STALE_LOCK_MS) rmSync(name, { force: true });
  try {
    return openSync(name, 'wx', OWNER_MODE);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new WhaleFlowError('WF2009', `another command is writing ${path}`, {
      hint: 'nothing was changed; type it again',
      cause,
    });
  }
}
