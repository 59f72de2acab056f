import type { NodePath } from './node-path.ts';

/** Whether a node is another one or stands below it, in any iteration or instance. */
export function isWithin(path: NodePath, node: NodePath): boolean {
  return path === node || path.startsWith(`${node}/`) || path.startsWith(`${node}[`);
}

/** A path and everything that it is within, as `isWithin` has it. */
export function* pathsAround(path: NodePath): Generator<NodePath> {
  yield path;
  for (let end = path.length - 1; end > 0; end -= 1) {
    if (path[end] === '/' || path[end] === '[') yield path.slice(0, end);
  }
}
