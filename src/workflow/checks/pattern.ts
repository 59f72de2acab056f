/**
 * Regular expressions of schemas come from outside and run in this process, so they run on an automaton
 * of our own, which takes time by the length of the text and never by its tricks. What an automaton
 * cannot do is refused: back references, looking ahead and behind.
 */
import { type Automaton, buildAutomaton, isFound } from '../pattern/automaton.ts';
import { PatternError, parsePattern } from '../pattern/parse-pattern.ts';

const MAX_PATTERN_CHARACTERS = 512;
/** About a second. */
const MAX_STEPS = 20_000_000;

/** Why a pattern is not taken, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  const made = automatonOf(pattern);
  return typeof made === 'string' ? made : undefined;
}

/**
 * Tests in bounded time; a text too long for its pattern does not match.
 * @throws {Error} if `patternProblem` finds one.
 */
export function boundedPattern(pattern: string): { test(text: string): boolean } {
  const made = automatonOf(pattern);
  if (typeof made === 'string') throw new Error(made);
  return { test: (text) => isFound(made, text, MAX_STEPS) === true };
}

function automatonOf(pattern: string): Automaton | string {
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    return `a pattern has at most ${MAX_PATTERN_CHARACTERS} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    return error instanceof Error ? error.message : 'not a regular expression';
  }
  try {
    return buildAutomaton(parsePattern(pattern));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `the pattern is not taken: ${error.message}`;
  }
}
