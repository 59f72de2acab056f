import type { Expression } from '../syntax/tree.ts';

/** What an expression is called in `can't assign to X`. */
export function nodeTitle(node: Expression): string {
  switch (node.kind) {
    case 'literal':
    case 'comprehension':
      return node.kind;
    case 'conditional':
      return 'condexpr';
    case 'format':
      return 'f-string';
    default:
      return `${node.kind}expr`;
  }
}
