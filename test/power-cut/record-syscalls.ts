/** What a process did to files, in order, by strace. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type DiskCall =
  | { readonly call: 'create'; readonly path: string }
  | { readonly call: 'sync'; readonly path: string }
  | { readonly call: 'unlink'; readonly path: string }
  /** `offset` is undefined where the file grows at its end. */
  | {
      readonly call: 'write';
      readonly path: string;
      readonly data: Buffer;
      readonly offset: number | undefined;
    }
  | { readonly call: 'truncate'; readonly path: string; readonly length: number }
  | { readonly call: 'rename'; readonly path: string; readonly to: string }
  /** The process said so on stdout. */
  | { readonly call: 'said'; readonly text: string };

const TRACED = 'openat,pwrite64,write,writev,pwritev,fsync,fdatasync,ftruncate,rename,unlink';
// Short process ids are padded, and so is a call that was cut into, before its result.
const LINE = /^\d+ +(\w+)\((.*)\)\s+= (\d+)/;
const UNFINISHED = /^(\d+) +(.*) <unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/;

export function canTrace(): boolean {
  return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
}

/** Runs a program to its end; calls on files below `folder` only. */
export function recordSyscalls(argv: readonly string[], folder: string): readonly DiskCall[] {
  const log = join(folder, '..', 'strace.log');
  const limits = ['-f', '-y', '-xx', '-s', '4194304'];
  const done = spawnSync('strace', [...limits, '-e', `trace=${TRACED}`, '-o', log, ...argv]);
  if (done.status !== 0) throw new Error(`${argv[0]} failed: ${done.stderr.toString()}`);
  return joined(readFileSync(log, 'latin1').split('\n')).flatMap((line) => toCall(line, folder));
}

/** A call that another thread has cut into is whole again where it ended. */
function joined(lines: readonly string[]): readonly string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const unfinished = UNFINISHED.exec(line);
    if (unfinished !== null) {
      begun.set(unfinished[1] ?? '', line.slice(0, -' <unfinished ...>'.length));
      return [];
    }
    const [, thread = '', rest = ''] = RESUMED.exec(line) ?? [];
    return thread === '' ? [line] : [`${begun.get(thread)}${rest}`];
  });
}

function toCall(line: string, folder: string): readonly DiskCall[] {
  const [, name = '', words = ''] = LINE.exec(line) ?? [];
  const texts = Array.from(words.matchAll(/"([^"]*)"/g), ([, text = '']) => bytesOf(text));
  const path = bytesOf(/^\d+<([^>]*)>/.exec(words)?.[1] ?? '').toString();
  const named = texts[0]?.toString() ?? '';
  const isOurs = (place: string): boolean => place === folder || place.startsWith(`${folder}/`);
  if (name === 'write' && words.startsWith('1<')) return [{ call: 'said', text: named }];
  if (name === 'openat') {
    return words.includes('O_CREAT') && isOurs(named) ? [{ call: 'create', path: named }] : [];
  }
  if (name === 'unlink') return isOurs(named) ? [{ call: 'unlink', path: named }] : [];
  if (name === 'rename') {
    return isOurs(named) ? [{ call: 'rename', path: named, to: `${texts[1]}` }] : [];
  }
  if (!isOurs(path)) return [];
  if (name === 'fsync' || name === 'fdatasync') return [{ call: 'sync', path }];
  const last = Number(words.slice(words.lastIndexOf(',') + 1));
  if (name === 'ftruncate') return [{ call: 'truncate', path, length: last }];
  const data = texts[0];
  if (data === undefined || name.endsWith('v')) throw new Error(`cannot replay ${name}`);
  return [{ call: 'write', path, data, offset: name === 'pwrite64' ? last : undefined }];
}

function bytesOf(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex');
}
