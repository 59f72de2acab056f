import type { Parameter } from '../syntax/tree.ts';

/** The order of slots in a frame: positional, keyword-only, `*args`, `**kwargs`. */
export function frameOrder(parameters: readonly Parameter[]): readonly Parameter[] {
  const plain = parameters.filter(({ kind }) => kind === 'plain');
  const star = parameters.filter(({ kind }) => kind === 'star');
  const starstar = parameters.filter(({ kind }) => kind === 'starstar');
  return [...plain, ...star, ...starstar];
}
