/** Where the values of a document stand, in a tree of the same shape. */
import type { Locate } from '../workflow/parse-workflow.ts';
import { toSnakeCase } from './snake-case.ts';
import type { SourceText } from './source-text.ts';

type Range = readonly [start: number, end: number];

export interface Located {
  readonly key?: Range;
  readonly value: Range;
  readonly members?: ReadonlyMap<string, Located>;
  readonly items?: readonly Located[];
}

/** Looks up places; a field that was written in snake_case is found by its real name. */
export function toLocate(root: Located, source: SourceText): Locate {
  return (path, part) => {
    let found: Located | undefined = root;
    for (const segment of path) {
      found =
        typeof segment === 'number'
          ? found.items?.[segment]
          : (found.members?.get(segment) ?? found.members?.get(toSnakeCase(segment)));
      if (found === undefined) return undefined;
    }
    const [start, end] = part === 'key' ? (found.key ?? found.value) : found.value;
    return source.span(start, end);
  };
}
