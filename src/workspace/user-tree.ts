/**
 * The user's own folder: the only port that changes it, and only when a person says so. What it does can be
 * undone exactly, bytes and modes, also after a crash in the middle; the index, HEAD and branches stay as
 * they are.
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
}

export interface ApplyPlan {
  /** What will be written. */
  readonly files: readonly ChangedFile[];
  /** Paths that are as they should be already. */
  readonly done: readonly string[];
  /** Paths that the change and the user have both changed. Nothing is written while there are any. */
  readonly conflicts: readonly string[];
}

export interface Applied extends ApplyPlan {
  /** Names it for `undo`; absent when nothing was written. */
  readonly id?: string;
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
}

export type BranchMade =
  | { readonly commit: string; readonly files: readonly ChangedFile[] }
  | { readonly conflicts: readonly string[] };

export interface UserTree {
  /** @throws {WhaleFlowError} WF6001, WF6003. Changes nothing. */
  plan(request: ApplyRequest): Promise<ApplyPlan>;
  /** @throws {WhaleFlowError} WF6001, WF6003, WF7004 (what was written is put back). */
  apply(request: ApplyRequest): Promise<Applied>;
  /** Oldest first. */
  records(): readonly AppliedRecord[];
  /** @throws {WhaleFlowError} WF2006 for an id that is not there. */
  undo(id: string): Undone;
  /** Makes a branch with the change as one commit; no file is touched. @throws {WhaleFlowError} WF6003. */
  branch(request: BranchRequest): Promise<BranchMade>;
}
