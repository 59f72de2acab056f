/** A run of 60 and more leaves that has a loop, a tournament, an expand and a reduce in it. */
import type { WorkflowDocument } from '../../src/workflow/document.ts';

const ask = (id: string, prompt: string, inputs: readonly string[] = []) =>
  ({ kind: 'leaf', id, inputs, task: { type: 'model', prompt } }) as const;

const list = { type: 'object', properties: { items: { type: 'array' } }, required: ['items'] };
const score = { type: 'object', properties: { score: { type: 'number' } }, required: ['score'] };

/** What each leaf answers depends on its path alone, so that every order gives the same output. */
export const sixtyLeaves: WorkflowDocument = {
  id: 'sixty',
  goal: 'Be killed at every commit and come out the same',
  nodes: [
    { ...ask('plan', 'List the parts'), output: list },
    {
      kind: 'branch_set',
      id: 'wide',
      children: Array.from({ length: 20 }, (_, index) => ask(`w${index}`, `Part ${index}`)),
    },
    {
      kind: 'loop_until',
      id: 'loop',
      until: { op: 'at_least', node: 'try', field: 'score', value: 4 },
      maxIterations: 6,
      children: [ask('look', 'Look'), { ...ask('try', 'Try again', ['look']), output: score }],
    },
    {
      kind: 'expand',
      id: 'each',
      source: { node: 'plan', field: 'items' },
      maxChildren: 20,
      template: {
        kind: 'sequence',
        id: 'part',
        children: [ask('read', 'Read {{item}}'), ask('write', 'Write {{item}}', ['read'])],
      },
    },
    {
      kind: 'branch_set',
      id: 'rivals',
      children: ['r1', 'r2', 'r3'].map((id) => ({ ...ask(id, `Rival ${id}`), output: score })),
    },
    {
      kind: 'tournament',
      id: 'best',
      candidates: ['r1', 'r2', 'r3'],
      rank: { by: 'field', field: 'score' },
    },
    {
      kind: 'reduce',
      id: 'sum',
      inputs: ['wide', 'loop', 'each', 'best'],
      task: { type: 'model', prompt: 'Sum up' },
    },
  ],
};

/** The answer to a leaf, by its path. */
export function answerTo(path: string): string {
  if (path === 'plan') return JSON.stringify({ items: Array.from('abcdefghij') });
  const iteration = /^loop\[(\d+)\]\/try$/.exec(path)?.[1];
  if (iteration !== undefined) return JSON.stringify({ score: Number(iteration) });
  const rival = /^rivals\/r(\d)$/.exec(path)?.[1];
  if (rival !== undefined) return JSON.stringify({ score: (Number(rival) * 7) % 5 });
  return `done: ${path}`;
}
