const letter = /\p{L}/u;
export const whitespace =
  '\\t\\n\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** Letters whose title case is neither their upper nor their lower case. */
const titleForms: ReadonlyMap<string, string> = new Map(
  [
    [...'ǄǅǆǇǈǉǊǋǌǱǲǳ'].map((from, index): readonly [string, string] => [
      from,
      [...'ǅǈǋǲ'][Math.floor(index / 3)] ?? from,
    ]),
    [0x1f80, 0x1f90, 0x1fa0].flatMap((first) =>
      Array.from({ length: 8 }, (_, index): readonly [string, string] => [
        String.fromCharCode(first + index),
        String.fromCharCode(first + index + 8),
      ]),
    ),
    [0x1fb3, 0x1fc3, 0x1ff3].map((code): readonly [string, string] => [
      String.fromCharCode(code),
      String.fromCharCode(code + 9),
    ]),
  ].flat(),
);

function toTitle(character: string): string {
  const special = titleForms.get(character);
  if (special !== undefined) return special;
  const upper = character.toUpperCase();
  return [...upper].length === 1 ? upper : character;
}

export function capitalize(text: string): string {
  const [first] = text;
  return first === undefined ? '' : toTitle(first) + text.slice(first.length).toLowerCase();
}

const partLength = 4096;

/** The first letter of each run of letters in title case, the others in lower case. */
export function titleCase(text: string): string {
  let result = '';
  let isInWord = false;
  // Letter by letter a long text would be a rope of letters.
  let part: string[] = [];
  for (const character of text) {
    part.push(isInWord ? character.toLowerCase() : toTitle(character));
    isInWord = letter.test(character);
    if (part.length === partLength) {
      result += part.join('');
      part = [];
    }
  }
  return result + part.join('');
}

const alphanumeric = /^[\p{L}\p{Nd}]+$/u;
const alphabetic = /^\p{L}+$/u;
const digits = /^\p{Nd}+$/u;
const spaces: RegExp = new RegExp(`^[${whitespace}]+$`, 'u');
const upperOrTitle = /[\p{Lu}\p{Lt}]/u;
const upper = /\p{Lu}/u;
const beginsTitle = /[A-Z\p{Lt}]/u;
const lower = /\p{Ll}/u;

/** The `is...` methods, by name. */
export const predicates: Readonly<Record<string, (text: string) => boolean>> = {
  isalnum: (text) => alphanumeric.test(text),
  isalpha: (text) => alphabetic.test(text),
  isdigit: (text) => digits.test(text),
  islower: (text) => lower.test(text) && !upperOrTitle.test(text),
  isspace: (text) => spaces.test(text),
  istitle: isTitle,
  isupper: (text) => upperOrTitle.test(text) && !lower.test(text) && !/\p{Lt}/u.test(text),
};

/**
 * Letters of title case only after uncased characters, lower-case ones only after cased ones. As in
 * starlark-go, an upper-case letter beyond ASCII is none of title case.
 */
function isTitle(text: string): boolean {
  let isInWord = false;
  let hasCased = false;
  for (const character of text) {
    if (beginsTitle.test(character)) {
      if (isInWord) return false;
      isInWord = true;
      hasCased = true;
    } else if (lower.test(character)) {
      if (!isInWord) return false;
    } else if (upper.test(character)) {
      return false;
    } else {
      isInWord = false;
    }
  }
  return hasCased;
}
