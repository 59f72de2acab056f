/**
 * Slips in names, read as what they were meant to be. An unknown kind hides its whole node, and a misnamed
 * field all that it holds: what stands below them is looked at in the same go.
 */
import { isJsonObject } from '../../base/json.ts';
import { fieldsAt } from './known-fields.ts';
import type { Problem } from './problem.ts';
import { ownerOf, valueAt } from './values.ts';

type Path = readonly (string | number)[];

/** One way to read a document that does not fit. */
export type Reading =
  | { readonly type: 'value'; readonly at: Path; readonly value: string }
  /** Nobody knows what was meant: only nodes below it are looked at. */
  | { readonly type: 'guess'; readonly at: Path; readonly value: string }
  | { readonly type: 'name'; readonly owner: Path; readonly from: string; readonly to: string };

/** How a problem may be read; undefined where nothing is hidden by it, or nothing is near. */
export function readingOf(document: unknown, { at, meant }: Problem): Reading | undefined {
  if (meant === undefined) return undefined;
  if (meant.type === 'name') {
    const owner = at.slice(0, -1);
    return { type: 'name', owner, from: String(at.at(-1)), to: meant.name };
  }
  if (meant.value !== undefined) return { type: 'value', at, value: meant.value };
  if (at.at(-1) !== 'kind') return undefined;
  return { type: 'guess', at, value: bestKind(document, at.slice(0, -1), meant.values) };
}

/** The kind that has most of the fields which stand there. */
function bestKind(document: unknown, at: Path, kinds: readonly string[]): string {
  const node = valueAt(document, at);
  const keys = isJsonObject(node) ? Object.keys(node) : [];
  const knownOf = (kind: string): number => {
    const known = fieldsAt({ nodes: [{ kind }] }, ['nodes', 0]);
    return keys.filter((key) => known.includes(key)).length;
  };
  const ranked = kinds.map((kind) => ({ kind, known: knownOf(kind) }));
  return ranked.toSorted((a, b) => b.known - a.known)[0]?.kind ?? 'leaf';
}

/** Changes a copy in place. */
export function applyReading(copy: unknown, reading: Reading): void {
  if (reading.type !== 'name') {
    put(copy, reading.at, reading.value);
    return;
  }
  const owner = valueAt(copy, reading.owner);
  if (!isJsonObject(owner)) return;
  const fields = owner as Record<string, unknown>;
  // Two fields that lack may have been thought to stand under one name.
  if (Object.hasOwn(fields, reading.to) || !Object.hasOwn(fields, reading.from)) return;
  fields[reading.to] = fields[reading.from];
  delete fields[reading.from];
}

/** A place of the document as it was read, in the document as it is written. */
export function asWritten(at: Path, readings: readonly Reading[]): Path {
  const path = [...at];
  for (const reading of readings.toReversed()) {
    if (reading.type !== 'name') continue;
    const { owner, from, to } = reading;
    const isBelow = owner.every((segment, index) => path[index] === segment);
    if (isBelow && path[owner.length] === to) path[owner.length] = from;
  }
  return path;
}

/** Says what readings alone bring up: a misnamed field itself, a node of which nobody knows what it is. */
export function broughtUp(document: unknown, readings: readonly Reading[]): (at: Path) => boolean {
  const names = new Set<string>();
  const nodes = new Set<string>();
  for (const reading of readings) {
    if (reading.type === 'name') names.add(JSON.stringify([...reading.owner, reading.to]));
    else if (reading.type === 'guess') nodes.add(JSON.stringify(reading.at.slice(0, -1)));
  }
  return (at) => names.has(JSON.stringify(at)) || nodes.has(JSON.stringify(ownerOf(document, at)));
}

function put(document: unknown, at: Path, value: string): void {
  const holder = valueAt(document, at.slice(0, -1));
  if (typeof holder !== 'object' || holder === null) return;
  (holder as Record<string | number, unknown>)[at.at(-1) as string] = value;
}
