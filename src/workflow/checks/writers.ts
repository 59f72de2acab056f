/**
 * Two nodes that may run at the same time must not write the same files of one tree. A subtree with a
 * tree of its own does not write into the enclosing one, but what carries its tree back does: a
 * tournament that adopts, a first success over isolated branches, a merge.
 */
import { compilePathGlob, type PathGlob, pathGlobsOverlap } from '../../base/glob.ts';
import type { Problem } from '../parse/problem.ts';
import { childNodes } from '../population.ts';
import type { LeafNode, WorkflowNode } from '../workflow-spec.ts';
import { below, type Check, type Plan } from './plan.ts';

export interface Writer {
  readonly id: string;
  /** Everything where absent. */
  readonly scope: readonly string[] | undefined;
}

export const checkWriters: Check = (plan) =>
  plan.entries.flatMap(({ node }) => {
    if (node.kind === 'branch_set' && node.maxParallel !== 1)
      return clashesOfBranches(plan, node.children);
    if (node.kind === 'expand' && node.maxParallel !== 1 && node.maxChildren > 1) {
      const [writer] = writersOf(node.template);
      return writer === undefined ? [] : [clash(plan, writer, undefined)];
    }
    return [];
  });

/** Past this many comparisons in one branch set its writers have to be isolated. */
const MAX_COMPARISONS = 3_000_000;

interface ScopedWriter extends Writer {
  readonly globs: readonly PathGlob[] | undefined;
}

function clashesOfBranches(plan: Plan, children: readonly WorkflowNode[]): readonly Problem[] {
  const problems: Problem[] = [];
  const before: ScopedWriter[] = [];
  let left = MAX_COMPARISONS;
  const meets = (a: ScopedWriter, b: ScopedWriter): boolean => {
    if (a.globs === undefined || b.globs === undefined) return true;
    left -= a.globs.length * b.globs.length;
    const other = b.globs;
    return left < 0 || a.globs.some((one) => other.some((two) => pathGlobsOverlap(one, two)));
  };
  for (const child of children) {
    const writers = writersOf(child).map((writer) => ({
      ...writer,
      globs: writer.scope?.map(compilePathGlob),
    }));
    const pair = firstPair(writers, before, meets);
    if (pair === undefined) before.push(...writers);
    else problems.push(clash(plan, ...pair));
    if (left < 0) break;
  }
  return problems;
}

function firstPair(
  writers: readonly ScopedWriter[],
  before: readonly ScopedWriter[],
  meets: (a: ScopedWriter, b: ScopedWriter) => boolean,
): readonly [Writer, Writer] | undefined {
  for (const writer of writers) {
    const other = before.find((one) => meets(one, writer));
    if (other !== undefined) return [writer, other];
  }
  return undefined;
}

/** The nodes that write into the tree around a node. */
export function writersOf(node: WorkflowNode): readonly Writer[] {
  if (node.isolation === 'worktree') return [];
  const own = ownWriter(node);
  return [...(own === undefined ? [] : [own]), ...childNodes(node).flatMap(writersOf)];
}

function ownWriter(node: WorkflowNode): Writer | undefined {
  const writer: Writer = { id: node.id, scope: node.fileScope };
  switch (node.kind) {
    case 'leaf':
      return writes(node) ? writer : undefined;
    case 'reduce':
      return writes(node.reducer) ? writer : undefined;
    case 'tournament':
      return node.adopt === 'winner' ? writer : undefined;
    case 'branch_set':
      return node.trees === 'merge' || (node.join === 'first_success' && isolates(node.children))
        ? writer
        : undefined;
    case 'expand':
      return node.trees === 'merge' ? writer : undefined;
    case 'sequence':
    case 'loop_until':
    case 'cond':
    case 'pareto':
    case 'teacher_review':
    case 'approve':
      return undefined;
  }
}

const isolates = (children: readonly WorkflowNode[]): boolean =>
  children.some((child) => child.isolation === 'worktree' && child.mode === 'read_write');

/** Only tasks that have a tree can write. */
function writes({ mode, task }: LeafNode): boolean {
  return (
    mode === 'read_write' &&
    (task.type === 'agent' || task.type === 'command' || task.type === 'external')
  );
}

function clash(plan: Plan, writer: Writer, other: Writer | undefined): Problem {
  const entry = plan.byId.get(writer.id);
  const first = other === undefined ? undefined : plan.byId.get(other.id);
  const at = entry === undefined ? [] : below(entry.at, 'id');
  return {
    code: 'WF1304',
    message:
      other === undefined
        ? `the instances of \`${writer.id}\` write the same files at the same time`
        : `\`${other.id}\` and \`${writer.id}\` may write the same files at the same time`,
    at,
    label: writer.scope === undefined ? 'writes anywhere' : `writes ${writer.scope.join(', ')}`,
    ...(first === undefined
      ? {}
      : { related: [{ message: 'the other writer', at: below(first.at, 'id') }] }),
    help:
      other === undefined
        ? 'give each a tree of its own: `isolation: worktree`'
        : 'give them `isolation: worktree`, or a `fileScope` each that do not overlap',
  };
}
