/** Workflows of one shape and any number of leaves, as the engine benchmark drives them. */
import type { NodeDocument, WorkflowDocument } from '../../src/workflow/document.ts';

export const SIZES: readonly number[] = [1_000, 10_000, 100_000];

/** Branches of one race. */
const RACERS = 10;
/** Branches of each instance of `wide`. */
export const WIDTH = 1_000;

const ITEMS = {
  type: 'object',
  properties: { items: { type: 'array', items: { type: 'string' } } },
} as const;
const DONE = { type: 'object', properties: { done: { type: 'boolean' } } } as const;

const leaf = (id: string): NodeDocument => ({
  kind: 'leaf',
  id,
  task: { type: 'model', prompt: id },
});

/** Nodes that are numbered from `from` on. */
const many = (
  count: number,
  make: (index: number) => NodeDocument,
  from = 0,
): readonly NodeDocument[] => Array.from({ length: count }, (_, index) => make(from + index));

const raceOf = (id: string): NodeDocument => ({
  kind: 'branch_set',
  id,
  join: 'first_success',
  children: many(RACERS, (index) => leaf(`${id}-${index}`)),
});

const LIST: NodeDocument = {
  kind: 'leaf',
  id: 'list',
  task: { type: 'model', prompt: 'list' },
  output: ITEMS,
};

type Shape = (leaves: number, from?: number) => readonly NodeDocument[];

/** By name: the nodes of a workflow with so many leaves; those that are written out from a number on. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'fan-out': (leaves, from) => [
    { kind: 'branch_set', id: 'all', children: many(leaves, (n) => leaf(`l${n}`), from) },
  ],
  expand: (leaves) => [
    LIST,
    {
      kind: 'expand',
      id: 'each',
      source: { node: 'list', field: 'items' },
      maxChildren: leaves,
      template: leaf('one'),
    },
  ],
  chain: (leaves, from) => many(leaves, (n) => leaf(`l${n}`), from),
  loop: (leaves) => [
    {
      kind: 'loop_until',
      id: 'again',
      maxIterations: leaves,
      onExhausted: 'continue',
      until: { op: 'equals', node: 'turn', field: 'done', value: true },
      children: [
        { kind: 'leaf', id: 'turn', task: { type: 'model', prompt: 'turn' }, output: DONE },
      ],
    },
  ],
  races: (leaves, from = 0) => many(leaves / RACERS, (n) => raceOf(`r${n}`), from / RACERS),
  race: (leaves, from) => [
    {
      kind: 'branch_set',
      id: 'race',
      join: 'first_success',
      children: many(leaves, (n) => leaf(`l${n}`), from),
    },
  ],
  wide: (leaves) => [
    LIST,
    {
      kind: 'expand',
      id: 'each',
      source: { node: 'list', field: 'items' },
      maxChildren: leaves / WIDTH,
      template: { kind: 'branch_set', id: 'set', children: many(WIDTH, (n) => leaf(`l${n}`)) },
    },
  ],
};

export function workflowOf(shape: string, leaves: number, from = 0): WorkflowDocument {
  const budget = { maxLeaves: 10_000_000, maxTokens: 1e12 };
  const make = SHAPES[shape];
  if (make === undefined) throw new Error(`no shape ${shape}`);
  return { id: 'bench', goal: 'to be measured', budget, nodes: make(leaves, from) };
}
