import { expect, test } from 'vitest';
import { MAX_DRAWN_NODES, toDot, toMermaid } from './diagram.ts';
import { parseWorkflow } from './parse-workflow.ts';
import { planOutline } from './plan-outline.ts';
import type { WorkflowSpec } from './workflow-spec.ts';

function spec(nodes: readonly unknown[], more: object = {}): WorkflowSpec {
  const result = parseWorkflow({ id: 'w', goal: 'g', nodes, ...more });
  if ('diagnostics' in result) throw new Error(JSON.stringify(result.diagnostics));
  return result.spec;
}

const writer = (id: string): object => ({
  kind: 'leaf',
  id,
  mode: 'read_write',
  isolation: 'worktree',
  task: { type: 'agent', prompt: 'do it' },
});
const repair = spec(
  [
    { kind: 'leaf', id: 'scan', task: { type: 'search', query: 'TODO' } },
    { kind: 'branch_set', id: 'tries', children: [writer('a'), writer('b')] },
    { kind: 'tournament', id: 'best', candidates: ['a', 'b'], rank: { by: 'pairwise' } },
    {
      kind: 'loop_until',
      id: 'fix',
      label: 'fix "it" <b>',
      until: 'the tests pass',
      maxIterations: 3,
      children: [
        { kind: 'leaf', id: 'say', inputs: ['scan'], task: { type: 'model', prompt: '12345678' } },
        { kind: 'leaf', id: 'test', task: { type: 'command', purpose: 'test', argv: 'npm test' } },
      ],
    },
  ],
  { modelPolicy: { maxOutputTokens: 100 } },
);

test('an outline says what a run may do at most', () => {
  const { nodes, phases, ...outline } = planOutline(repair);
  expect(phases.map(({ id }) => id)).toEqual(['scan', 'tries', 'best', 'fix']);
  expect(
    nodes.map(({ id, instances, maxLeaves, depth }) => [id, instances, maxLeaves, depth]),
  ).toMatchInlineSnapshot(`
    [
      [
        "scan",
        1,
        1,
        0,
      ],
      [
        "tries",
        1,
        2,
        0,
      ],
      [
        "a",
        1,
        1,
        1,
      ],
      [
        "b",
        1,
        1,
        1,
      ],
      [
        "best",
        1,
        2,
        0,
      ],
      [
        "best/$judge",
        2,
        2,
        1,
      ],
      [
        "fix",
        1,
        9,
        0,
      ],
      [
        "say",
        3,
        3,
        1,
      ],
      [
        "test",
        3,
        3,
        1,
      ],
      [
        "fix/$until",
        3,
        3,
        1,
      ],
    ]
  `);
  expect(outline).toMatchInlineSnapshot(`
    {
      "budget": {
        "maxCostMicroUsd": 5000000,
        "maxLeaves": 1000,
        "maxMs": 3600000,
        "maxTokens": 2000000,
      },
      "commands": [
        {
          "instances": 3,
          "isFixed": true,
          "node": "test",
          "purpose": "test",
          "text": "npm test",
        },
      ],
      "depth": 1,
      "goal": "g",
      "id": "w",
      "maxLeaves": 14,
      "permissions": {
        "commands": [
          "bash -c npm test",
        ],
        "env": [],
        "network": false,
        "shell": true,
        "tools": [],
        "write": true,
      },
      "tokens": {
        "calls": 8,
        "input": 439,
        "openEnded": 2,
        "output": 800,
      },
      "trees": [
        "a",
        "b",
      ],
      "writers": [
        {
          "node": "a",
          "tree": "a",
        },
        {
          "node": "b",
          "tree": "b",
        },
        {
          "node": "best",
        },
      ],
    }
  `);
});

