/** When a leaf at work was last heard of, from near to worrying. */
import { slotOf } from '../trace/apply.ts';
import type { LiveRow } from '../trace/trace-store.ts';
import { type WaitActivity, waitOf } from '../trace/wait-activity.ts';
import type { PlanNode } from '../workflow/plan.ts';
import { clockText } from './amounts.ts';
import { ageText, durationText } from './duration.ts';

const QUIET_AFTER_MS = 60_000;
/** From here on it is worth a look: longer than any pause of a healthy model. */
const IDLE_LIMIT_MS = 300_000;

export interface ActivityRequest {
  readonly now: number;
  /** A process runs: its clock is shown, and silence means nothing. */
  readonly isTool: boolean;
  /** What to type for one that has gone silent. */
  readonly offer: string;
}

/** `active 2s ago · npm test`, `quiet 1m`, `waits for lab until 10:03:12`, `⚠ no activity 5m · whaleflow retry …`. */
export function activityText(row: LiveRow, request: ActivityRequest): string {
  const wait = waitOf(row);
  if (wait !== undefined) return waitText(wait, request.now);
  const { kind, text, startedAt, lastActivityAt } = row;
  const { now, isTool: isProcess, offer } = request;
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const agoMs = Math.max(0, now - lastActivityAt);
  if (!isProcess && agoMs >= IDLE_LIMIT_MS) return `⚠ no activity ${ageText(agoMs)} · ${offer}`;
  const quiet = agoMs < QUIET_AFTER_MS ? `active ${ageText(agoMs)} ago` : `quiet ${ageText(agoMs)}`;
  const when = isProcess ? `process ${durationText(Math.max(0, now - startedAt))}` : quiet;
  const what =
    kind === 'tool' ? [toolText(line)] : [isProcess && kind === 'process' ? '' : kind, line];
  return [when, ...what].filter((part) => part !== '').join(' · ');
}

/** `run_command {"command":"npm test"}` is `run_command npm test`: what it works on says most. */
function toolText(line: string): string {
  const [name = '', ...rest] = line.split(' ');
  let input: unknown;
  try {
    input = JSON.parse(rest.join(' '));
  } catch {
    return line;
  }
  const { command, path, text } = (input ?? {}) as Readonly<Record<string, unknown>>;
  const object = [command, path, text].find((one) => typeof one === 'string');
  return typeof object === 'string' ? `${name} ${object}` : name;
}

/** `waits for lab until 10:03:12 · try 2 of 3: lab answered 429`. */
export function waitText({ for: what, untilMs, why }: WaitActivity, now: number): string {
  // What is over by the clock of the one who looks has not been said yet.
  const until = untilMs === undefined || untilMs <= now ? '' : ` until ${clockText(untilMs)}`;
  return `waits for ${what}${until}${why === undefined ? '' : ` · ${why}`}`;
}

/** Leaves that are a process or work of ours, whose silence is no sign. */
export function isTool(plan: PlanNode): boolean {
  return plan.node.kind === 'leaf' && slotOf(plan) === 'command';
}
