/** What nodes give, as far as it is known before a run. */
import type { JsonSchema } from '../limits.ts';
import type { LeafTask } from '../task.ts';
import type { LeafNode, WorkflowNode } from '../workflow-spec.ts';

const TEXT: JsonSchema = { type: 'string' };
const NUMBER: JsonSchema = { type: 'number' };
const FLAG: JsonSchema = { type: 'boolean' };

const object = (properties: { readonly [name: string]: JsonSchema }): JsonSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** What a command gives unless its leaf declares another output. */
const COMMAND_FIELDS = {
  exitCode: { type: ['integer', 'null'] },
  passed: FLAG,
  timedOut: FLAG,
  signal: { type: ['string', 'null'] },
  stdout: TEXT,
  stderr: TEXT,
} as const;
const COMMAND_OUTPUT: JsonSchema = object(COMMAND_FIELDS);

/** What the agent claims, and beside it what really ran. */
const AGENT_OUTPUT: JsonSchema = object({
  self_report: object({
    status: TEXT,
    summary: TEXT,
    artifacts: list(TEXT),
    assumptions: list(TEXT),
    evidence: list(TEXT),
  }),
  verified: list(object({ command: TEXT, exitCode: { type: ['integer', 'null'] } })),
});

const SEARCH_OUTPUT: JsonSchema = object({
  matches: list(object({ path: TEXT, line: NUMBER, column: NUMBER, text: TEXT })),
  files: list(TEXT),
  count: NUMBER,
  truncated: FLAG,
});

const COUNTS = { passed: NUMBER, failed: NUMBER, skipped: NUMBER } as const;

/** What the tests of a command came to: where no counts were found, only `status` is there. */
const TESTS: JsonSchema = object({ status: TEXT, ...COUNTS, total: NUMBER, source: TEXT });

const TEST_OUTPUT: JsonSchema = object({ ...COMMAND_FIELDS, tests: TESTS });

const RANKED: JsonSchema = object({
  candidate: true,
  place: NUMBER,
  score: true,
  outcome: TEXT,
  tests: object(COUNTS),
  why: TEXT,
});

const NOT_KEPT: JsonSchema = object({
  candidate: true,
  values: { type: 'array' },
  outcome: TEXT,
  why: TEXT,
});

/** The schema of a node’s output; undefined where it is not known. */
export function outputShape(node: WorkflowNode): JsonSchema | undefined {
  switch (node.kind) {
    case 'leaf':
      return leafShape(node);
    case 'sequence':
    case 'loop_until':
      return lastShape(node.children);
    case 'expand': {
      const items = outputShape(node.template);
      return items === undefined ? { type: 'array' } : listOf(items);
    }
    case 'reduce':
      return leafShape(node.reducer);
    case 'tournament':
      return object({
        winner: true,
        ranking: list(RANKED),
        ties: list(TEXT),
        why: TEXT,
        ...(node.rank.by === 'pairwise' ? { undecided: list(list(TEXT)) } : {}),
        output: true,
        ...fruitOf(node),
      });
    case 'pareto':
      return object({ items: { type: 'array' }, others: list(NOT_KEPT), ...fruitOf(node) });
    case 'teacher_review':
      return leafShape(node.teacher);
    case 'branch_set':
    case 'cond':
    case 'approve':
      return undefined;
  }
}

/** What losers left is in the output of a node that asked for it. */
function fruitOf({ harvest }: { readonly harvest?: LeafNode }): {
  readonly [name: string]: JsonSchema;
} {
  if (harvest === undefined) return {};
  const evidence = list(TEXT);
  return { fruit: list(object({ from: TEXT, type: TEXT, title: TEXT, value: true, evidence })) };
}

/** A list of outputs; definitions move up, so that references into them still hold. */
export function listOf(items: JsonSchema): JsonSchema {
  if (typeof items === 'boolean') return list(items);
  const { $defs, definitions, ...rest } = items;
  return {
    ...($defs === undefined ? {} : { $defs }),
    ...(definitions === undefined ? {} : { definitions }),
    type: 'array',
    items: rest,
  };
}

const lastShape = (children: readonly WorkflowNode[]): JsonSchema | undefined => {
  const last = children.at(-1);
  return last === undefined ? undefined : outputShape(last);
};

function leafShape(leaf: LeafNode): JsonSchema | undefined {
  return leaf.output ?? taskShape(leaf.task);
}

function taskShape(task: LeafTask): JsonSchema | undefined {
  switch (task.type) {
    case 'model':
    case 'external':
    case 'rlm':
      return TEXT;
    case 'agent':
      return AGENT_OUTPUT;
    case 'command':
      return task.purpose === 'test' ? TEST_OUTPUT : COMMAND_OUTPUT;
    case 'search':
      return SEARCH_OUTPUT;
    case 'memory':
    case 'merge':
    case 'harvest':
      return undefined;
  }
}
