import { printable } from '../base/printable.ts';
import type { Failure } from '../trace/outcome.ts';
import type { FailureKind } from '../workflow/limits.ts';

const MAX_MESSAGE_CHARACTERS = 500;

/** A failure whose message is one printable line, whatever text of the world went into it. */
export function failure(kind: FailureKind, message: string): Failure {
  return { kind, message: oneLine(message) };
}

/** What an unknown thrown value says, for people. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Lists at most `shown` names, and says how many more there are. */
export function listSome(names: readonly string[], shown = 5): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function oneLine(text: string): string {
  const line = printable(text.toWellFormed().replace(/\s+/gu, ' ').trim());
  return line.length <= MAX_MESSAGE_CHARACTERS
    ? line
    : `${line.slice(0, MAX_MESSAGE_CHARACTERS - 1).toWellFormed()}…`;
}
