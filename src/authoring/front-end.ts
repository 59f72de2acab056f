/**
 * A front end reads one language into the authored form; the gate does the rest. It checks only what
 * belongs to its language (syntax, sizes, keys) and remembers where things stand.
 */
import type { Diagnostic, RelatedPlace } from '../base/diagnostic.ts';
import type { SourceFile } from '../trace/run-terms.ts';
import type { Locate } from '../workflow/parse-workflow.ts';

export interface SourceInput {
  /** As it is shown to the author; relative to the workflow folder’s root. */
  readonly file: string;
  readonly text: string;
  /** Texts of other files by path; undefined where there is none. */
  readonly sources: Sources;
  readonly effort?: Effort;
}

/** `small`: what the files that people write take, at most some tens of milliseconds. */
export type Effort = 'small' | 'full';

/** A file took more than a small effort: it means nothing yet, and has to be read with a full one. */
export class Outgrown extends Error {}

export type Sources = (path: string) => string | undefined;

export type FrontEndResult =
  | {
      readonly document: unknown;
      readonly locate: Locate;
      /** Files that were read on the way: path → text. */
      readonly loads?: ReadonlyMap<string, string>;
      /** Warnings, and errors beside which the rest is still worth a check. */
      readonly problems?: readonly Diagnostic[];
      /** What the file itself has to say: what its program printed. */
      readonly notes?: readonly RelatedPlace[];
      /** Adds what only the front end knows about a place that it gave: who called there. */
      readonly explain?: (diagnostic: Diagnostic) => Diagnostic;
    }
  | { readonly diagnostics: readonly Diagnostic[] };

export interface FrontEnd {
  readonly language: SourceFile['language'];
  /** With the dot, lower case. */
  readonly extensions: readonly string[];
  /** Never throws for what stands in a file. */
  read(input: SourceInput): FrontEndResult;
  /** What the gate says, with fields named as this language names them; as it is where absent. */
  readonly words?: (text: string) => string;
}

export const MAX_SOURCE_BYTES = 1_048_576;

/** The limit that holds for every language, before anything reads the text. */
export function tooLarge({ file, text }: SourceInput): Diagnostic | undefined {
  if (text.length <= MAX_SOURCE_BYTES && Buffer.byteLength(text) <= MAX_SOURCE_BYTES)
    return undefined;
  return {
    code: 'WF1006',
    severity: 'error',
    message: `the file is larger than ${MAX_SOURCE_BYTES / 1_048_576} MiB`,
    span: { file, line: 1, column: 1 },
  };
}
