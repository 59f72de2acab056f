/** Questions that wait, for `approvals`, `status` and `show`. */
import type { JsonObject } from '../base/json.ts';
import type { Approval } from '../workbench/approvals.ts';
import { addressText } from './address.ts';
import { timeJson } from './amounts.ts';
import type { CommandContext } from './context.ts';
import { ageText, durationText } from './duration.ts';
import { type Column, tableText } from './table-text.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ID', least: 12 },
  { title: 'WORKFLOW', least: 10, dropped: 2 },
  { title: 'AGE', side: 'right', dropped: 1 },
  { title: 'ENDS IN', side: 'right', dropped: 3 },
  { title: 'QUESTION', least: 16 },
];

export function approvalTable(
  { output, flags }: CommandContext,
  approvals: readonly Approval[],
  { short, now }: { readonly short: (run: string) => string; readonly now: number },
): readonly string[] {
  const rows = approvals.map(({ run, path, workflow, message, askedAt, timeoutAt }) => [
    { text: addressText(short(run), path), paint: 'bold' } as const,
    { text: workflow },
    { text: ageText(now - askedAt) },
    { text: timeoutAt === undefined ? '–' : durationText(Math.max(0, timeoutAt - now)) },
    { text: message },
  ]);
  const { style, columns } = output;
  return tableText(COLUMNS, rows, { style, width: columns, isPlain: flags.plain });
}

export function approvalJson(approval: Approval): JsonObject {
  const { run, path, workflow, message, askedAt, timeoutAt, isInLeaf } = approval;
  return {
    id: `${run}/${path}`,
    run,
    path,
    workflow,
    message,
    asked_at: timeJson(askedAt),
    timeout_at: timeoutAt === undefined ? null : timeJson(timeoutAt),
    in_leaf: isInLeaf,
  };
}
