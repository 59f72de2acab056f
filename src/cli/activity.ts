/** When a leaf at work was last heard of, from near to worrying. */
import { slotOf } from '../trace/apply.ts';
import type { LiveRow } from '../trace/trace-store.ts';
import type { PlanNode } from '../workflow/plan.ts';
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

/** `active 2s ago · npm test`, `quiet 1m`, `⚠ no activity 5m · whaleflow retry …`. */
export function activityText(
  { kind, text, startedAt, lastActivityAt }: LiveRow,
  { now, isTool: isProcess, offer }: ActivityRequest,
): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const agoMs = Math.max(0, now - lastActivityAt);
  if (!isProcess && agoMs >= IDLE_LIMIT_MS) return `⚠ no activity ${ageText(agoMs)} · ${offer}`;
  const quiet = agoMs < QUIET_AFTER_MS ? `active ${ageText(agoMs)} ago` : `quiet ${ageText(agoMs)}`;
  const when = isProcess ? `process ${durationText(Math.max(0, now - startedAt))}` : quiet;
  return [when, kind, line].filter((part) => part !== '').join(' · ');
}

/** Leaves that are a process or work of ours, whose silence is no sign. */
export function isTool(plan: PlanNode): boolean {
  return plan.node.kind === 'leaf' && slotOf(plan) === 'command';
}
