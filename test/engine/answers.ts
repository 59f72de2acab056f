/**
 * What the leaves of a simulated world answer: a function of the seed, the leaf’s path and which of its
 * tries it is, never of time or order. Outputs fit the generated schema, so that conditions, lists,
 * judges and scores mean something.
 */
import type { Json } from '../../src/base/json.ts';
import { needsTree } from '../../src/leaf/leaf-job.ts';
import { pickValues } from '../../src/leaf/output-values.ts';
import type { ContentRef } from '../../src/trace/content.ts';
import type { Decision, Fact, Fruit, LeafResult } from '../../src/trace/events.ts';
import type { FailureKind } from '../../src/workflow/limits.ts';
import type { PlanNode } from '../../src/workflow/plan.ts';
import type { LeafNode } from '../../src/workflow/workflow-spec.ts';
import { type Dice, dice, seedOf } from './chance.ts';

export type LeafFinished = Extract<Fact, { readonly type: 'leaf.finished' }>;
export type LeafRequested = Extract<Decision, { readonly type: 'leaf.requested' }>;

export interface Answers {
  /** Of 100 attempts so many fail. */
  readonly failPercent: number;
  readonly seed: number;
  /** Full outputs by digest, for those who check what decisions were made on. */
  readonly contents: Map<string, Json>;
}

const FAILURES: readonly FailureKind[] = ['schema', 'provider', 'exit', 'timeout', 'refused'];

/** The report of an attempt; `nth` counts the tries that used up retries, from 1. */
export function answerOf(
  answers: Answers,
  plan: PlanNode,
  request: LeafRequested,
  nth: number,
): LeafFinished {
  const { path, attempt } = request;
  const node = plan.node as LeafNode;
  const chance = dice(seedOf(answers.seed, path, nth));
  const isFailed = chance.below(100) < answers.failPercent;
  const isMerge = node.task.type === 'merge';
  const output = outputOf(chance, plan, node);
  const content = keep(answers, output);
  const failure = {
    kind: isMerge ? chance.of<FailureKind>(['merge_conflict', 'sandbox']) : chance.of(FAILURES),
    message: `said no at ${path}`,
  };
  const result: LeafResult = isFailed
    ? { status: 'failed', failure, ...(chance.once(2) ? { output: content } : {}) }
    : { status: chance.once(10) ? 'degraded' : 'succeeded', output: content };
  const values = result.output === undefined ? undefined : pickValues(output, plan.wanted);
  const writes =
    request.tree !== undefined &&
    (isMerge ? !isFailed : needsTree(node.task) && node.mode === 'read_write');
  const commit = `c${seedOf(request.tree?.commit ?? '', path, nth, 'commit').toString(16)}`;
  const isChange = writes && (isMerge || !chance.once(4));
  return {
    type: 'leaf.finished',
    path,
    attempt,
    result,
    ...(values === undefined || plan.wanted.length === 0 ? {} : { values }),
    ...(writes && request.tree !== undefined
      ? { tree: { key: request.tree.key, commit: isChange ? commit : request.tree.commit } }
      : {}),
    ...(isChange ? { patch: { ...keep(answers, commit), files: 1, added: 2, removed: 1 } } : {}),
    ...(chance.once(5) ? { fruit: [fruitOf(path)] } : {}),
  };
}

const fruitOf = (path: string): Fruit => ({ type: 'finding', title: path, evidence: [] });

export function keep({ contents }: Answers, output: Json): ContentRef {
  const text = JSON.stringify(output);
  const digest = seedOf(text).toString(16).padStart(8, '0').repeat(8);
  contents.set(digest, output);
  return { digest, bytes: text.length, type: 'json' };
}

function outputOf(chance: Dice, plan: PlanNode, node: LeafNode): Json {
  if (plan.side === 'derived') {
    const derived = derivedOutput(chance, plan);
    if (derived !== undefined) return derived;
  }
  if (node.task.type === 'command') {
    const counts = { passed: chance.below(4), failed: chance.below(3), skipped: 0 };
    const tests = chance.once(3) ? { status: 'not_found' } : { status: 'found', ...counts };
    return { exitCode: chance.below(2), passed: true, stdout: '', tests };
  }
  const count = chance.below(5);
  return {
    text: `t${chance.below(100)}`,
    score: chance.below(5) / 4,
    done: chance.once(3),
    items: Array.from({ length: count }, (_, index) => `i${chance.once(12) ? 0 : index}/é`),
    nested: { value: chance.below(9), list: [chance.below(3), chance.below(3)] },
  };
}

function derivedOutput(chance: Dice, { segment, parent }: PlanNode): Json | undefined {
  switch (segment) {
    case '$until':
    case '$test':
      return { holds: chance.once(2), evidence: 'seen' };
    case '$judge': {
      if (parent?.node.kind !== 'tournament') return undefined;
      const { candidates, rank } = parent.node;
      if (rank.by === 'pairwise') return { winner: chance.of(['a', 'b', 'tie']), why: 'so' };
      const names = candidates.flatMap((id) => [id, ...[0, 1, 2].flatMap((n) => [`${id}.${n}`])]);
      const ranking = [...names, '0', '1', '2'].map((candidate) => ({
        candidate,
        score: chance.below(11) / 10,
        why: 'so',
      }));
      return { ranking: ranking.filter(() => !chance.once(6)) };
    }
    default:
      return undefined;
  }
}
