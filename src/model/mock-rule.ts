import { matchesText } from '../base/glob.ts';
import type { Json } from '../base/json.ts';
import type { Tokens } from '../trace/usage.ts';
import type { FailureKind } from '../workflow/limits.ts';

/** One line of a fixture: which leaves it is for, and what they give. */
export interface MockRule {
  /** Text glob over node paths, with or without their iterations: `fix/test` also means `fix[2]/test`. */
  readonly path: string;
  /** Only in this iteration: the innermost number in brackets. */
  readonly iteration?: number;
  readonly attempt?: number;
  /** The text of the answer. */
  readonly answer?: string;
  /** The typed answer, or the output of any other leaf. */
  readonly json?: Json;
  /** Exit status of a command. */
  readonly exit?: number;
  readonly stdout?: string;
  readonly matches?: readonly MockMatch[];
  readonly fail?: { readonly kind: FailureKind; readonly message: string };
  readonly latencyMs?: number;
  readonly usage?: Partial<Tokens>;
  readonly costMicroUsd?: number;
}

interface MockMatch {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface MockFixture {
  readonly rules: readonly MockRule[];
}

export const EMPTY_FIXTURE: MockFixture = { rules: [] };

/** The first rule for an attempt of a leaf. */
export function mockRuleFor(
  fixture: MockFixture,
  { path, attempt }: { readonly path: string; readonly attempt: number },
): MockRule | undefined {
  const plain = path.replace(/\[[^\]]*\]/g, '');
  const iteration = innermostNumber(path);
  return fixture.rules.find(
    (rule) =>
      (rule.attempt === undefined || rule.attempt === attempt) &&
      (rule.iteration === undefined || rule.iteration === iteration) &&
      (matchesText(rule.path, path) || matchesText(rule.path, plain)),
  );
}

function innermostNumber(path: string): number | undefined {
  const numbers = Array.from(path.matchAll(/\[(\d+)\]/g), (match) => Number(match[1]));
  return numbers.at(-1);
}
