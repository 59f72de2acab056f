/**
 * What attempts of a leaf recorded before they were lost or broken off, for the attempt that goes on with
 * it: answers of models and results of tools in the order in which they were made. It ends where nothing
 * more is known for sure.
 */
import type { AttemptView, CallView, ToolView } from '../trace/attempt-view.ts';
import type { ContentRef } from '../trace/content.ts';
import type { KeptFiles } from '../trace/events.ts';
import type { LeafTask } from '../workflow/task.ts';

export interface PastAnswer {
  readonly kind: 'answer';
  readonly call: number;
  /** The request as it was made first, whoever answered in the end. */
  readonly request: ContentRef;
  readonly response: ContentRef;
}

export interface PastResult {
  readonly kind: 'result';
  readonly call: number;
  readonly index: number;
  readonly tool: string;
  readonly input: ContentRef;
  readonly output: ContentRef;
  readonly isError: boolean;
  readonly exitCode?: number | null;
  readonly files?: KeptFiles;
}

export type PastEntry = PastAnswer | PastResult;

/** Whether the work of a task can be gone on with: the work of other programs cannot. */
export function canContinue({ type }: Pick<LeafTask, 'type'>): boolean {
  return type === 'agent' || type === 'model';
}

/** The record that an attempt goes on with; empty where it begins anew. */
export function pastWork(attempts: readonly AttemptView[], attempt: number): readonly PastEntry[] {
  let entries: readonly Entry[] = [];
  for (const view of pastAttempts(attempts, attempt)) {
    const own = entriesOf(view);
    const [first] = own;
    // What it did itself stands in place of what came of that before.
    if (first !== undefined) entries = [...entries.filter((one) => isBefore(one, first)), ...own];
  }
  return upToKnownFiles(entries).flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
}

/** Answers and results among them. */
export function countWork(entries: readonly PastEntry[]): { calls: number; tools: number } {
  const calls = entries.filter(({ kind }) => kind === 'answer').length;
  return { calls, tools: entries.length - calls };
}

/** An entry at its place; none where a tool has no result that could be taken. */
interface Entry {
  readonly call: number;
  /** −1 for the answer of the call itself. */
  readonly index: number;
  readonly entry: PastEntry | undefined;
  /** Whether the files of the tree are known behind it; undefined where it left them alone. */
  readonly areFilesKnown?: boolean;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.call === other.call ? one.index < other.index : one.call < other.call;

/** The attempts right before one that were lost or broken off, oldest first: it goes on with their record. */
export function pastAttempts(
  attempts: readonly AttemptView[],
  attempt: number,
): readonly AttemptView[] {
  const before = attempts.filter((view) => view.attempt < attempt);
  const begin = before.findLastIndex(({ isOpen }) => !isOpen);
  return before.slice(begin + 1);
}

function entriesOf({ calls, tools }: AttemptView): readonly Entry[] {
  const numbers = [...new Set(calls.map(({ call }) => call))];
  const answers = numbers.flatMap((call) =>
    answerOf(
      call,
      calls.filter((one) => one.call === call),
    ),
  );
  const entries = [...answers, ...tools.flatMap(resultOf)];
  return entries.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
}

/** Nothing where nobody answered: then it is asked again. */
function answerOf(call: number, tries: readonly CallView[]): readonly Entry[] {
  const response = tries.find((one) => one.response !== undefined)?.response;
  const request = tries[0]?.request;
  if (response === undefined || request === undefined) return [];
  return [{ call, index: -1, entry: { kind: 'answer', call, request, response } }];
}

function resultOf(view: ToolView): readonly Entry[] {
  const { call, index, tool, input, output, isError = false, exitCode, files, failure } = view;
  if (call === undefined || index === undefined) return [];
  const place = { call, index };
  if (output === undefined) return [{ ...place, entry: undefined, areFilesKnown: false }];
  const exit = exitCode === undefined ? {} : { exitCode };
  const kept = files === undefined ? {} : { files };
  const entry = {
    kind: 'result',
    ...place,
    tool,
    input,
    output,
    isError,
    ...exit,
    ...kept,
  } as const;
  if (failure !== undefined) return [{ ...place, entry, areFilesKnown: false }];
  return [{ ...place, entry, ...(files === undefined ? {} : { areFilesKnown: true }) }];
}

/** The longest beginning after which the files of the tree are known. */
function upToKnownFiles(entries: readonly Entry[]): readonly Entry[] {
  const last = entries.findLastIndex(({ areFilesKnown }) => areFilesKnown !== undefined);
  if (last < 0 || entries[last]?.areFilesKnown === true) return entries;
  return upToKnownFiles(entries.slice(0, last));
}
