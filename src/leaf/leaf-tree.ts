/** The tree of a leaf, as its runner sees it. */
import type { KeptFiles } from '../trace/events.ts';
import { attemptAddress } from '../workflow/node-path.ts';
import { RefusedChange } from '../workspace/refused-change.ts';
import type { Tree, Workspace } from '../workspace/workspace.ts';
import { diskFullError } from './disk-full.ts';
import { listSome } from './failure.ts';
import type { LeafJob } from './leaf-job.ts';

export interface LeafTree {
  /** Absolute. */
  readonly root: string;
  /** False once somebody has deleted it: what was found in it since is worth nothing. */
  isThere(): Promise<boolean>;
  /** @throws {WhaleFlowError} WF7004 where its disk has no room: what failed says nothing of the leaf. */
  needsRoom(): Promise<void>;
  /** What the leaf has changed so far, as a patch. */
  peek(signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Keeps the files as they are now, so that the next attempt can go on from here. `paths`: all that can
   * have changed since the last time, in the repository; looked for where absent.
   */
  keep(paths: readonly string[] | undefined, signal: AbortSignal): Promise<KeptState>;
  /** Makes the leaf’s own files what they are in `to`, which are now what they are in `from`. */
  restore(from: string, to: string, signal: AbortSignal): Promise<void>;
}

/** `problem`: why what is there now cannot be handed over. */
export type KeptState = { readonly files: KeptFiles } | { readonly problem: string };

export function leafTree(
  { path, attempt, node }: LeafJob,
  { workspace, tree }: { readonly workspace: Workspace; readonly tree: Tree },
): LeafTree {
  const scope = node.fileScope === undefined ? {} : { scope: node.fileScope };
  const address = attemptAddress(path, attempt);
  return {
    root: tree.root,
    isThere: () => tree.isThere(),
    async needsRoom() {
      const folder = await workspace.fullDisk();
      if (folder !== undefined) throw diskFullError(folder);
    },
    /** Kept under a name of its own, since git forgets what nothing names. */
    async peek(signal) {
      const request = { name: `${address} so far`, ...scope };
      return (await workspace.preview(tree, request, signal)).patch;
    },
    async keep(paths, signal) {
      const request = { name: `${address} kept`, ...scope };
      try {
        const all = paths === undefined ? request : { ...request, paths };
        const { base, commit, outOfScope } = await workspace.keep(tree, all, signal);
        if (outOfScope.length === 0) return { files: { base, commit } };
        return { problem: `it changed files outside of its scope: ${listSome(outOfScope)}` };
      } catch (thrown) {
        if (thrown instanceof RefusedChange) return { problem: thrown.message };
        throw thrown;
      }
    },
    restore: (from, to, signal) => workspace.restore(tree, { from, to, ...scope }, signal),
  };
}
