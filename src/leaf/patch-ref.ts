import type { PatchRef } from '../trace/events.ts';
import type { LeafHost } from './leaf-host.ts';

const NEWLINE = 0x0a;

/** Takes a patch into the store and counts what it changes. */
export function keepPatch(host: LeafHost, patch: Uint8Array): PatchRef {
  return { ...host.keep(patch, 'patch'), ...countPatch(patch) };
}

/** Files and lines of a `git diff`; binary changes count as files only. */
export function countPatch(patch: Uint8Array): {
  readonly files: number;
  readonly added: number;
  readonly removed: number;
} {
  const counts = { files: 0, added: 0, removed: 0 };
  let hunk = { removed: 0, added: 0 };
  for (const line of lines(patch)) {
    const inHunk = hunk.removed > 0 || hunk.added > 0;
    if (inHunk && line.startsWith('+')) {
      counts.added += 1;
      hunk.added -= 1;
    } else if (inHunk && line.startsWith('-')) {
      counts.removed += 1;
      hunk.removed -= 1;
    } else if (inHunk && line.startsWith(' ')) {
      hunk.added -= 1;
      hunk.removed -= 1;
    } else if (line.startsWith('diff --git ')) counts.files += 1;
    else hunk = hunkSize(line) ?? hunk;
  }
  return counts;
}

function hunkSize(line: string): { removed: number; added: number } | undefined {
  const header = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
  if (header === null) return undefined;
  return { removed: Number(header[1] ?? 1), added: Number(header[2] ?? 1) };
}

/** The start of each line is enough, and patches may be large and not UTF-8. */
function* lines(patch: Uint8Array): Generator<string> {
  const MAX_START = 80;
  for (let start = 0; start < patch.length; ) {
    const end = patch.indexOf(NEWLINE, start);
    const stop = end < 0 ? patch.length : end;
    yield Buffer.from(patch.subarray(start, Math.min(stop, start + MAX_START))).toString('latin1');
    start = stop + 1;
  }
}
