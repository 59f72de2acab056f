import type { Json } from '../base/json.ts';
import type { FailureKind } from '../workflow/limits.ts';

/** Why a node did not succeed. */
export interface Failure {
  readonly kind: FailureKind;
  /** Lower case, one line, printable. */
  readonly message: string;
}

/**
 * What a control node gives: other nodes’ outputs by reference (paths), or a value that `decide` made
 * itself. Leaf outputs stand in their `leaf.finished`.
 */
export type OutputRef =
  | { readonly type: 'none' }
  | { readonly type: 'node'; readonly path: string }
  /** In order; a null path is an entry without output. */
  | { readonly type: 'list'; readonly items: readonly (string | null)[] }
  | { readonly type: 'record'; readonly entries: Readonly<Record<string, string>> }
  /**
   * A value, with outputs of nodes put in at `parts` (field → path), and as `fruit` the list of what
   * these leaves handed over besides their outputs.
   */
  | {
      readonly type: 'value';
      readonly value: Json;
      readonly parts?: Readonly<Record<string, string>>;
      readonly fruit?: readonly string[];
    };

/** How a node ended. */
export type Outcome =
  | { readonly status: 'succeeded' | 'degraded'; readonly output: OutputRef }
  | { readonly status: 'failed'; readonly failure: Failure; readonly output?: OutputRef }
  | { readonly status: 'skipped'; readonly because: SkipReason }
  | { readonly status: 'cancelled'; readonly by: CancelReason };

export type SkipReason = 'input' | 'stopped' | 'person';
export type CancelReason = 'person' | 'sibling' | 'parent' | 'budget';
/** Why an attempt was broken off; a leaf that is skipped in flight ends as skipped, not as cancelled. */
export type AbortReason = CancelReason | 'skip';
