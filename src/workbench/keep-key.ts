import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import type { Workbench } from './workbench.ts';
import { toWriteError } from './write-error.ts';
import { writeNewFile } from './write-new-file.ts';

/**
 * Keeps the key of a provider in a file that only its owner reads; gives its path.
 * @throws {WhaleFlowError} WF3003 for what cannot be a key; WF2003, WF7004 when it cannot be written.
 */
export function keepKey({ places, chance }: Workbench, provider: string, text: string): string {
  const key = text.trim();
  if (!/^[\x21-\x7e]{1,16384}$/.test(key) || !/^[\w.-]+$/.test(provider)) {
    throw new WhaleFlowError(
      'WF3003',
      'what stands on stdin is no key: it is empty, or has blanks in it',
      {
        hint: `nothing was kept; the key alone: whaleflow providers add ${provider} --key-stdin <FILE`,
      },
    );
  }
  const folder = join(places.userFolder, 'keys');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw toWriteError(cause, folder);
  }
  const path = join(folder, provider);
  writeNewFile({ path, pieces: [`${key}\n`], force: true }, chance);
  return path;
}
