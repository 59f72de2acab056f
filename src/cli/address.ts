/** Addresses as they are printed: `RUN/path#attempt`. */
import { printable } from '../base/printable.ts';
import { shellWord } from './program-words.ts';

/** `7f3a/fix[2]/test#2`; the attempt is left out where it is the only one. */
export function addressText(run: string, path: string, attempt?: number): string {
  return printable(addressOf(run, path, attempt));
}

/** The same as a word of a command line, to be copied into a shell. */
export function addressWord(run: string, path: string, attempt?: number): string {
  return shellWord(addressOf(run, path, attempt));
}

function addressOf(run: string, path: string, attempt: number | undefined): string {
  const node = path === '' ? run : `${run}/${path}`;
  return attempt === undefined || attempt < 1 ? node : `${node}#${attempt}`;
}

/** The phase that a path belongs to. */
export function topSegment(path: string): string {
  const cut = path.indexOf('/');
  return (cut < 0 ? path : path.slice(0, cut)).replace(/\[.*$/, '');
}
