/**
 * Regular expressions of schemas come from outside and run in this process, so only those are taken
 * that cannot run away: no quantifier inside of a quantified group, no back references, few open
 * quantifiers, and short texts where there are several.
 */

const MAX_PATTERN_CHARACTERS = 512;
/** Longest text that is tested, by the number of open quantifiers: steps grow with its power. */
const MAX_TEXT_CHARACTERS: readonly number[] = [1_000_000, 20_000, 1000, 250];

/** Why a pattern is not taken, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    return `a pattern has at most ${MAX_PATTERN_CHARACTERS} characters`;
  const shape = shapeOf(pattern);
  if (shape.hasBackReference) return 'back references are not taken in a pattern';
  if (shape.isNested) return 'a repeated group may not hold a repetition or alternatives';
  if (shape.open >= MAX_TEXT_CHARACTERS.length)
    return `a pattern has at most ${MAX_TEXT_CHARACTERS.length - 1} open repetitions`;
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    return error instanceof Error ? error.message : 'not a regular expression';
  }
  return undefined;
}

/**
 * Tests in bounded time; a text too long for its pattern does not match.
 * @throws {Error} if `patternProblem` finds one.
 */
export function boundedPattern(pattern: string): { test(text: string): boolean } {
  const problem = patternProblem(pattern);
  if (problem !== undefined) throw new Error(problem);
  const expression = new RegExp(pattern, 'u');
  const longest = MAX_TEXT_CHARACTERS[shapeOf(pattern).open] ?? 0;
  return { test: (text) => text.length <= longest && expression.test(text) };
}

interface PatternShape {
  readonly open: number;
  readonly isNested: boolean;
  readonly hasBackReference: boolean;
}

function shapeOf(pattern: string): PatternShape {
  const bare = pattern
    .replace(/\\(?:[1-9]|k<)/g, '\u0001')
    .replace(/\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\[\s\S]/g, 'x')
    .replace(/\[[^\]]*\]/g, 'x')
    .replace(/\(\?(?:<?[=!]|:|<[^>]*>)/g, '(');
  const groups: { isLoose: boolean }[] = [{ isLoose: false }];
  let open = 0;
  let isNested = false;
  for (let index = 0; index < bare.length; index += 1) {
    const character = bare[index];
    const group = groups.at(-1) as { isLoose: boolean };
    if (character === '(') groups.push({ isLoose: false });
    else if (character === '|') group.isLoose = true;
    else if (character === ')') {
      if (groups.length > 1) groups.pop();
      const repeat = repetitionAt(bare, index + 1);
      if (repeat !== undefined && group.isLoose) isNested = true;
      if (group.isLoose) (groups.at(-1) as { isLoose: boolean }).isLoose = true;
    } else {
      const repeat = repetitionAt(bare, index);
      if (repeat === undefined) continue;
      if (repeat.isOpen) open += 1;
      group.isLoose = true;
      index += repeat.length - 1;
    }
  }
  return { open, isNested, hasBackReference: bare.includes('\u0001') };
}

const SMALL_REPETITION = 16;

function repetitionAt(
  bare: string,
  index: number,
): { readonly length: number; readonly isOpen: boolean } | undefined {
  const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/.exec(bare.slice(index, index + 16));
  if (found === null) return undefined;
  if (found[0] === '?') return { length: 1, isOpen: false };
  if (found[1] === undefined) return { length: 1, isOpen: true };
  const most = found[2] === undefined ? Number(found[1]) : Number(found[3] || Infinity);
  return { length: found[0].length, isOpen: most > SMALL_REPETITION };
}
