/** Which nodes a node may refer to: what has run before it, and the last iteration of its loop. */
import type { ErrorCode } from '../../base/error-codes.ts';
import type { Entry } from '../parse/normalise.ts';
import type { Reference } from '../reference.ts';
import { around, named, type Plan } from './plan.ts';

export interface Reached {
  readonly target: Entry;
  /** Expands that stand between: each makes a list of what is referred to. */
  readonly lists: number;
}

export interface OutOfReach {
  readonly code: ErrorCode;
  readonly message: string;
  readonly label?: string;
  readonly help?: string;
}

export interface Standpoint {
  /** Undefined is the end of the workflow. */
  readonly from: Entry | undefined;
  /** A loop’s condition is asked when its children have run. */
  readonly isAfterChildren?: boolean;
}

export function reach(
  plan: Plan,
  { from, isAfterChildren }: Standpoint,
  reference: Reference,
): Reached | OutOfReach | undefined {
  const target = plan.byId.get(reference.node);
  if (target === undefined) return undefined;
  const fromChain = [...around(from)];
  const targetChain = [...around(target)];
  const common = targetChain.find((entry) => fromChain.includes(entry));
  const mine = childToward(fromChain, common);
  const theirs = childToward(targetChain, common);
  const lists = listsBetween(targetChain, common);
  if (reference.previous === true) {
    const loops = [...around(common)].filter(
      (entry) => entry.node.kind === 'loop_until' && entry !== target,
    );
    return loops.length > 0
      ? { target, lists }
      : {
          code: 'WF1202',
          message: `\`previous(${reference.node})\` stands in no loop that holds ${named(target)}`,
          help: 'inside of a `loop_until`, `previous(x)` is what `x` gave in the last iteration',
        };
  }
  if (target === from) return later(`${named(target)} refers to itself`);
  if (common === target) return later(`${named(from as Entry)} is a part of ${named(target)}`);
  if (from !== undefined && common === from)
    return isAfterChildren === true
      ? { target, lists }
      : later(`${named(target)} is a part of ${named(from)} and runs after it has begun`);
  return apart(common, mine as Entry | undefined, theirs as Entry, target) ?? { target, lists };
}

/** Two nodes below one: the order of its sides and children decides. */
function apart(
  common: Entry | undefined,
  mine: Entry | undefined,
  theirs: Entry,
  target: Entry,
): OutOfReach | undefined {
  if (mine === undefined) return undefined;
  if (mine.side !== theirs.side) {
    if (mine.side === 'onConflict') return undefined;
    if (theirs.side === 'onConflict') return later(`${named(target)} runs after ${named(mine)}`);
    return {
      code: 'WF1202',
      message: `${named(target)} is not in reach: only one side of ${named(common as Entry)} runs`,
    };
  }
  if (common?.node.kind === 'branch_set')
    return {
      code: 'WF1204',
      message: `${named(target)} runs at the same time, in the branch set ${named(common)}`,
      label: 'a sibling branch',
      help: 'move what it needs before the branch set, or put both in one sequence',
    };
  return theirs.index < mine.index ? undefined : later(`${named(target)} runs later`);
}

const later = (message: string): OutOfReach => ({ code: 'WF1203', message });

function childToward(chain: readonly Entry[], common: Entry | undefined): Entry | undefined {
  const index = common === undefined ? chain.length : chain.indexOf(common);
  return chain[index - 1];
}

function listsBetween(targetChain: readonly Entry[], common: Entry | undefined): number {
  let lists = 0;
  for (const entry of targetChain) {
    if (entry === common) break;
    if (entry.parent?.node.kind === 'expand' && entry.side === 'template') lists += 1;
  }
  return lists;
}
