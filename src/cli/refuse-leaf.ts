import { WhaleFlowError } from '../base/errors.ts';
import type { Address } from '../workbench/find-run.ts';

/** @throws {WhaleFlowError} WF2002 when an address names a leaf and the command is about runs. */
export function refuseLeaf({ row, path }: Address, command: string): void {
  if (path === undefined) return;
  throw new WhaleFlowError('WF2002', `${command} takes a whole run, not ${row.run}/${path}`, {
    hint: `whaleflow ${command} ${row.run}`,
  });
}
