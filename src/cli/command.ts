/** What a command is: one row of the table that makes parsing, help and completion. */
import type { ExitStatus } from '../base/error-codes.ts';
import type { FeatureName } from '../workflow/features.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';

/** Headings of `whaleflow --help`, in this order; `hidden` is not listed. */
export const commandGroups = [
  'start',
  'watch',
  'steer',
  'results',
  'learn',
  'set up',
  'hidden',
] as const;

export type CommandGroup = (typeof commandGroups)[number];

export interface OptionSpec {
  /** `-a, --arg <KEY=VALUE>`, `--detach`, or `--mock[=FIXTURE]` for a value that is never the next word. */
  readonly flags: string;
  readonly summary: string;
  /** May be given more than once; read it with `input.list`. */
  readonly many?: true;
  /** Shown by `--help` only, not by `-h`. */
  readonly rare?: true;
}

export interface ArgumentSpec {
  /** As shown: `RUN`, `WORKFLOW`. */
  readonly name: string;
  readonly summary: string;
  /** `rest`: one or more, and none where `optional`. */
  readonly rest?: true;
  readonly optional?: true;
}

export type Format = 'table' | 'json' | 'jsonl' | 'yaml' | 'md' | 'mermaid' | 'dot';

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** A few words, lower case. */
  readonly summary: string;
  /** Paragraphs for `--help`. */
  readonly details?: readonly string[];
  readonly group: CommandGroup;
  /** It is there only where this feature is on. */
  readonly feature?: FeatureName;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Two at least for each listed command: what to type, and what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Formats beside `table` and `json`. */
  readonly formats?: readonly Format[];
  /** Top-level fields of its JSON: what `--json a,b` may pick. */
  readonly fields?: readonly string[];
  /** More of them, too many to be listed for people. */
  readonly moreFields?: readonly string[];
  /** Lists of records in its JSON, and their fields: `--json a,b` picks of them too. */
  readonly rows?: { readonly lists: readonly string[]; readonly fields: readonly string[] };
  /** The code of the command, loaded only when it runs. */
  readonly load: () => Promise<{ readonly run: RunCommand }>;
}

/** Does the work of a command. Expected failures are thrown as WhaleFlowError and printed once, in `main`. */
export type RunCommand = (context: CommandContext, input: CommandInput) => Promise<ExitStatus>;
