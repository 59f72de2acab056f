/** The words and options of a command line, read with a check. */
import { WhaleFlowError } from '../base/errors.ts';
import { parseDuration } from './duration.ts';

export interface CommandInput {
  /** Arguments in order; those of a `rest` argument follow each other. */
  readonly words: readonly string[];
  /** Says whether an option without a value was given (`has('no-input')` for `--no-input`). */
  has(name: string): boolean;
  /** The value of an option; `''` for an attached value that was left out (`--mock`). */
  text(name: string): string | undefined;
  /** The values of an option that may be repeated. */
  list(name: string): readonly string[];
  /** @throws {WhaleFlowError} WF2002 for what is no integer of at least `least`. */
  integer(name: string, least: number): number | undefined;
  /** A count with an optional k, M or G behind it: `2M`. @throws {WhaleFlowError} WF2002. */
  amount(name: string): number | undefined;
  /** `90s 10m 2h 7d`, as milliseconds. @throws {WhaleFlowError} WF2002. */
  durationMs(name: string): number | undefined;
  /** Dollars, as integer micro-dollars. @throws {WhaleFlowError} WF2002. */
  microUsd(name: string): number | undefined;
}

/** `options`: long names as written (`max-usd`) → what was given. */
export function commandInput(
  words: readonly string[],
  options: ReadonlyMap<string, unknown>,
): CommandInput {
  const text = (name: string): string | undefined => {
    const value = options.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const parsed = (
    name: string,
    wanted: string,
    parse: (value: string) => number | undefined,
  ): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const number = parse(value);
    if (number !== undefined) return number;
    throw new WhaleFlowError('WF2002', `--${name} takes ${wanted}, not \`${value}\``);
  };
  return {
    words,
    has: (name) => options.has(name),
    text,
    list: (name) => (options.get(name) as readonly string[] | undefined) ?? [],
    integer: (name, least) =>
      parsed(name, `an integer of at least ${least}`, (value) =>
        /^\d{1,15}$/.test(value) && Number(value) >= least ? Number(value) : undefined,
      ),
    amount: (name) => parsed(name, 'a count like 500k or 2M', parseAmount),
    durationMs: (name) => parsed(name, 'a duration like 90s, 10m, 2h or 7d', parseDuration),
    microUsd: (name) => parsed(name, 'dollars like 0.50', parseMicroUsd),
  };
}

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

function parseAmount(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([kMG]?)$/.exec(text);
  const amount = Math.round(Number(match?.[1]) * (FACTORS[match?.[2] ?? ''] ?? 1));
  return Number.isSafeInteger(amount) && amount > 0 ? amount : undefined;
}

function parseMicroUsd(text: string): number | undefined {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return undefined;
  const amount = Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
  return amount > 0 ? amount : undefined;
}
