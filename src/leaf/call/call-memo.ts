/**
 * The memo as the call chain sees it: one place to ask whether an equal request has been answered. The
 * chain records the outcome; what is shared with whom, and for how long, is the memo’s business.
 */
import type { MemoScope } from '../../workflow/limits.ts';
import type { ModelAnswer } from './model-answer.ts';

export interface MemoKey {
  readonly scope: MemoScope;
  readonly run: string;
  readonly path: string;
  /** Digest of the exact request. */
  readonly digest: string;
}

type MemoFound =
  | { readonly outcome: 'hit' | 'joined'; readonly answer: ModelAnswer }
  | {
      readonly outcome: 'miss' | 'bypass';
      /** Called once with what came of the call; undefined when nothing did. */
      readonly settle: (answer: ModelAnswer | undefined) => void;
    };

export interface CallMemo {
  /** Waits for an equal call in flight. Never rejects; an abort ends the waiting with a bypass. */
  find(key: MemoKey, signal: AbortSignal): Promise<MemoFound>;
}

/** What a call finds where there is no memo. */
export const NO_MEMO: MemoFound = { outcome: 'bypass', settle: () => {} };
