/**
 * What a model may do in the world while it works on a leaf: one small act each, with typed input and a
 * text for an answer. A tool never decides whether it may act; its world does.
 */
import { z } from 'zod';
import type { Failure } from '../trace/outcome.ts';
import type { JsonSchema } from '../workflow/limits.ts';
import type { TreeFiles } from './tree-files.ts';

export interface ToolWorld {
  readonly files: TreeFiles;
  /** Why a file may not be changed; undefined where it may. */
  writeRefusal(path: string): string | undefined;
  /** Runs a command line in the tree, as far as it is permitted. Never rejects. */
  runCommand(command: string, signal: AbortSignal): Promise<CommandAnswer>;
  /** Searches file contents for a text. Never rejects. */
  search(query: SearchWish, signal: AbortSignal): Promise<ToolAnswer>;
  /** What has changed since the leaf began, as a patch. */
  diff(signal: AbortSignal): Promise<string>;
}

export interface SearchWish {
  readonly text: string;
  /** Path globs; all files where empty. */
  readonly files: readonly string[];
}

export interface CommandAnswer extends ToolAnswer {
  /** Null when it was ended by a signal or could not start; undefined when it was refused. */
  readonly exitCode?: number | null;
  /** Only a person can say how to go on: the attempt ends. */
  readonly end?: Failure;
  /** What it printed beside its answer: for the record, not for the model. */
  readonly notes?: string;
}

export interface ToolAnswer {
  readonly text: string;
  /** The model should do something else; it is told, and may go on. */
  readonly isError: boolean;
  /** Repository paths of files that it may have changed, or `any`; none where absent. */
  readonly touched?: readonly string[] | 'any';
}

export interface Tool {
  readonly name: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  /** JSON Schema of its input. */
  readonly input: JsonSchema;
  /** Whether it can change files. */
  readonly changesFiles: boolean;
  /** Whether it may act on more than the tree: done again after a crash, it may be done twice. */
  readonly reachesOut: boolean;
  /** The server outside that has it, and the digest of its definition; absent for our own. */
  readonly from?: { readonly server: string; readonly definition: string };
  /** Why this is no input for it, for the model that gave it; undefined where it is. Pure. */
  misfit(input: unknown): string | undefined;
  /** Never rejects for what the model asked: input that does not fit is refused, saying where. */
  call(input: unknown, world: ToolWorld, signal: AbortSignal): Promise<CommandAnswer>;
}

export interface ToolParts<Input> {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly changesFiles: boolean;
  readonly reachesOut?: boolean;
  run(input: Input, world: ToolWorld, signal: AbortSignal): Promise<CommandAnswer>;
}

export function defineTool<Input>({
  input,
  run,
  reachesOut = false,
  ...parts
}: ToolParts<Input>): Tool {
  return {
    ...parts,
    reachesOut,
    input: toSchema(input),
    misfit(given) {
      const parsed = input.safeParse(given);
      return parsed.success ? undefined : problemsOf(parsed.error);
    },
    async call(given, world, signal) {
      const parsed = input.safeParse(given);
      if (!parsed.success) return refused(problemsOf(parsed.error));
      return run(parsed.data, world, signal);
    },
  };
}

/** As models are shown it. */
export function toSchema(input: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' });
  return schema as JsonSchema;
}

/** What is wrong with an input, for the model that gave it. */
export function problemsOf({ issues }: z.ZodError): string {
  const lines = issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  return `the input does not fit: ${lines.join('; ')}`;
}

/** What a tool answers at most, in bytes of UTF-8. */
const MAX_ANSWER_BYTES: number = 32 * 1024;

export const answered = (text: string): ToolAnswer => ({ text, isError: false });
export const refused = (text: string): ToolAnswer => ({ text, isError: true });

/** The beginning of a text, with a mark that says how much is missing. */
export function capped(text: string, maxBytes: number = MAX_ANSWER_BYTES): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const kept = new TextDecoder().decode(bytes.subarray(0, maxBytes)).replace(/\uFFFD$/, '');
  return `${kept}\n[… ${bytes.length - Buffer.byteLength(kept)} bytes left out …]`;
}
