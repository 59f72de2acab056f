import type { Json } from '../base/json.ts';

/** Points at what another node gave. */
export interface Reference {
  /** Id of the node, as written. */
  readonly node: string;
  /** Dotted path into its output (`scores.total`, `items.0`); the whole output where absent. */
  readonly field?: string;
  /** The last iteration’s instead of this one’s; absent in the first. */
  readonly previous?: boolean;
}

/** A named input of a leaf. */
export interface InputReference extends Reference {
  /** A failed or skipped source does not skip the leaf; it then gets what is there, or null. */
  readonly optional?: boolean;
  /** Set by the parser only: the digest of the finished subtree instead of its output. */
  readonly as?: 'subtree';
}

/** Named inputs, in the order as written. */
export type Inputs = Readonly<Record<string, InputReference>>;

/** A condition as data; evaluated without reading anything but recorded values. */
export type Predicate =
  | { readonly op: 'succeeded' | 'failed'; readonly node: string; readonly previous?: boolean }
  | ({ readonly op: 'equals'; readonly value: Json } & Reference)
  | ({ readonly op: 'at_least' | 'at_most'; readonly value: number } & Reference)
  | { readonly op: 'all_of' | 'any_of'; readonly of: readonly Predicate[] }
  | { readonly op: 'negate'; readonly of: Predicate };
