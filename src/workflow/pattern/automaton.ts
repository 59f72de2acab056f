/**
 * Runs a pattern as an automaton that follows all of its ways at once (Thompson, CACM 11(6), 1968): time
 * is the length of the text times the size of the pattern at most, whatever both are.
 */
import { type Edge, type Pattern, PatternError } from './parse-pattern.ts';

type Step =
  | { readonly op: 'character'; readonly test: (character: string) => boolean }
  | { readonly op: 'edge'; readonly edge: Edge }
  /** Goes on at the next step and at `other`. */
  | { readonly op: 'fork'; other: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'end' };

export type Automaton = readonly Step[];

/** Steps of one automaton; repetitions are written out. */
const MAX_STEPS = 10_000;

/** @throws {PatternError} if it is too large. */
export function buildAutomaton(pattern: Pattern): Automaton {
  const steps: Step[] = [];
  write(pattern, steps);
  steps.push({ op: 'end' });
  return steps;
}

function write(pattern: Pattern, steps: Step[]): void {
  if (steps.length > MAX_STEPS)
    throw new PatternError('its repetitions, written out, are too many');
  switch (pattern.kind) {
    case 'character':
      steps.push({ op: 'character', test: pattern.test });
      return;
    case 'edge':
      steps.push({ op: 'edge', edge: pattern.edge });
      return;
    case 'all':
      for (const part of pattern.parts) write(part, steps);
      return;
    case 'any':
      writeChoices(pattern.choices, steps);
      return;
    case 'repeat':
      writeRepeat(pattern, steps);
  }
}

function writeChoices(choices: readonly Pattern[], steps: Step[]): void {
  const jumps: { op: 'jump'; to: number }[] = [];
  for (const [at, choice] of choices.entries()) {
    const fork: Step = { op: 'fork', other: 0 };
    const isLast = at === choices.length - 1;
    if (!isLast) steps.push(fork);
    write(choice, steps);
    if (isLast) break;
    const jump = { op: 'jump' as const, to: 0 };
    jumps.push(jump);
    steps.push(jump);
    fork.other = steps.length;
  }
  for (const jump of jumps) jump.to = steps.length;
}

function writeRepeat(
  { of, least, most }: Extract<Pattern, { kind: 'repeat' }>,
  steps: Step[],
): void {
  for (let count = 0; count < least; count += 1) write(of, steps);
  if (most === Infinity) {
    const fork: Step = { op: 'fork', other: 0 };
    const at = steps.push(fork) - 1;
    write(of, steps);
    steps.push({ op: 'jump', to: at });
    fork.other = steps.length;
    return;
  }
  const forks: { op: 'fork'; other: number }[] = [];
  for (let count = least; count < most; count += 1) {
    const fork = { op: 'fork' as const, other: 0 };
    forks.push(fork);
    steps.push(fork);
    write(of, steps);
  }
  for (const fork of forks) fork.other = steps.length;
}

/** Whether the pattern is found anywhere in the text; undefined where that takes more than `most` steps. */
export function isFound(automaton: Automaton, text: string, most: number): boolean | undefined {
  const run = new Run(automaton);
  let before = '';
  let taken = 0;
  for (let at = 0; ; at += before.length) {
    const next = at < text.length ? String.fromCodePoint(text.codePointAt(at) as number) : '';
    // It may begin anywhere.
    run.follow(0);
    if (run.closes(before, next)) return true;
    if (next === '') return false;
    taken += run.consume(next);
    if (taken > most) return undefined;
    before = next;
  }
}

/** The ways that are open between two characters. */
class Run {
  readonly #steps: Automaton;
  readonly #seen: Uint32Array;
  #open: number[] = [];
  #generation = 1;

  constructor(steps: Automaton) {
    this.#steps = steps;
    this.#seen = new Uint32Array(steps.length);
  }

  follow(step: number): void {
    if (this.#seen[step] === this.#generation) return;
    this.#seen[step] = this.#generation;
    this.#open.push(step);
  }

  /** Follows what takes no character; true at the end of the pattern. */
  closes(before: string, next: string): boolean {
    for (let at = 0; at < this.#open.length; at += 1) {
      const index = this.#open[at] as number;
      const step = this.#steps[index] as Step;
      if (step.op === 'end') return true;
      if (step.op === 'jump') this.follow(step.to);
      else if (step.op === 'fork') {
        this.follow(index + 1);
        this.follow(step.other);
      } else if (step.op === 'edge' && holds(step.edge, before, next)) this.follow(index + 1);
    }
    return false;
  }

  /** Over one character; gives how many steps were looked at. */
  consume(character: string): number {
    const open = this.#open;
    this.#open = [];
    this.#generation += 1;
    for (const index of open) {
      const step = this.#steps[index] as Step;
      if (step.op === 'character' && step.test(character)) this.follow(index + 1);
    }
    return open.length;
  }
}

function holds(edge: Edge, before: string, next: string): boolean {
  if (edge === 'start') return before === '';
  if (edge === 'end') return next === '';
  return (isWord(before) !== isWord(next)) === (edge === 'word');
}

const isWord = (character: string): boolean => /^\w$/.test(character);
