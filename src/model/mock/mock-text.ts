/** A readable sentence for every request, always the same for the same request. */

const SUBJECTS = ['the change', 'the plan', 'the code', 'the report', 'the test', 'the module'];
const VERBS = ['keeps', 'names', 'covers', 'moves', 'checks', 'holds', 'shows', 'splits'];
const OBJECTS = ['one case', 'the edges', 'its inputs', 'two files', 'the limits', 'each step'];
const DIGITS = 8;

/** `digest`: at least 32 hex characters. */
export function mockText(digest: string): string {
  const pick = (words: readonly string[], at: number): string =>
    words[Number.parseInt(digest.slice(at, at + DIGITS), 16) % words.length] ?? '';
  const what = `${pick(SUBJECTS, 0)} ${pick(VERBS, DIGITS)} ${pick(OBJECTS, 2 * DIGITS)}`;
  return `Mock answer ${digest.slice(0, DIGITS)}: ${what}.`;
}
