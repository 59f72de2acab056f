/**
 * A disk without room says nothing of the leaf that found it so: the attempt counts as none, the run stops,
 * and what the leaf has recorded is gone on with once there is room.
 */
import { WhaleFlowError } from '../base/errors.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { failure, messageOf } from './failure.ts';
import type { LeafEnd } from './leaf-end.ts';

const MAX_CAUSES = 8;
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'WF7004']);

export function diskFullError(folder: string): WhaleFlowError {
  return new WhaleFlowError('WF7004', `the disk of ${folder} is full`);
}

/** Whether this, or what caused it, was a disk without room. */
function isDiskFull(thrown: unknown): boolean {
  let cause = thrown;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth += 1) {
    if ('code' in cause && FULL.has(cause.code)) return true;
    cause = cause.cause;
  }
  return false;
}

/** What marks an end that `thrown` led to, where that was a disk without room. */
export function stopOf(thrown: unknown): { readonly stop?: 'disk_full' } {
  return isDiskFull(thrown) ? { stop: 'disk_full' } : {};
}

/** A failure beside a disk without room is taken for one of the disk, whatever it says of itself. */
export async function unlessDiskFull(end: LeafEnd, workspace: Workspace): Promise<LeafEnd> {
  const { result, short, stop } = end;
  const isOther = short !== undefined || (stop !== undefined && stop !== 'disk_full');
  if (result.status !== 'failed' || isOther) return end;
  const { message } = result.failure;
  const folder = await workspace.fullDisk();
  if (folder === undefined) return stop === undefined ? end : asStop(message);
  const why = messageOf(diskFullError(folder));
  return asStop(message.startsWith(why) ? message : `${why}: ${message}`);
}

/** What the attempt leaves is not kept: it begins again from where its record stands. */
const asStop = (message: string): LeafEnd => ({
  result: { status: 'failed', failure: failure('sandbox', message) },
  stop: 'disk_full',
});
