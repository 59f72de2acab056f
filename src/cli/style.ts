/**
 * Colours and glyphs of one stream. Nothing is said by colour alone. `safe` is the last door before a
 * stream: whoever forgot to make a text printable shows it written out, and moves no cursor.
 */
import { printableLines } from '../base/printable.ts';
import type { TextStream } from './host.ts';

export type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** What a row of a tree can be; each has a glyph and a word. */
export type Mark =
  | 'waiting'
  | 'running'
  | 'done'
  | 'memo'
  | 'reused'
  | 'asks'
  | 'paused'
  | 'quiet'
  | 'failed'
  | 'cancelled'
  | 'lost';

export interface Style {
  paint(kind: Paint, text: string): string;
  glyph(mark: Mark): string;
  /** Punctuation that ASCII does not have, as far as needed. */
  text(text: string): string;
  /** What may be written: lines with our own colours, if this stream has them; all else is written out. */
  safe(text: string): string;
}

const CODES: Readonly<Record<Paint, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

const GLYPHS: Readonly<Record<Mark, readonly [unicode: string, ascii: string, paint?: Paint]>> = {
  waiting: ['○', '.', 'dim'],
  running: ['●', '*', 'cyan'],
  done: ['✔', '+', 'green'],
  memo: ['≡', '=', 'green'],
  reused: ['≡', '=', 'green'],
  asks: ['◆', '?', 'yellow'],
  paused: ['‖', '|', 'yellow'],
  quiet: ['⚠', '!', 'yellow'],
  failed: ['✖', 'x', 'red'],
  cancelled: ['⊘', '-', 'dim'],
  lost: ['☐', '_', 'red'],
};

const ASCII: Readonly<Record<string, string>> = {
  '·': '-',
  '—': '-',
  '–': '-',
  '─': '-',
  '…': '~',
  '→': '>',
  '≤': '<=',
  '≥': '>=',
  '×': 'x',
  '−': '-',
  '’': "'",
  '≈': '~',
  '█': '#',
  '░': '.',
  '▕': '[',
  '▏': ']',
  '≡': '=',
  '✔': '+',
  '✖': 'x',
  '⚠': '!',
};
/** Exactly the sequences that `paint` makes. */
const OWN_COLOR: RegExp = new RegExp(`(\\x1b\\[(?:${Object.values(CODES).flat().join('|')})m)`);
const ASCII_PATTERN: RegExp = new RegExp(`[${Object.keys(ASCII).join('')}]`, 'gu');

export interface StyleRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stream: TextStream;
  readonly color: 'auto' | 'always' | 'never';
}

export function styleOf(request: StyleRequest): Style {
  const hasColor = wantsColor(request);
  const isUnicode = speaksUnicode(request.env);
  const toAscii = (text: string): string =>
    isUnicode ? text : text.replace(ASCII_PATTERN, (character) => ASCII[character] ?? '?');
  const paint = (kind: Paint, text: string): string => {
    const [on, off] = CODES[kind];
    return hasColor && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  };
  return {
    paint,
    glyph(mark) {
      const [unicode, ascii, color] = GLYPHS[mark];
      const glyph = isUnicode ? unicode : ascii;
      return color === undefined ? glyph : paint(color, glyph);
    },
    text: toAscii,
    safe(text) {
      const shown = toAscii(text);
      if (!hasColor) return printableLines(shown);
      return shown
        .split(OWN_COLOR)
        .map((part, at) => (at % 2 === 1 ? part : printableLines(part)))
        .join('');
    },
  };
}

/** The flag beats the environment; https://no-color.org, https://bixense.com/clicolors. */
export function wantsColor({ env, stream, color }: StyleRequest): boolean {
  if (color !== 'auto') return color === 'always';
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  if (isSet('NO_COLOR')) return false;
  if (isSet('FORCE_COLOR')) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  if (isSet('CLICOLOR_FORCE') && env['CLICOLOR_FORCE'] !== '0') return true;
  return stream.isTerminal && env['TERM'] !== 'dumb';
}

/** By the locale, as terminals do; without one nothing is known, and that means ASCII. */
function speaksUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) && env['TERM'] !== 'dumb';
}
