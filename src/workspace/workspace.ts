/**
 * Trees: what files a leaf sees. A workspace keeps one git worktree per tree of a run, each at a commit
 * that the trace names, so that any tree can be made again from the trace alone. It decides nothing:
 * which tree a leaf gets, and from which commit, is the engine's decision. It never touches the user's
 * folder, index, HEAD or branches.
 */

/** What a run starts from; pinned under `refs/whaleflow/RUN/base`. */
export interface BaseSnapshot {
  /**
   * Commit that holds HEAD plus, if wanted, tracked and untracked uncommitted work; HEAD itself when there
   * is none. 40 hex (64 in a SHA-256 repository), `''` without git.
   */
  readonly commit: string;
  /** The commit of HEAD (or of the given ref). */
  readonly head: string;
  /** Branch name, absent when detached. */
  readonly branch?: string;
  /** Number of uncommitted paths that are in `commit`. */
  readonly uncommitted: number;
}

export interface BaseRequest {
  readonly run: string;
  /** Take this commit-ish and leave uncommitted work out. */
  readonly ref?: string;
}

/** Names a tree of a run: `''` is the run tree, otherwise the path of the node that isolates. */
export type TreeKey = string;

export interface TreeRequest {
  readonly run: string;
  readonly tree: TreeKey;
  /** The commit that the trace says this tree stands at. */
  readonly commit: string;
  /**
   * Globs of repository paths that this leaf may change; all when absent, none when empty (read-only). A
   * capture by another leaf of the same tree leaves changes alone that lie in here.
   */
  readonly scope?: readonly string[];
}

/** A checked-out tree, held by one leaf. Several leaves may hold the same tree at once. */
export interface Tree {
  /** Absolute path of the checkout's root. */
  readonly root: string;
  /** The commit it stood at when it was opened (or, when others hold it too, stands at). */
  readonly commit: string;
  /** False once somebody has deleted the checkout: nothing that was done in it can be had any more. */
  isThere(): Promise<boolean>;
  /** Gives the tree back; the checkout stays until `retire`. Idempotent. */
  release(): Promise<void>;
}

export interface CaptureRequest {
  /** Globs of repository paths that count as the leaf's own, dot files included; all when absent. */
  readonly scope?: readonly string[];
  /**
   * Commit message, and name of the ref that keeps the commit: `refs/whaleflow/RUN/HASH`, HASH = 16 hex of
   * sha256(name). Unique in the run: the last commit of a name wins.
   */
  readonly name: string;
}

export interface ChangedFile {
  /** Repository path; a name that isn't UTF-8 is in git's quoted form, `"caf\351"`. */
  readonly path: string;
  /** added · modified · deleted · mode or type changed; a rename is a deletion and an addition. */
  readonly change: 'A' | 'M' | 'D' | 'T';
}

export interface Capture {
  /** The new commit, or the old one when nothing changed. */
  readonly commit: string;
  readonly files: readonly ChangedFile[];
  /** Binary-safe unified diff (`git diff --binary --full-index`); empty when nothing changed. */
  readonly patch: Uint8Array;
  /** Changed paths outside of `scope`; they were put back and are in no commit. */
  readonly outOfScope: readonly string[];
}

export type Preview = Pick<Capture, 'commit' | 'patch'>;

/** Where a leaf had come to: what differs between the two commits. Equal where it had changed nothing. */
export interface KeptFiles {
  /** Where the tree stood when its files were first kept. */
  readonly base: string;
  readonly commit: string;
}

export interface KeepRequest extends CaptureRequest {
  /** Repository paths: all that can have changed since the last time; looked for where absent. */
  readonly paths?: readonly string[];
}

export interface Kept extends KeptFiles {
  /** Changed paths outside of `scope`; they are in no commit, and stay as they are. */
  readonly outOfScope: readonly string[];
}

export interface RestoreRequest {
  /** The commit that the leaf’s own files are like now, as far as the two differ. */
  readonly from: string;
  /** The commit that they are to be like. */
  readonly to: string;
  /** Globs of what is the leaf’s own, as in `CaptureRequest`. */
  readonly scope?: readonly string[];
}

export interface MergeRequest {
  readonly run: string;
  /** Where the enclosing tree stands. */
  readonly into: string;
  /** Commits to merge, one after the other, each against `base`. */
  readonly sources: readonly { readonly name: string; readonly commit: string }[];
  /** The commit that every source was forked from. */
  readonly base: string;
  /** Message, and name of the ref that keeps the result, as in `CaptureRequest`. */
  readonly name: string;
}

