/** What can be typed about a run that failed: the leaf that did, doing it again, the file to edit. */
import type { AttemptView } from '../trace/attempt-view.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { RunView } from '../trace/run-view.ts';
import { BUILT_IN } from '../workbench/built-in-name.ts';
import { STDIN_NAME } from '../workbench/stdin-name.ts';
import { addressWord } from './address.ts';
import { shellWord } from './program-words.ts';

export function firstFailedLeaf(view: RunView): AttemptView | undefined {
  for (const entry of view.state.nodes.values()) {
    // Only those that failed, or may be tried again, are looked up: attempts of the rest stay unread.
    if (entry.plan.node.kind !== 'leaf' || !(entry.alive || entry.status === 'failed')) continue;
    const last = view.attempt(entry.path);
    if (last?.status === 'failed') return last;
  }
  return undefined;
}

/** `retry RUN/LEAF`; undefined for what conflicts, since the trees that it merges are as they were. */
export function retryWords(leaf: AttemptView | undefined, run: string): string | undefined {
  if (leaf === undefined || leaf.failure?.kind === 'merge_conflict') return undefined;
  return `retry ${addressWord(run, leaf.path)}`;
}

/**
 * What goes on with an edited workflow: a fork with its file, or first a copy of it where nobody can edit it,
 * from stdin or built in. Undefined where the run keeps no text of it, as those of libraries.
 */
export function editWords(
  { source }: RunRow,
  { state }: RunView,
  run: string,
): readonly [what: string, words: string] | undefined {
  const isFile = source !== undefined && source !== STDIN_NAME && !source.startsWith(BUILT_IN);
  if (isFile) return ['after an edit', `fork ${run} ${shellWord(source)}`];
  if (state.started?.source?.text === undefined) return undefined;
  return ['to edit it', `workflows save ${run}`];
}

/** Answers by a fixture: there is nothing to test. */
const MOCK = 'mock';

/** `providers test PROVIDER:MODEL` where the model, or the way to it, was what failed. */
export function providerWords(leaf: AttemptView | undefined): string | undefined {
  if (leaf?.failure?.kind !== 'provider') return undefined;
  const { provider, model } = leaf.route ?? { provider: MOCK, model: '' };
  return provider === MOCK ? undefined : `providers test ${shellWord(`${provider}:${model}`)}`;
}
