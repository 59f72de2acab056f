/** Texts that take over a terminal that shows them: every kind of sequence, in every way to write it. */
import fc from 'fast-check';

const ESC = '\x1b';
const range = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at));

/** Sequences that open a string: OSC, DCS, SOS, PM, APC; seven and eight bits. */
const OPENERS = [']', 'P', 'X', '^', '_'].flatMap((final) => [
  `${ESC}${final}`,
  String.fromCharCode(final.charCodeAt(0) + 0x40),
]);
const CLOSERS = ['\x07', `${ESC}\\`, '\x9c', ''];
const STRINGS = [
  '0;pwned',
  '2;pwned',
  '8;;file:///etc/passwd',
  '52;c;cm0gLXJmIH4=',
  '4;1;?',
  '9;ping',
  '1337;File=inline=1:AA==',
];
const CSI_PARAMETERS = ['', '2', '1;1', '?1049', '>0', '38;2;255;0;0'];

export const hostileTexts: readonly string[] = [
  // CSI with every final byte, in both ways to begin one; colours that are ours too.
  ...range(0x40, 0x7e).flatMap((final) => [`${ESC}[${final}`, `\x9b9${final}`, `${ESC}[2${final}`]),
  ...CSI_PARAMETERS.flatMap((parameters) =>
    ['A', 'J', 'H', 'm', 'h', 'l', 'n', 't', 'u'].map((final) => `${ESC}[${parameters}${final}`),
  ),
  ...OPENERS.flatMap((open) => CLOSERS.flatMap((close) => [`${open}q${close}`])),
  ...STRINGS.flatMap((text) =>
    CLOSERS.flatMap((close) => [`${ESC}]${text}${close}`, `\x9d${text}${close}`]),
  ),
  // Escape with every other byte, each control alone: BEL, BS, CR, DEL, all of C1.
  ...range(0x20, 0x7e).map((byte) => ESC + byte),
  ...range(0x00, 0x1f).filter((byte) => byte !== '\n' && byte !== '\t'),
  ...range(0x7f, 0x9f),
  'safe\rrm -rf ~',
  'safe\b\b\b\bevil',
  'a\x0bb\x0cc\x85d',
  // Order and invisibility.
  ...range(0x202a, 0x202e).map((mark) => `user${mark} // admin`),
  ...range(0x2066, 0x2069).map((mark) => `if ${mark}return`),
  ...range(0x200b, 0x200f).map((mark) => `pay${mark}pal`),
  ...range(0x2028, 0x2029),
  ...range(0x2060, 0x2064).map((mark) => `a${mark}b`),
  ...range(0xfff9, 0xfffb).map((mark) => `a${mark}b`),
  ...['\u061c', '\u00ad', '\u034f', '\u115f', '\u1160', '\u17b4', '\u180e', '\u2800', '\u3164'],
  ...['\ufeff', '\uffa0', '\ufe00', '\ue000', '\u{e0041}', '\u{e0100}', '\u{f0000}'],
  ...['\ud800', '\udfff', 'a\udc00\ud800b'],
];

/** What no terminal may be sent but in our own colours; line feeds and tabs are layout. */
export const UNSAFE: RegExp =
  /[^\P{C}\p{Cn}\n\t]|\u034f|[\u2028\u2029\u115f\u1160\u2800\u3164\uffa0]|[\u17b4\u17b5]|[\ufe00-\ufe0e]|[\u{e0100}-\u{e01ef}]/u;

/** Pieces of the corpus between plain text and any characters whatever. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hostileTexts),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('a', ' ', '[', '31m', ';', '\\', '日', '\n'),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));
