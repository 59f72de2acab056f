/** Workflows of one shape and any number of leaves, as the engine benchmark drives them. */
import type { NodeDocument, WorkflowDocument } from '../../src/workflow/document.ts';

export const SIZES: readonly number[] = [1_000, 10_000, 100_000];

/** Branches of one race. */
const RACERS = 10;

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

const many = (count: number, make: (index: number) => NodeDocument): readonly NodeDocument[] =>
  Array.from({ length: count }, (_, index) => make(index));

const raceOf = (id: string): NodeDocument => ({
  kind: 'branch_set',
  id,
  join: 'first_success',
  children: many(RACERS, (index) => leaf(`${id}-${index}`)),
});

/** By name: the nodes of a workflow with so many leaves. */
export const SHAPES: Readonly<Record<string, (leaves: number) => readonly NodeDocument[]>> = {
  'fan-out': (leaves) => [
    { kind: 'branch_set', id: 'all', children: many(leaves, (n) => leaf(`l${n}`)) },
  ],
  expand: (leaves) => [
    { kind: 'leaf', id: 'list', task: { type: 'model', prompt: 'list' }, output: ITEMS },
    {
      kind: 'expand',
      id: 'each',
      source: { node: 'list', field: 'items' },
      maxChildren: leaves,
      template: leaf('one'),
    },
  ],
  chain: (leaves) => many(leaves, (n) => leaf(`l${n}`)),
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
  races: (leaves) => many(leaves / RACERS, (n) => raceOf(`r${n}`)),
  race: (leaves) => [
    {
      kind: 'branch_set',
      id: 'race',
      join: 'first_success',
      children: many(leaves, (n) => leaf(`l${n}`)),
    },
  ],
};

export function workflowOf(shape: string, leaves: number): WorkflowDocument {
  const budget = { maxLeaves: 10_000_000, maxTokens: 1e12 };
  const make = SHAPES[shape];
  if (make === undefined) throw new Error(`no shape ${shape}`);
  return { id: 'bench', goal: 'to be measured', budget, nodes: make(leaves) };
}
