import { pathsAround } from '../workflow/is-within.ts';
import type { NodePath } from '../workflow/node-path.ts';

/** How many leaves are in flight at and below each node: kept, so that no question goes over a crowd. */
export class FlyingBelow {
  readonly #counts = new Map<NodePath, number>();

  constructor(leaves: Iterable<NodePath>) {
    for (const leaf of leaves) this.add(leaf, 1);
  }

  add(leaf: NodePath, change: 1 | -1): void {
    for (const node of pathsAround(leaf)) {
      const count = (this.#counts.get(node) ?? 0) + change;
      if (count === 0) this.#counts.delete(node);
      else this.#counts.set(node, count);
    }
  }

  has(node: NodePath): boolean {
    return this.#counts.has(node);
  }
}
