/**
 * What a front end says about a source text. Every front end (JSON, YAML, Starlark) and the checks of
 * the IR collect these; one printer draws them.
 */

/** A place in a source text. Lines and columns count from 1; columns are UTF-16 units, as editors count. */
export interface Span {
  /** The path as it is to be shown to the author. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where the span ends (exclusive column); a point where absent. */
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** A step on the way to a problem: where a function was called, where the first definition stands. */
export interface RelatedPlace {
  readonly message: string;
  readonly span: Span;
}

export interface Diagnostic {
  /** `WF1xxx`; the row in `error-codes.ts` explains it. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Stands alone; lower case, no full stop. */
  readonly message: string;
  readonly span?: Span;
  /** Said under the caret. */
  readonly label?: string;
  readonly notes?: readonly string[];
  readonly related?: readonly RelatedPlace[];
  /** What to do next; `did you mean …?` among them. */
  readonly help?: string;
}