export type MergeResult =
  | { readonly status: 'merged'; readonly commit: string }
  | {
      readonly status: 'conflict';
      /** A commit whose files hold conflict markers, for a leaf that resolves them. */
      readonly commit: string;
      readonly conflicts: readonly { readonly path: string; readonly source: string }[];
    };

export interface GraftRequest {
  readonly run: string;
  /** The commit that gets the files. */
  readonly onto: string;
  /** The commit that has them. */
  readonly from: string;
  /** As `changes` names them; those that are the same in both commits change nothing. */
  readonly paths: readonly string[];
  /** Message, and name of the ref that keeps the result, as in `CaptureRequest`. */
  readonly name: string;
}

export interface Workspace {
  /**
   * `none`: a folder without git. Its one tree is the folder itself, at the commit `''`; the caller lets only
   * leaves in that write nothing. `capture` finds no changes; `merge`, `graft`, `changes` and `diff` reject with WF6001.
   */
  readonly kind: 'git' | 'none';
  /**
   * Takes and pins the base of a run. Called once a run.
   * @throws {WhaleFlowError} WF6001 no repository, WF6002 no commit yet, WF6003 git failed.
   */
  base(request: BaseRequest, signal?: AbortSignal): Promise<BaseSnapshot>;
  /**
   * Opens a tree at a commit: makes, takes from the pool or resets a checkout. What was not captured is
   * gone then; ignored files (installed packages) stay as long as it is the same tree of the same run. When
   * another leaf holds the tree now, its files are left as they are; but where only leaves hold it whose
   * `signal` has been aborted since, they keep that checkout to themselves until they let go, and another
   * one is made: what an aborted leaf still writes is in no other leaf's files.
   * @throws {WhaleFlowError} WF6001, WF6003.
   */
  open(request: TreeRequest, signal?: AbortSignal): Promise<Tree>;
  /**
   * Commits what changed in a tree since it last stood at a commit, ignored files aside; serialised per
   * tree. A failed or aborted capture leaves the files as they are, and can be tried again.
   * @throws {WhaleFlowError} WF6003 git failed, or the change holds what would act outside of the tree
   * (a repository, `.git` in any spelling, a symlink that leaves it, a hard link): a failure of the leaf.
   */
  capture(tree: Tree, request: CaptureRequest, signal?: AbortSignal): Promise<Capture>;
  /**
   * What a capture would hold now, with a commit that is kept under `request.name`; the tree stays where it
   * stands, and paths out of scope are left alone.
   * @throws {WhaleFlowError} as `capture`.
   */
  preview(tree: Tree, request: CaptureRequest, signal?: AbortSignal): Promise<Preview>;
  /**
   * Keeps the files of a tree as they are in the middle of the work of a leaf, ignored files aside; the tree
   * stays where it stands. Each commit is the parent of the next, so that the ref keeps all of them. Costs
   * what has changed since the last time, and a look at all files where `paths` is absent.
   * @throws {WhaleFlowError} as `capture`.
   */
  keep(tree: Tree, request: KeepRequest, signal?: AbortSignal): Promise<Kept>;
  /**
   * Writes the files in which two commits differ as they are in the later one; the tree stays where it
   * stands, so that a capture finds them changed.
   * @throws {WhaleFlowError} WF6003, before any file is touched where a commit is not there.
   */
  restore(tree: Tree, request: RestoreRequest, signal?: AbortSignal): Promise<void>;
  /** Merges commits without a checkout (`git merge-tree`). Never rejects for a conflict. */
  merge(request: MergeRequest, signal?: AbortSignal): Promise<MergeResult>;
  /**
   * Makes a commit that is `onto` with some files as they are in `from` (gone, where they are gone there),
   * without a checkout; `onto` itself when nothing differs.
   * @throws {WhaleFlowError} WF6001, WF6003 also where a file would have to take the place of a folder.
   */
  graft(request: GraftRequest, signal?: AbortSignal): Promise<string>;
  /** Files that differ between two commits, sorted by path. */
  changes(from: string, to: string, signal?: AbortSignal): Promise<readonly ChangedFile[]>;
  /** Patch between two commits, as `Capture.patch`. */
  diff(from: string, to: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** A folder whose disk has no room for trees or their commits; undefined where there is. Never rejects. */
  fullDisk(): Promise<string | undefined>;
  /**
   * Gives the checkouts of a run back to the pool, held or not; but one that an aborted leaf still holds is
   * removed when it is let go, or by another process when this one has ended. Refs stay, so every commit can
   * be had again. Idempotent.
   */
  retire(run: string): Promise<void>;
  /**
   * Retires a run for good and removes its refs: git may collect its commits from then on. Idempotent.
   * @throws {WhaleFlowError} WF6001, WF6003.
   */
  forget(run: string): Promise<void>;
}
