import type { NodeDocument } from '../document.ts';

export type Side = 'nodes' | 'children' | 'then' | 'else' | 'template' | 'onConflict';

export interface ChildPlace {
  readonly child: NodeDocument;
  readonly side: Side;
  /** Below the parent’s document. */
  readonly path: readonly (string | number)[];
}

/** The nodes directly below a node, in the order as written. */
export function childrenOf(node: NodeDocument): readonly ChildPlace[] {
  switch (node.kind) {
    case 'sequence':
    case 'loop_until':
      return list(node.children, 'children');
    case 'branch_set':
      return [...list(node.children, 'children'), ...one(node.onConflict, 'onConflict')];
    case 'cond':
      return [...list(node.then, 'then'), ...list(node.else ?? [], 'else')];
    case 'expand':
      return [...one(node.template, 'template'), ...one(node.onConflict, 'onConflict')];
    case 'leaf':
    case 'reduce':
    case 'tournament':
    case 'pareto':
    case 'teacher_review':
    case 'approve':
      return [];
  }
}

const list = (nodes: readonly NodeDocument[], side: Side): ChildPlace[] =>
  nodes.map((child, index) => ({ child, side, path: [side, index] }));

const one = (child: NodeDocument | undefined, side: Side): ChildPlace[] =>
  child === undefined ? [] : [{ child, side, path: [side] }];
