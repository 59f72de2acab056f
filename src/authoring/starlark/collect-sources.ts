/** All files that may take part in an evaluation, read before it begins: it then has no door at all. */
import type { Position } from '../../starlark/position.ts';
import { loadsOf, resolveModuleId } from '../../starlark/starlark.ts';
import { MAX_SOURCE_BYTES, type Sources } from '../front-end.ts';

export interface CollectedSources {
  /** By id, the first file among them. */
  readonly sources: ReadonlyMap<string, string>;
  readonly isLoad: (position: Position) => boolean;
}

export const MAX_MODULES = 100;

/** Follows `load`s through what the host hands in; what it has not, the evaluation will miss. */
export function collectSources(file: string, text: string, host: Sources): CollectedSources {
  const sources = new Map([[file, text]]);
  const loads = new Set<string>();
  const open = [file];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { name, line, column } of loadsOf(sources.get(next) ?? '', next)) {
      loads.add(`${next}:${line}:${column}`);
      const target = resolveModuleId(next, name);
      if (!target.ok || sources.has(target.id) || sources.size > MAX_MODULES) continue;
      const loaded = host(target.id);
      if (loaded === undefined || loaded.length > MAX_SOURCE_BYTES) continue;
      sources.set(target.id, loaded);
      open.push(target.id);
    }
  }
  return {
    sources,
    isLoad: ({ file: at, line, column }) => loads.has(`${at}:${line}:${column}`),
  };
}
