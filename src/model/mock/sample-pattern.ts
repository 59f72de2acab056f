/**
 * A short text that a simple regular expression matches: literals, classes, groups, alternatives and
 * quantifiers. Look-arounds and back references give what they would without them.
 */

interface Reader {
  readonly pattern: string;
  at: number;
}

const MAX_REPEAT = 100;
const CLASSES: Readonly<Record<string, string>> = {
  d: '0',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '', B: '' };
const CANDIDATES = 'a0A_-. /@#:b1B!';

export function samplePattern(pattern: string): string {
  return readAlternatives({ pattern, at: 0 });
}

/** The first alternative up to `)` or the end; the others are read past. */
function readAlternatives(reader: Reader): string {
  const first = readSequence(reader);
  while (reader.pattern[reader.at] === '|') {
    reader.at += 1;
    readSequence(reader);
  }
  return first;
}

function readSequence(reader: Reader): string {
  let text = '';
  while (reader.at < reader.pattern.length && !'|)'.includes(reader.pattern[reader.at] ?? '')) {
    const part = readAtom(reader);
    text += part.repeat(readQuantifier(reader));
  }
  return text;
}

function readAtom(reader: Reader): string {
  const character = reader.pattern[reader.at] ?? '';
  reader.at += 1;
  switch (character) {
    case '^':
    case '$':
      return '';
    case '.':
      return 'a';
    case '\\':
      return readEscape(reader);
    case '[':
      return readClass(reader);
    case '(':
      return readGroup(reader);
    default:
      return character;
  }
}

function readEscape(reader: Reader): string {
  const character = reader.pattern[reader.at] ?? '';
  reader.at += 1;
  return CLASSES[character] ?? ESCAPES[character] ?? character;
}

function readClass(reader: Reader): string {
  const start = reader.at - 1;
  while (reader.at < reader.pattern.length && reader.pattern[reader.at] !== ']') {
    reader.at += reader.pattern[reader.at] === '\\' ? 2 : 1;
  }
  reader.at += 1;
  const source = reader.pattern.slice(start, reader.at);
  const matches = matcherOf(source);
  return [...CANDIDATES, ...source].find(matches) ?? '';
}

function matcherOf(source: string): (character: string) => boolean {
  try {
    const expression = new RegExp(`^${source}$`, 'u');
    return (character) => expression.test(character);
  } catch {
    return () => false;
  }
}

function readGroup(reader: Reader): string {
  const marker = /^\?(?::|=|!|<=|<!|<\w+>)/.exec(reader.pattern.slice(reader.at, reader.at + 80));
  reader.at += marker?.[0].length ?? 0;
  const text = readAlternatives(reader);
  reader.at += 1;
  return marker !== null && /[=!]$/.test(marker[0]) ? '' : text;
}

/** How often the atom before it stands: at least once where it may. */
function readQuantifier(reader: Reader): number {
  const found = /^(?:[*+?]|\{(\d+)(,\d*)?\})\??/.exec(reader.pattern.slice(reader.at));
  if (found === null) return 1;
  reader.at += found[0].length;
  return found[1] === undefined ? 1 : Math.min(Number(found[1]), MAX_REPEAT);
}
