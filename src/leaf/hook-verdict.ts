/**
 * What a hook has said: exit status 2 forbids with its stderr as the reason, 0 lets it be unless the JSON on
 * its stdout says otherwise, anything else is a hook that failed. The words of the JSON are those that people
 * know from other coding agents.
 */

import { isJsonObject, type Json } from '../base/json.ts';
import { printable } from '../base/printable.ts';
import type { ProcessReport, StreamOutput } from '../sandbox/sandbox.ts';
import type { Hook } from './hooks.ts';

export interface HookVerdict {
  /** `failed`: it said nothing that could be used, and that is not to matter. */
  readonly decision: 'allow' | 'block' | 'failed';
  readonly reason?: string;
}

const BLOCKS = 2;
const MAX_REASON_CHARACTERS = 2_000;

export function verdictOf(
  hook: Pick<Hook, 'onError' | 'timeoutMs'>,
  report: ProcessReport,
): HookVerdict {
  const { exitCode, spawnError, timedOut, signal, stdout, stderr } = report;
  if (spawnError !== undefined) return failed(hook, `it cannot be started: ${spawnError}`);
  if (timedOut) return failed(hook, `it took longer than ${hook.timeoutMs / 1000} s`);
  if (exitCode === BLOCKS) return block(textOf(stderr) || textOf(stdout));
  if (exitCode === 0) return spoken(textOf(stdout));
  const how = exitCode === null ? `was ended by ${signal}` : `ended with ${exitCode}`;
  const said = textOf(stderr);
  return failed(hook, `it ${how}${said === '' ? '' : `: ${said}`}`);
}

/** Only an objection is listened to: what is forbidden elsewhere stays so. */
function spoken(text: string): HookVerdict {
  const value = text.startsWith('{') ? parse(text) : undefined;
  if (!isJsonObject(value)) return { decision: 'allow' };
  const inner = value['hookSpecificOutput'];
  const decision = isJsonObject(inner) ? inner['permissionDecision'] : value['decision'];
  const why = isJsonObject(inner) ? inner['permissionDecisionReason'] : value['reason'];
  if (decision === 'block' || decision === 'deny') return block(typeof why === 'string' ? why : '');
  if (value['continue'] === false) {
    const stop = value['stopReason'];
    return block(typeof stop === 'string' ? stop : '');
  }
  return { decision: 'allow' };
}

const block = (reason: string): HookVerdict => ({
  decision: 'block',
  reason: short(reason) || 'it gave no reason',
});

/** It says nothing that could be used, or is not even asked. */
export function failed({ onError }: Pick<Hook, 'onError'>, why: string): HookVerdict {
  return { decision: onError === 'block' ? 'block' : 'failed', reason: short(why) };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const textOf = ({ head, tail }: StreamOutput): string =>
  new TextDecoder().decode(Buffer.concat([head, tail])).trim();

/** For models and people: printable, and no longer than anybody reads. */
function short(text: string): string {
  const plain = printable(text.toWellFormed().replace(/\s+/gu, ' ').trim());
  return plain.length <= MAX_REASON_CHARACTERS
    ? plain
    : `${plain.slice(0, MAX_REASON_CHARACTERS - 1).toWellFormed()}…`;
}
