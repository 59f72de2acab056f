import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workflowDocuments } from '../../test/arbitrary/workflow-document.ts';
import { digestSpec } from './digest.ts';
import type { NodeDocument, WorkflowDocument } from './document.ts';
import { type ParseOptions, parseWorkflow } from './parse-workflow.ts';
import { childNodes, worstCasePopulation } from './population.ts';
import type { WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

const model = (id: string, more: object = {}): NodeDocument => ({
  kind: 'leaf',
  id,
  task: { type: 'model', prompt: 'x' },
  ...more,
});
const workflow = (nodes: readonly unknown[], more: object = {}): unknown => ({
  id: 'w',
  goal: 'g',
  nodes,
  ...more,
});

const cond = (test: unknown, yes: unknown, no: unknown = []): object => ({
  kind: 'cond',
  id: 'c',
  test,
  // biome-ignore lint/suspicious/noThenProperty: a field of the IR
  then: [yes],
  else: no,
});

function parsed(document: unknown, options?: ParseOptions): WorkflowSpec {
  const result = parseWorkflow(document, undefined, options);
  if ('diagnostics' in result) throw new Error(JSON.stringify(result.diagnostics, undefined, 1));
  return result.spec;
}

function codes(document: unknown, options?: ParseOptions): readonly string[] {
  const result = parseWorkflow(document, undefined, options);
  return 'diagnostics' in result ? result.diagnostics.map(({ code }) => code) : [];
}

describe('what is left out has a value', () => {
  test('of a workflow', () => {
    const { nodes: _nodes, ...spec } = parsed(workflow([model('a')]));
    expect(spec).toMatchInlineSnapshot(`
      {
        "budget": {
          "maxCostMicroUsd": 5000000,
          "maxLeaves": 1000,
          "maxMs": 3600000,
          "maxTokens": 2000000,
        },
        "goal": "g",
        "id": "w",
        "irVersion": 1,
        "limits": {
          "maxDepth": 16,
          "maxPopulation": 1000,
        },
        "modelPolicy": {
          "posture": "standard",
        },
        "output": {
          "node": "a",
        },
        "params": {
          "additionalProperties": false,
          "properties": {},
          "type": "object",
        },
        "permissions": {
          "commands": [],
          "env": [],
          "network": false,
          "shell": false,
          "tools": [],
          "write": false,
        },
        "promotionPolicy": {
          "maxCostDelta": 0,
          "maxStaleDays": 30,
          "minCases": 1,
          "minScoreDelta": 0,
          "requiredTests": [],
        },
      }
    `);
  });

  test('of each kind of task', () => {
    const tasks = [
      { type: 'agent', prompt: 'x', agentType: 'verify' },
      { type: 'command', argv: 'npm test | tee log' },
      { type: 'search', query: 'x' },
      { type: 'external', agent: 'other', prompt: 'x' },
      { type: 'rlm', prompt: 'x', variable: 'text' },
      { type: 'memory', action: 'read', key: 'k' },
    ];
    const { nodes } = parsed(
      workflow([
        model('text'),
        ...tasks.map((task, at) => model(`n${at}`, { task, inputs: ['text'] })),
      ]),
    );
    const leaves = nodes.map((node) =>
      node.kind === 'leaf'
        ? { ...node.task, role: node.modelPolicy.role, tries: node.retry.maxAttempts }
        : node,
    );
    expect(leaves).toMatchInlineSnapshot(`
      [
        {
          "prompt": "x",
          "role": "leaf_reasoner",
          "tries": 2,
          "type": "model",
        },
        {
          "agentType": "verifier",
          "maxTurns": 50,
          "prompt": "x

      {{inputs.text}}",
          "role": "reviewer",
          "tries": 2,
          "type": "agent",
        },
        {
          "argv": [
            "bash",
            "-c",
            "npm test | tee log",
          ],
          "okExitCodes": [
            0,
          ],
          "purpose": "shell",
          "role": undefined,
          "shell": "bash",
          "timeoutMs": 600000,
          "tries": 1,
          "type": "command",
        },
        {
          "maxMatches": 200,
          "query": "x",
          "role": undefined,
          "tries": 1,
          "type": "search",
        },
        {
          "agent": "other",
          "prompt": "x

      {{inputs.text}}",
          "role": "leaf_reasoner",
          "timeoutMs": 1800000,
          "tries": 2,
          "type": "external",
        },
        {
          "maxCalls": 50,
          "maxDepth": 1,
          "prompt": "x",
          "role": "leaf_reasoner",
          "tries": 2,
          "type": "rlm",
          "variable": "text",
        },
        {
          "action": "read",
          "key": "k",
          "limit": 20,
          "role": undefined,
          "tries": 1,
          "type": "memory",
        },
      ]
    `);
  });
});

describe('derived leaves', () => {
  test('of a loop and a condition in plain language', () => {
    const { nodes } = parsed(
      workflow([
        {
          kind: 'loop_until',
          id: 'l',
          until: 'it is good',
          maxIterations: 2,
          children: [model('a'), model('b')],
        },
        cond('is `{{inputs.a}}` short?', model('d')),
      ]),
    );
    const [loop, which] = nodes;
    expect(loop).toMatchObject({
      until: { op: 'equals', node: 'l/$until', field: 'holds', value: true },
      judge: {
        id: 'l/$until',
        modelPolicy: { role: 'judge' },
        permissions: { write: false, shell: false },
        inputs: { a: { node: 'a', optional: true }, b: { node: 'b', optional: true } },
      },
    });
    expect(which).toMatchObject({ judge: { id: 'c/$test', inputs: { a: { node: 'a' } } } });
  });

  test('of reduce, tournaments, reviews and merges', () => {
    const branch = (id: string): object =>
      model(id, {
        isolation: 'worktree',
        mode: 'read_write',
        task: { type: 'agent', prompt: 'x' },
      });
    const { nodes } = parsed(
      workflow(
        [
          { kind: 'branch_set', id: 'both', trees: 'merge', children: [branch('a'), branch('b')] },
          {
            kind: 'reduce',
            id: 'sum',
            inputs: ['a', 'b'],
            task: { type: 'model', prompt: 'add {{inputs.a}}' },
          },
          {
            kind: 'tournament',
            id: 'best',
            candidates: ['a', 'b'],
            rank: { by: 'judge', rubric: 'short {{params.x}}' },
          },
          { kind: 'tournament', id: 'pair', candidates: ['a', 'b'], rank: { by: 'pairwise' } },
          { kind: 'teacher_review', id: 'learn', candidates: ['both'] },
        ],
        { params: { type: 'object', properties: { x: { type: 'string' } } } },
      ),
    );
    const [both, sum, best, pair, learn] = nodes;
    expect(both).toMatchObject({
      merge: { id: 'both/$merge', task: { type: 'merge' }, mode: 'read_write' },
    });
    expect(sum).toMatchObject({
      reducer: {
        id: 'sum/$reduce',
        inputs: { a: { node: 'a', optional: true }, b: { node: 'b', optional: true } },
        task: { prompt: 'add {{inputs.a}}\n\n{{inputs.b}}' },
      },
    });
    expect(best).toMatchObject({
      adopt: 'winner',
      judge: { id: 'best/$judge', modelPolicy: { role: 'judge' } },
    });
    expect(pair).toMatchObject({
      judge: { id: 'pair/$judge', inputs: { a: { node: 'a' }, b: { node: 'b' } } },
    });
    expect(learn).toMatchObject({
      teacher: {
        id: 'learn/$teacher',
        inputs: { both: { node: 'both', as: 'subtree', optional: true } },
      },
    });
    expect(worstCasePopulation({ nodes })).toBe(2 + 1 + 1 + 2 + 1 + 1);
  });
});

describe('what is inherited', () => {
  test('rights narrow, policies and scopes pass down, roles go by the nearest word', () => {
    const { nodes } = parsed(
      workflow(
        [
          {
            kind: 'sequence',
            id: 's',
            permissions: { commands: ['npm test'] },
            modelPolicy: { temperature: 0 },
            fileScope: ['src'],
            mode: 'read_write',
            children: [
              model('a', { permissions: { shell: false } }),
              model('b', {
                task: { type: 'agent', prompt: 'x', agentType: 'review' },
                fileScope: ['src/b'],
              }),
            ],
          },
        ],
        {
          permissions: { write: true, shell: true, commands: ['npm *'] },
          modelPolicy: { role: 'planner' },
        },
      ),
    );
    const [a, b] = (nodes[0] as Extract<WorkflowNode, { kind: 'sequence' }>).children;
    expect(a).toMatchObject({
      permissions: { shell: false, write: true, commands: ['npm test'] },
      modelPolicy: { role: 'planner', temperature: 0 },
      fileScope: ['src'],
      mode: 'read_write',
    });
    expect(b).toMatchObject({ modelPolicy: { role: 'reviewer' }, fileScope: ['src/b'] });
  });

  test('least rights are exactly what is spelt out', () => {
    const { permissions } = parsed(
      workflow(
        [
          model('a', { task: { type: 'command', argv: ['npm', 'test'] } }),
          model('b', { task: { type: 'command', argv: 'rm *.tmp "{{params.x}}"' } }),
          model('c', { mode: 'read_write', task: { type: 'agent', prompt: 'x', tools: ['read'] } }),
        ],
        { params: { type: 'object', properties: { x: { type: 'string' } } } },
      ),
    );
    expect(permissions).toEqual({
      write: true,
      shell: true,
      network: false,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: bash’s own
      commands: ['bash -c rm \\*.tmp "${1}"', 'npm test'],
      tools: ['read'],
      env: [],
    });
  });

  test('ceilings of the host come down on everything, without a word', () => {
    const none = {
      write: false,
      shell: true,
      network: false,
      commands: ['npm test'],
      tools: [],
      env: [],
    };
    const spec = parsed(
      workflow([model('a', { mode: 'read_write' })], {
        permissions: { write: true, shell: true, commands: ['npm *', 'make'] },
        budget: { maxTokens: 10 },
      }),
      {
        ceilings: { budget: { maxTokens: 50, maxCostMicroUsd: 1, maxSteps: 5 }, permissions: none },
      },
    );
    expect(spec.budget).toEqual({
      maxCostMicroUsd: 1,
      maxTokens: 10,
      maxLeaves: 1000,
      maxMs: 3_600_000,
      maxSteps: 5,
    });
    expect(spec.permissions).toEqual(none);
    expect(spec.nodes[0]?.permissions).toEqual(none);
  });
});

describe('references', () => {
  const loop = (children: readonly unknown[], more: object = {}): object => ({
    kind: 'loop_until',
    id: 'loop',
    until: { op: 'succeeded', node: 'a' },
    maxIterations: 3,
    children,
    ...more,
  });
  const expand = (template: unknown): readonly object[] => [
    model('list', {
      output: {
        type: 'array',
        items: {
          type: 'object',
          properties: { n: { type: 'number' } },
          additionalProperties: false,
        },
      },
    }),
    { kind: 'expand', id: 'each', source: 'list', maxChildren: 3, template },
  ];
  test.each<[name: string, nodes: readonly unknown[], expected: readonly string[]]>([
    ['into a loop from outside', [loop([model('a')]), model('z', { inputs: ['a'] })], []],
    ['the last iteration’s own', [loop([model('a', { inputs: ['previous(a)'] })])], []],
    [
      'the last iteration’s, later in the body',
      [loop([model('a', { inputs: ['previous(b)'] }), model('b')])],
      [],
    ],
    [
      'the last iteration’s of a sibling branch',
      [
        loop([
          model('a'),
          {
            kind: 'branch_set',
            id: 'bs',
            children: [model('b'), model('c', { inputs: ['previous(b)'] })],
          },
        ]),
      ],
      [],
    ],
    [
      'a loop’s condition about what is outside',
      [model('o'), loop([model('a')], { until: { op: 'succeeded', node: 'o' } })],
      [],
    ],
    [
      'a loop about itself',
      [loop([model('a')], { until: { op: 'succeeded', node: 'loop' } })],
      ['WF1203'],
    ],
    ['a loop around a reference', [loop([model('a', { inputs: ['loop'] })])], ['WF1203']],
    [
      'an instance of the same template',
      expand({ kind: 'sequence', id: 's', children: [model('p'), model('q', { inputs: ['p'] })] }),
      [],
    ],
    ['an item’s field', expand(model('p', { task: { type: 'model', prompt: '{{item.n}}' } })), []],
    [
      'a field that items have not',
      expand(model('p', { task: { type: 'model', prompt: '{{item.m}}' } })),
      ['WF1206'],
    ],
    [
      'the list of instances',
      [
        ...expand(
          model('p', {
            output: {
              type: 'object',
              properties: { ok: { type: 'boolean' } },
              additionalProperties: false,
            },
          }),
        ),
        model('z', { inputs: ['p'], task: { type: 'model', prompt: '{{inputs.p.0.ok}}' } }),
      ],
      [],
    ],
    [
      'a field of the list of instances',
      [
        ...expand(model('p', { output: { type: 'object' } })),
        model('z', { inputs: ['p'], task: { type: 'model', prompt: '{{inputs.p.ok}}' } }),
      ],
      ['WF1206'],
    ],
    [
      'a conflict resolver about the branches',
      [
        {
          kind: 'branch_set',
          id: 'bs',
          trees: 'merge',
          children: [model('a')],
          onConflict: model('fix', { inputs: ['a'] }),
        },
      ],
      [],
    ],
    [
      'a branch about its conflict resolver',
      [
        {
          kind: 'branch_set',
          id: 'bs',
          trees: 'merge',
          children: [model('a', { inputs: ['fix'] })],
          onConflict: model('fix'),
        },
      ],
      ['WF1203'],
    ],
    [
      'both sides of a condition from outside',
      [
        model('o'),
        cond({ op: 'succeeded', node: 'o' }, model('a'), [model('b')]),
        model('z', { inputs: ['a', 'b'] }),
      ],
      [],
    ],
    [
      'a condition about its own side',
      [cond({ op: 'succeeded', node: 'a' }, model('a'))],
      ['WF1203'],
    ],
  ])('%s', (_name, nodes, expected) => {
    expect(codes(workflow(nodes))).toEqual(expected);
  });
});

describe('parallel writers', () => {
  const writer = (id: string, more: object = {}): NodeDocument =>
    model(id, { mode: 'read_write', task: { type: 'agent', prompt: 'x' }, ...more });
  const both = (children: readonly unknown[], more: object = {}): object => ({
    kind: 'branch_set',
    id: 'bs',
    children,
    ...more,
  });
  test.each<[name: string, node: object, expected: readonly string[]]>([
    ['one after the other', both([writer('a'), writer('b')], { maxParallel: 1 }), []],
    [
      'each in its own tree',
      both([writer('a', { isolation: 'worktree' }), writer('b', { isolation: 'worktree' })]),
      [],
    ],
    ['one in its own tree', both([writer('a'), writer('b', { isolation: 'worktree' })]), []],
    [
      'deep in a branch',
      both([writer('a'), { kind: 'sequence', id: 's', children: [writer('b')] }]),
      ['WF1304'],
    ],
    [
      'models have no tree',
      both([model('a', { mode: 'read_write' }), model('b', { mode: 'read_write' })]),
      [],
    ],
    [
      'a merge writes into the tree around it',
      both([
        writer('a'),
        {
          kind: 'branch_set',
          id: 'in',
          trees: 'merge',
          children: [writer('b', { isolation: 'worktree' })],
        },
      ]),
      ['WF1304'],
    ],
  ])('%s', (_name, node, expected) => {
    expect(codes(workflow([node]))).toEqual(expected);
  });
});

test('a field that is left out is missing, with what it may be', () => {
  const pareto = { kind: 'pareto', id: 'p', candidates: ['a'], objectives: [{ by: 'cost' }] };
  const result = parseWorkflow(workflow([model('a'), pareto]));
  expect(result).toMatchObject({
    diagnostics: [
      {
        code: 'WF1003',
        message: '`objectives[0]` has no `goal`',
        notes: ['one of: min, max'],
      },
    ],
  });
});

test('what is no JSON is refused, whatever it is', () => {
  const cycle: Record<string, unknown> = { id: 'w' };
  cycle['nodes'] = [cycle];
  for (const value of [
    undefined,
    null,
    1,
    'x',
    [],
    () => 1,
    new Map(),
    { id: 1n },
    { a: undefined },
    cycle,
  ])
    expect(codes(value).length).toBeGreaterThan(0);
});

test('random workflows that hold together pass, twice the same, and are not changed', () => {
  let passed = 0;
  let all = 0;
  fc.assert(
    fc.property(workflowDocuments({ hasTrees: true, hasApprovals: true }), (document) => {
      const before = JSON.stringify(document);
      const result = parseWorkflow(document);
      all += 1;
      if ('diagnostics' in result) return;
      passed += 1;
      expect(JSON.stringify(document)).toBe(before);
      expect(digestSpec(parsed(reversed(document)))).toBe(digestSpec(result.spec));
      expect(leaves(result.spec.nodes)).toBeLessThanOrEqual(worstCasePopulation(result.spec));
    }),
    { numRuns: 500 },
  );
  expect(passed / all).toBeGreaterThan(0.9);
});

/** The same document with the keys of its maps the other way round, but for names of inputs. */
function reversed(document: WorkflowDocument): unknown {
  const turn = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => turn(item, key));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, item]) => [name, turn(item, name)] as const);
    return Object.fromEntries(key === 'inputs' ? entries : entries.reverse());
  };
  return turn(document, '');
}

function leaves(nodes: readonly WorkflowNode[]): number {
  return nodes.reduce(
    (total, node) =>
      total + (node.kind === 'leaf' ? 1 : node.kind === 'cond' ? 0 : leaves(childNodes(node))),
    0,
  );
}
