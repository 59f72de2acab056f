/** Workflows for the tests of exports: together they use every kind of node. */
import type { MockRule } from '../model/mock-rule.ts';
import type { WorkflowDocument } from '../workflow/document.ts';

const number = { type: 'number' } as const;
const scored = { type: 'object', properties: { score: number }, required: ['score'] } as const;

export const hello: WorkflowDocument = {
  id: 'hello',
  goal: 'say hello',
  nodes: [{ id: 'greet', kind: 'leaf', task: { type: 'model', prompt: 'Say hello.' } }],
};

/** Branches, a tournament, a loop with a test, a condition, an expand, a choice and a person. */
export const everything: WorkflowDocument = {
  id: 'everything',
  goal: 'use every kind of node',
  params: { type: 'object', properties: { who: { type: 'string' } } },
  nodes: [
    {
      id: 'explore',
      kind: 'branch_set',
      diversify: true,
      children: [
        { id: 'bold', kind: 'leaf', task: { type: 'model', prompt: 'Be bold.' }, output: scored },
        { id: 'calm', kind: 'leaf', task: { type: 'model', prompt: 'Be calm.' }, output: scored },
      ],
    },
    {
      id: 'best',
      kind: 'tournament',
      candidates: ['bold', 'calm'],
      rank: { by: 'field', field: 'score' },
    },
    {
      id: 'front',
      kind: 'pareto',
      candidates: ['bold', 'calm'],
      objectives: [{ by: 'field', field: 'score', goal: 'max' }],
    },
    {
      id: 'fix',
      kind: 'loop_until',
      until: { op: 'succeeded', node: 'test' },
      maxIterations: 3,
      children: [
        { id: 'try', kind: 'leaf', task: { type: 'model', prompt: 'Try {{iteration}}.' } },
        {
          id: 'test',
          kind: 'leaf',
          task: { type: 'command', purpose: 'test', argv: ['npm', 'test'] },
        },
      ],
    },
    {
      id: 'files',
      kind: 'leaf',
      task: { type: 'model', prompt: 'List files.' },
      output: { type: 'array', items: { type: 'string' } },
      retry: { maxAttempts: 2, backoffMs: 1 },
    },
    {
      id: 'per-file',
      kind: 'expand',
      source: { node: 'files' },
      template: {
        id: 'review',
        kind: 'leaf',
        task: { type: 'model', prompt: 'Review {{item}}.' },
      },
      maxChildren: 5,
    },
    {
      id: 'choose',
      kind: 'cond',
      test: { op: 'at_least', node: 'bold', field: 'score', value: 5 },
      // biome-ignore lint/suspicious/noThenProperty: a field of the IR
      then: [{ id: 'yes', kind: 'leaf', task: { type: 'model', prompt: 'Yes.' } }],
      else: [{ id: 'no', kind: 'leaf', task: { type: 'model', prompt: 'No.' } }],
    },
    { id: 'sum', kind: 'reduce', inputs: ['per-file'], task: { type: 'model', prompt: 'Sum up.' } },
  ],
};

export const everythingRules: readonly MockRule[] = [
  { path: 'explore/bold', json: { score: 8 }, costMicroUsd: 1200 },
  { path: 'explore/calm', json: { score: 3 }, costMicroUsd: 800 },
  { path: 'fix/test', iteration: 1, exit: 1, stdout: 'one test fails' },
  { path: 'files', attempt: 1, answer: 'no list' },
  { path: 'files', json: ['a.ts', 'b c.ts'] },
];
