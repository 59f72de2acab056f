/**
 * What a leaf did to its tree. A leaf that may write hands over what it changed, even when it failed:
 * the engine decides whether the tree moves. What a read-only leaf changed (build outputs) goes to
 * nobody: the workspace resets it when the tree is next opened.
 */

import type { TreeRef } from '../trace/events.ts';
import type { Failure } from '../trace/outcome.ts';
import { attemptAddress } from '../workflow/node-path.ts';
import { RefusedChange } from '../workspace/refused-change.ts';
import type { Tree, Workspace } from '../workspace/workspace.ts';
import { failure, listSome } from './failure.ts';
import type { LeafEnd } from './leaf-end.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafJob } from './leaf-job.ts';
import { keepPatch } from './patch-ref.ts';

export interface TreePlace {
  readonly workspace: Workspace;
  readonly host: LeafHost;
  readonly tree: Tree | undefined;
}

export interface TreeEnd {
  readonly refs: Pick<LeafEnd, 'tree' | 'patch'>;
  readonly failure?: Failure;
}

/** `commit`: one that the runner made itself. @throws what the workspace throws. */
export async function leaveTree(
  job: LeafJob,
  place: TreePlace,
  commit: string | undefined,
): Promise<TreeEnd> {
  if (job.tree === undefined) return { refs: {} };
  if (commit !== undefined) return merged(job.tree, place, commit);
  if (place.tree === undefined || job.node.mode === 'read_only') return { refs: {} };
  const { fileScope } = job.node;
  const request = {
    name: attemptAddress(job.path, job.attempt),
    ...(fileScope === undefined ? {} : { scope: fileScope }),
  };
  const captured = await place.workspace.capture(place.tree, request).catch(refusedOnly);
  if (captured instanceof RefusedChange) {
    return { refs: {}, failure: failure('permission', captured.message) };
  }
  const { commit: left, patch, outOfScope } = captured;
  const refs = toRefs(job.tree, left, patch, place.host);
  if (outOfScope.length === 0) return { refs };
  const message = `changed files outside of its scope: ${listSome(outOfScope)}`;
  return { refs, failure: failure('permission', message) };
}

/** What the leaf made is its own failure; anything else is not. */
function refusedOnly(thrown: unknown): RefusedChange {
  if (thrown instanceof RefusedChange) return thrown;
  throw thrown;
}

async function merged(from: TreeRef, place: TreePlace, commit: string): Promise<TreeEnd> {
  const patch = await place.workspace.diff(from.commit, commit);
  return { refs: toRefs(from, commit, patch, place.host) };
}

function toRefs(from: TreeRef, commit: string, patch: Uint8Array, host: LeafHost): TreeEnd['refs'] {
  const tree = { key: from.key, commit };
  return patch.length === 0 ? { tree } : { tree, patch: keepPatch(host, patch) };
}
