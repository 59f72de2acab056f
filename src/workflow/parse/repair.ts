/**
 * Leaves out what the schema refuses where that is possible, so that the checks can look at the rest
 * in the same go. What they then say about a node that was touched is not to be believed.
 */
import type { WorkflowDocument } from '../document.ts';
import type { Problem } from './problem.ts';
import { checkStructure, valueAt } from './structure.ts';

type Path = readonly (string | number)[];

export interface Repaired {
  readonly document: WorkflowDocument;
  readonly isTouched: (at: Path) => boolean;
}

const MAX_REPAIRS = 50;

export function repair(document: unknown, problems: readonly Problem[]): Repaired | undefined {
  if (problems.length > MAX_REPAIRS) return undefined;
  const copy: unknown = structuredClone(document);
  for (const { at, standIn } of problems) {
    if (standIn === undefined) remove(copy, at);
    else put(copy, standIn.at, standIn.value);
  }
  const again = checkStructure(copy);
  if ('problems' in again) return undefined;
  const touched = problems.map(({ at }) => ownerOf(document, at));
  return {
    document: again.document,
    isTouched: (at) => touched.some((owner) => same(owner, ownerOf(document, at))),
  };
}

/** Members of lists stay: taking one out would move the places of the others. */
function remove(document: unknown, at: Path): void {
  const holder = valueAt(document, at.slice(0, -1));
  const key = at.at(-1);
  if (typeof key === 'string' && typeof holder === 'object' && holder !== null)
    delete (holder as Record<string, unknown>)[key];
}

function put(document: unknown, at: Path, value: number): void {
  const holder = valueAt(document, at.slice(0, -1));
  if (typeof holder === 'object' && holder !== null)
    (holder as Record<string | number, unknown>)[at.at(-1) as string] = value;
}

/** The path of the node that a place belongs to. */
function ownerOf(document: unknown, at: Path): Path {
  for (let length = at.length; length > 0; length -= 1) {
    const path = at.slice(0, length);
    if (valueAt(document, [...path, 'kind']) !== undefined) return path;
  }
  return [];
}

const same = (a: Path, b: Path): boolean =>
  a.length === b.length && a.every((segment, index) => segment === b[index]);
