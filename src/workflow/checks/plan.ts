/** What the checks look at, and how they look things up. */
import { suggestion } from '../../base/did-you-mean.ts';
import type { DocumentPath, Draft, Entry } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';

export interface Plan extends Draft {
  /** By id; of duplicates the first. */
  readonly byId: ReadonlyMap<string, Entry>;
  /** Looks for the id that was meant; only for the first few slips, since each look costs. */
  readonly suggestId: (word: string) => string | undefined;
}

const MAX_SUGGESTIONS = 40;

/** Looks at a whole plan and says all that it finds. */
export type Check = (plan: Plan) => readonly Problem[];

export function toPlan(draft: Draft): Plan {
  const byId = new Map<string, Entry>();
  for (const entry of draft.entries) if (!byId.has(entry.node.id)) byId.set(entry.node.id, entry);
  let left = MAX_SUGGESTIONS;
  const suggestId = (word: string): string | undefined => {
    left -= 1;
    return left < 0 ? undefined : suggestion(word, byId.keys());
  };
  return { ...draft, byId, suggestId };
}

/** The entry and those above it, innermost first. */
export function* around(entry: Entry | undefined): Generator<Entry> {
  for (let next = entry; next !== undefined; next = next.parent) yield next;
}

export function below(at: DocumentPath, ...path: readonly (string | number)[]): DocumentPath {
  return [...at, ...path];
}

/** `leaf \`scan\``: how messages name a node. */
export function named(entry: Entry): string {
  return `\`${entry.node.id}\``;
}
