/**
 * The user's own folder: the only port that changes it, and only when a person says so. What it does can be
 * undone exactly, bytes and modes, also after a crash in the middle; the index, HEAD and branches stay as
 * they are, but where a commit is asked for.
 */
import type { ChangedFile } from './workspace.ts';

/** The difference between two commits that the object store has. */
export interface Change {
  readonly from: string;
  readonly to: string;
}

export interface ApplyRequest {
  readonly change: Change;
  /** `threeWay`: files that the user has changed meanwhile are merged, where that goes without conflict. */
  readonly how: 'exact' | 'threeWay';
  readonly run: string;
  /** Commit it too, onto HEAD, in the user's name. */
  readonly commit?: { readonly message: string };
}

/** A commit that is, or would be made. */
export interface PlannedCommit {
  /** Absent where HEAD is detached. */
  readonly branch?: string;
  /** The user's git would sign it; nothing of ours does. */
  readonly lacksSignature: boolean;
}

export interface ApplyPlan {
  /** What will be written. */
  readonly files: readonly ChangedFile[];
  /** Paths that are as they should be already. */
  readonly done: readonly string[];
  /** Paths that the change and the user have both changed. Nothing is written while there are any. */
  readonly conflicts: readonly string[];
  /** Where one was asked for, and there is something to commit. */
  readonly commit?: PlannedCommit;
}

export interface Applied extends ApplyPlan {
  /** Names it for `undo`; absent when nothing was written. */
  readonly id?: string;
  /** Name of the commit that was made. */
  readonly made?: string;
}

export interface AppliedRecord {
  readonly id: string;
  readonly run: string;
  /** `writing`: a crash came in between; it can be undone all the same. */
  readonly state: 'writing' | 'applied' | 'undone';
  readonly files: readonly string[];
}

export interface Undone {
  readonly id: string;
  readonly files: readonly string[];
  /** Files that were changed since. Nothing was put back while there are any. */
  readonly conflicts: readonly string[];
}

export interface BranchRequest {
  readonly change: Change;
  readonly run: string;
  /** The commit that the branch goes on from. */
  readonly onto: string;
  readonly name: string;
  readonly message: string;
  /** In the user's name, not in ours. */
  readonly isUsers?: boolean;
  /** Only said, not made. */
  readonly isCheck?: boolean;
}

export type BranchMade =
  | { readonly commit: string; readonly files: readonly ChangedFile[] }
  | { readonly conflicts: readonly string[] };

export interface UserTree {
  /** @throws {WhaleFlowError} WF6001, WF6003, WF6010. Changes nothing. */
  plan(request: ApplyRequest): Promise<ApplyPlan>;
  /**
   * All of it or nothing. What a kill left of an apply with a commit is finished or taken back first.
   * @throws {WhaleFlowError} WF6001, WF6003, WF7004 (what was written is put back), WF6010.
   */
  apply(request: ApplyRequest): Promise<Applied>;
  /** Finishes or takes back what killed applies with a commit have left; no other is touched. */
  settle(): Promise<void>;
  /** Oldest first. */
  records(): readonly AppliedRecord[];
  /**
   * Its commit goes too, while it is HEAD.
   * @throws {WhaleFlowError} WF2006 for an id that is not there; WF6007 where its commit is HEAD no more;
   * WF6010 while something else is at work on the index.
   */
  undo(id: string): Promise<Undone>;
  /** Makes a branch with the change as one commit; no file is touched. @throws {WhaleFlowError} WF6003, WF6010. */
  branch(request: BranchRequest): Promise<BranchMade>;
}
