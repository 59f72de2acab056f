import type { PlanNode } from './plan.ts';

/** More leaves than this side by side are not told apart. */
const MOST = 1_000_000;

const known = new WeakMap<PlanNode, number>();

/** How many leaves at and below a node can be at work at once, at least 1. */
export function widthOf(plan: PlanNode): number {
  if (plan.node.kind === 'leaf') return 1;
  const width = known.get(plan) ?? Math.min(MOST, Math.max(1, measure(plan)));
  known.set(plan, width);
  return width;
}

function measure(plan: PlanNode): number {
  const { node, children, otherwise, derived, conflict } = plan;
  // One after the other: only the widest of them counts.
  const after = [derived, conflict].flatMap((one) => (one === undefined ? [] : [widthOf(one)]));
  const widths = [...children, ...otherwise].map(widthOf);
  switch (node.kind) {
    case 'branch_set': {
      const { maxParallel = widths.length } = node;
      const isCut = maxParallel < widths.length;
      const widest = isCut ? widths.sort((a, b) => b - a).slice(0, maxParallel) : widths;
      return largest([widest.reduce((sum, width) => sum + width, 0), ...after]);
    }
    case 'expand': {
      const atOnce = Math.min(node.maxChildren, node.maxParallel ?? MOST);
      return largest([atOnce * largest(widths), ...after]);
    }
    case 'tournament':
      return node.rank.by === 'pairwise' ? MOST : 1;
    default:
      return largest([...widths, ...after]);
  }
}

const largest = (widths: readonly number[]): number =>
  widths.reduce((most, width) => Math.max(most, width), 1);
