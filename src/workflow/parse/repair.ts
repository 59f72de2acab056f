/**
 * Leaves out what the schema refuses, or puts an empty leaf where a node cannot be mended, so that the
 * checks can look at the rest in the same go. What they then say about a node that was touched, or of one
 * that is gone, is not to be believed.
 */
import { isJsonObject } from '../../base/json.ts';
import type { WorkflowDocument } from '../document.ts';
import type { Problem } from './problem.ts';
import { checkStructure, type Misfitting } from './structure.ts';
import { ownerOf, valueAt } from './values.ts';

type Path = readonly (string | number)[];

export interface Repaired {
  readonly document: WorkflowDocument;
  /** The problem is one of what was repaired, not of what the author wrote. */
  readonly isOurs: (problem: Problem) => boolean;
}

/** No such node; a candidate that is named twice. */
const OF_REFERENCES: ReadonlySet<string> = new Set(['WF1202', 'WF1307']);
const MAX_REPAIRS = 50;
/** A node that is replaced may stand in one that has to be, too. */
const MAX_ROUNDS = 4;

export function repair({ read, open, problems, readings }: Misfitting): Repaired | undefined {
  if (problems.length > MAX_REPAIRS) return undefined;
  const copy: unknown = structuredClone(read);
  for (const { at, standIn } of open) {
    if (standIn === undefined) remove(copy, at);
    else put(copy, standIn.at, standIn.value);
  }
  const replaced: Path[] = [];
  let again = checkStructure(copy);
  for (let round = 1; 'problems' in again; round += 1) {
    const nodes = again.problems.map(({ at }) => ownerOf(copy, at));
    if (round > MAX_ROUNDS || nodes.some((node) => node.length === 0)) return undefined;
    for (const node of nodes) {
      replaced.push(node);
      put(copy, node, emptyLeaf(valueAt(copy, node), replaced.length));
    }
    again = checkStructure(copy);
  }
  const touched = problems.map(({ at }) => ownerOf(read, at));
  const guessed = readings.flatMap((one) => (one.type === 'guess' ? [one.at.slice(0, -1)] : []));
  const gone = [
    ...replaced.flatMap((node) => idsIn(valueAt(read, node))),
    ...guessed.flatMap((node) => idsIn({ id: valueAt(read, [...node, 'id']) })),
  ];
  // What a node refers to is what it refers to, whatever else of it does not fit.
  const isApart = (code: string, at: Path): boolean =>
    OF_REFERENCES.has(code) &&
    !problems.some((one) => same(one.at, at.slice(0, one.at.length))) &&
    !guessed.some((node) => same(node, ownerOf(read, at)));
  return {
    document: again.document,
    isOurs: ({ code, at, message, notes = [] }) =>
      (touched.some((owner) => same(owner, ownerOf(read, at))) && !isApart(code, at)) ||
      replaced.some((node) => same(node, at.slice(0, node.length))) ||
      gone.some((id) => [message, ...notes].some((text) => text.includes(`\`${id}`))),
  };
}

/** Members of lists stay: taking one out would move the places of the others. */
function remove(document: unknown, at: Path): void {
  const holder = valueAt(document, at.slice(0, -1));
  const key = at.at(-1);
  if (typeof key === 'string' && typeof holder === 'object' && holder !== null)
    delete (holder as Record<string, unknown>)[key];
}

function put(document: unknown, at: Path, value: unknown): void {
  const holder = valueAt(document, at.slice(0, -1));
  if (typeof holder === 'object' && holder !== null)
    (holder as Record<string | number, unknown>)[at.at(-1) as string] = value;
}

function emptyLeaf(node: unknown, count: number): unknown {
  const [id = `stand-in-${count}`] = idsIn({ id: valueAt(node, ['id']) });
  return { kind: 'leaf', id, task: { type: 'model', prompt: 'nothing' } };
}

const ID = /^[\w.-]{1,64}$/;

function idsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (!isJsonObject(value)) return [];
  const { id } = value;
  const own = typeof id === 'string' && ID.test(id) ? [id] : [];
  return [...own, ...Object.values(value).flatMap(idsIn)];
}

const same = (a: Path, b: Path): boolean =>
  a.length === b.length && a.every((segment, index) => segment === b[index]);