test('an outline counts a leaf for every loser, and says its command', () => {
  const harvest = { argv: 'npm test', timeoutMs: 1000 };
  const outline = planOutline(
    spec([
      { kind: 'branch_set', id: 'tries', children: [writer('a'), writer('b'), writer('c')] },
      {
        kind: 'tournament',
        id: 'best',
        candidates: ['a', 'b', 'c'],
        rank: { by: 'judge' },
        harvest,
      },
    ]),
  );
  expect(outline.maxLeaves).toBe(3 + 1 + 2);
  expect(outline.nodes.find(({ id }) => id === 'best/$harvest')).toMatchObject({
    instances: 2,
    task: 'harvest',
    isDerived: true,
    isolation: 'worktree',
  });
  expect(outline.commands).toEqual([
    { node: 'best/$harvest', purpose: 'test', text: 'npm test', isFixed: true, instances: 2 },
  ]);
  expect(outline.permissions).toMatchObject({ shell: true, write: true });
});

test('of instances that are merged all but one may have to be harvested', () => {
  const list = { type: 'object', properties: { items: { type: 'array' } } } as const;
  const outline = planOutline(
    spec([
      { kind: 'leaf', id: 'list', task: { type: 'model', prompt: 'list' }, output: list },
      {
        kind: 'expand',
        id: 'each',
        source: { node: 'list', field: 'items' },
        maxChildren: 5,
        template: writer('one'),
        trees: 'merge',
        harvest: { argv: 'npm test' },
      },
    ]),
  );
  expect(outline.maxLeaves).toBe(1 + 5 + 1 + 4);
  expect(outline.nodes.find(({ id }) => id === 'each/$harvest')).toMatchObject({ instances: 4 });
});

test('a diagram says what holds what and what feeds what', () => {
  expect(toMermaid(repair)).toMatchInlineSnapshot(`
    "flowchart TD
      n0(["w"])
      n1["scan · search"]
      n2{{"tries · branch#95;set"}}
      n3{{"best · tournament"}}
      n4{{"fix #34;it#34; #60;b#62; · loop#95;until ×3"}}
      n5["a · agent"]
      n6["b · agent"]
      n7["best/$judge · model"]
      n8["say · model"]
      n9["test · command"]
      n10["fix/$until · model"]
      n0 --> n1
      n0 --> n2
      n0 --> n3
      n0 --> n4
      n2 --> n5
      n2 --> n6
      n3 --> n7
      n4 --> n8
      n4 --> n9
      n4 --> n10
      n5 -.-> n3
      n6 -.-> n3
      n1 -.-> n8
    "
  `);
  expect(toDot(repair)).toMatchInlineSnapshot(`
    "digraph workflow {
      rankdir=TB;
      node [fontname="sans-serif"];
      n0 [label="w", shape=oval];
      n1 [label="scan · search", shape=box];
      n2 [label="tries · branch_set", shape=hexagon];
      n3 [label="best · tournament", shape=hexagon];
      n4 [label="fix \\"it\\" <b> · loop_until ×3", shape=hexagon];
      n5 [label="a · agent", shape=box];
      n6 [label="b · agent", shape=box];
      n7 [label="best/$judge · model", shape=box];
      n8 [label="say · model", shape=box];
      n9 [label="test · command", shape=box];
      n10 [label="fix/$until · model", shape=box];
      n0 -> n1;
      n0 -> n2;
      n0 -> n3;
      n0 -> n4;
      n2 -> n5;
      n2 -> n6;
      n3 -> n7;
      n4 -> n8;
      n4 -> n9;
      n4 -> n10;
      n5 -> n3 [style=dashed];
      n6 -> n3 [style=dashed];
      n1 -> n8 [style=dashed];
    }
    "
  `);
});

test('a large plan is folded, level by level', () => {
  const leaf = (id: string): object => ({ kind: 'leaf', id, task: { type: 'model', prompt: 'x' } });
  const large = spec(
    Array.from({ length: 20 }, (_, row) => ({
      kind: 'sequence',
      id: `s${row}`,
      children: Array.from({ length: 40 }, (_unused, column) => leaf(`l${row}-${column}`)),
    })),
  );
  const lines = toMermaid(large).split('\n');
  expect(lines.length).toBeLessThan(3 * MAX_DRAWN_NODES);
  expect(lines[2]).toBe('  n1[["s0 · sequence #40;+40 nodes#41;"]]');
});
