/**
 * What this process says. A stream of Node’s loads a dozen of its modules, a fifth of the time of `ls`:
 * into pipes and files the text is written without one, as Node itself writes it there, at once.
 */
import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import type { TextStream } from './host.ts';

const STDOUT = 1;
const STDERR = 2;

export function processStream(name: 'stdout' | 'stderr'): TextStream {
  const fd = name === 'stdout' ? STDOUT : STDERR;
  // A reader that goes away (`| head`) ends the talk, not the run.
  let isOpen = true;
  let isDirect = isPipeOrFile(fd);
  let opened: NodeJS.WriteStream | undefined;
  const stream = (): NodeJS.WriteStream => {
    if (opened !== undefined) return opened;
    opened = process[name];
    opened.on('error', () => {
      isOpen = false;
    });
    return opened;
  };
  const isTerminal = !isDirect && stream().isTTY === true;
  return {
    isTerminal,
    size: () =>
      isTerminal ? { columns: stream().columns || 80, rows: stream().rows || 24 } : undefined,
    write(text) {
      if (!isOpen) return;
      if (!isDirect) {
        stream().write(text);
        return;
      }
      const { rest, error } = writeWhatFits(fd, Buffer.from(text));
      if (error === undefined) return;
      // A full pipe that does not block: the stream waits for its reader, from now on.
      if (error === 'EAGAIN') {
        isDirect = false;
        stream().write(rest);
      } else isOpen = false;
    },
    onResize(listener) {
      if (!isTerminal) return { [Symbol.dispose]: () => {} };
      stream().on('resize', listener);
      return { [Symbol.dispose]: () => void stream().off('resize', listener) };
    },
  };
}

/** Also where it is thrown away. Writes on Windows are Node’s business. */
function isPipeOrFile(fd: number): boolean {
  if (process.platform === 'win32') return false;
  try {
    const kind = fstatSync(fd);
    if (kind.isCharacterDevice()) return kind.rdev === statSync(devNull).rdev;
    return kind.isFIFO() || kind.isFile() || kind.isSocket();
  } catch {
    return false;
  }
}

function writeWhatFits(
  fd: number,
  bytes: Uint8Array,
): { readonly rest: Uint8Array; readonly error?: string } {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
    return { rest };
  } catch (error) {
    return { rest, error: (error as NodeJS.ErrnoException).code ?? '' };
  }
}
