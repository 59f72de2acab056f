import type { NodePath } from '../../workflow/node-path.ts';
import type { KeptAttempts } from '../attempt-book.ts';
import { type AttemptView, newAttempt } from '../attempt-view.ts';
import type { AttemptsPart, EndedPart } from './segment.ts';

/** Parts that are kept in memory, of those that somebody asked for. */
const MAX_PARTS = 4;

/**
 * The attempts of leaves that ended before a fold began, by snapshot. Parts are read when asked for.
 * @param read the attempts of the snapshot with this index; undefined when they cannot be read.
 * @param refold folds them from the events, where a part cannot be read.
 */
export function keptAttempts(
  ended: () => readonly EndedPart[],
  read: (index: number) => AttemptsPart | undefined,
  refold: () => KeptAttempts,
): KeptAttempts {
  const parts = new Map<number, ReadonlyMap<NodePath, AttemptView[]>>();
  let places: ReadonlyMap<NodePath, number> | undefined;
  let whole: KeptAttempts | undefined;
  const partAt = (index: number): ReadonlyMap<NodePath, AttemptView[]> | undefined => {
    const known = parts.get(index) ?? reviveAll(read(index));
    if (known === undefined) return undefined;
    const [oldest] = parts.keys();
    if (parts.size === MAX_PARTS && oldest !== undefined && !parts.has(index)) parts.delete(oldest);
    parts.set(index, known);
    return known;
  };
  return {
    of(path) {
      if (whole !== undefined) return whole.of(path);
      places ??= placesOf(ended());
      const index = places.get(path);
      if (index === undefined) return undefined;
      const part = partAt(index);
      if (part !== undefined) return part.get(path);
      whole = refold();
      return whole.of(path);
    },
    all() {
      if (whole !== undefined) return whole.all();
      places ??= placesOf(ended());
      const found: (readonly [NodePath, AttemptView[]])[] = [];
      for (const index of ended().keys()) {
        const part = reviveAll(read(index));
        if (part === undefined) {
          whole = refold();
          return whole.all();
        }
        for (const [path, attempts] of part) {
          if (places.get(path) === index) found.push([path, attempts]);
        }
      }
      return found;
    },
  };
}

/** The last snapshot that tells of a leaf stands. */
function placesOf(ended: readonly EndedPart[]): ReadonlyMap<NodePath, number> {
  const places = new Map<NodePath, number>();
  for (const [index, { settled, late }] of ended.entries()) {
    for (const { path } of settled) places.set(path, index);
    for (const path of late) places.set(path, index);
  }
  return places;
}

function reviveAll(part: AttemptsPart | undefined): Map<NodePath, AttemptView[]> | undefined {
  return part === undefined ? undefined : new Map(part.map(([path, list]) => [path, revive(list)]));
}

/** JSON leaves out what is undefined. */
export function revive(attempts: readonly AttemptView[]): AttemptView[] {
  return attempts.map((attempt) => ({ ...newAttempt(attempt.request), ...attempt }));
}
