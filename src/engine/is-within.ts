import type { NodePath } from '../workflow/node-path.ts';

/** Whether a node is another one or stands below it, in any iteration or instance. */
export function isWithin(path: NodePath, node: NodePath): boolean {
  return path === node || path.startsWith(`${node}/`) || path.startsWith(`${node}[`);
}
