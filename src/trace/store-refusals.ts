/** What every store says in the same words when it refuses; the codes are the contract. */
import { WhaleFlowError } from '../base/errors.ts';
import type { Lease } from './trace-store.ts';

export function noSuchRun(run: string): WhaleFlowError {
  return new WhaleFlowError('WF2004', `no run "${run}" in the store`, {
    hint: '`whaleflow ls` lists the runs',
  });
}

export function runExists(run: string): WhaleFlowError {
  return new WhaleFlowError('WF7008', `run "${run}" exists already`);
}

export function fenced(run: string, epoch: number, current: Lease | undefined): WhaleFlowError {
  const now = current === undefined ? 'released' : `epoch ${current.epoch}`;
  return new WhaleFlowError(
    'WF7006',
    `epoch ${epoch} no longer drives run "${run}": its lease is now ${now}`,
  );
}

export function movedOn(run: string, after: number, last: number): WhaleFlowError {
  return new WhaleFlowError(
    'WF7008',
    `run "${run}" ends at seq ${last}, the append expected ${after}`,
  );
}

export function commandGone(run: string, id: number): WhaleFlowError {
  return new WhaleFlowError('WF7008', `command ${id} of run "${run}" has been consumed before`);
}

export function isDriven(lease: Lease): WhaleFlowError {
  return new WhaleFlowError(
    'WF5005',
    `run "${lease.run}" is driven by process ${lease.pid} on ${lease.host}`,
    { hint: `follow it with \`whaleflow watch ${lease.run}\`` },
  );
}

export function damagedEvent(run: string, seq: number, cause: unknown): WhaleFlowError {
  return new WhaleFlowError('WF5003', `event ${seq} of run "${run}" is damaged`, {
    hint: '`whaleflow verify` lists every damaged event',
    cause,
  });
}

export function damagedContent(digest: string, cause?: unknown): WhaleFlowError {
  return new WhaleFlowError('WF5003', `content ${digest} is damaged or missing`, {
    hint: '`whaleflow verify` lists every damaged content',
    cause,
  });
}

export function wrongDigest(digest: string): WhaleFlowError {
  return new WhaleFlowError('WF9001', `a content was given under the wrong digest ${digest}`);
}
