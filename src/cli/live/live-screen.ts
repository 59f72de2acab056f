/**
 * Redraws a few lines in place at the end of a terminal, without taking the whole screen: what was there
 * before stays, and the last picture stays behind.
 */
import type { TextStream } from '../host.ts';
import { widthOf } from '../width.ts';

export interface LiveScreen extends Disposable {
  /** Replaces the picture. Lines fit the terminal and carry no control characters but colours. */
  draw(lines: readonly string[]): void;
  /** Takes the picture away, so that something else can be printed above. */
  clear(): void;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_BELOW = '\x1b[J';
const CLEAR_LINE = '\x1b[K';

export function liveScreen(stream: TextStream): LiveScreen {
  let drawn: readonly string[] = [];
  stream.write(HIDE_CURSOR);
  const toTop = (): string => {
    const columns = stream.size()?.columns ?? 80;
    // After the terminal got narrower, lines that were drawn before take more than one row each.
    const rows = drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(visible(line) / columns)),
      0,
    );
    return rows === 0 ? '\r' : `\x1b[${rows}A\r`;
  };
  return {
    draw(lines) {
      const text = lines.map((line) => `${line}${CLEAR_LINE}\n`).join('');
      stream.write(`${toTop()}${text}${CLEAR_BELOW}`);
      drawn = lines;
    },
    clear() {
      stream.write(`${toTop()}${CLEAR_BELOW}`);
      drawn = [];
    },
    [Symbol.dispose]() {
      stream.write(SHOW_CURSOR);
    },
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const visible = (line: string): number => widthOf(line.replace(/\x1b\[[\d;]*m/g, ''));
