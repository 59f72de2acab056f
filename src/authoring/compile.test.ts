import { expect, test } from 'vitest';
import { digestSpec } from '../workflow/digest.ts';
import { type Compiled, compileWorkflow } from './compile.ts';
import { drawDiagnostics } from './draw-diagnostics.ts';

function compile(files: Readonly<Record<string, string>>, file: string): Compiled {
  return compileWorkflow({
    file,
    source: files[file] ?? '',
    sources: (path) => files[path],
  });
}

function compiled(files: Readonly<Record<string, string>>, file: string) {
  const result = compile(files, file);
  if ('diagnostics' in result)
    throw new Error(drawDiagnostics(result.diagnostics, { source: (path) => files[path] }));
  return result;
}

function said(files: Readonly<Record<string, string>>, file: string): string {
  const result = compile(files, file);
  if (!('diagnostics' in result)) return 'compiled';
  return `\n${drawDiagnostics(result.diagnostics, { source: (path) => files[path] })}\n`;
}

const YAML = `id: fix
goal: make the tests pass
budget: {max_leaves: 20}
nodes:
  - kind: leaf
    id: scan
    task: {type: search, query: TODO, max_matches: 5}
  - kind: loop_until
    id: repair
    max_iterations: 3
    until: {op: equals, node: test, field: passed, value: true}
    children:
      - kind: leaf
        id: edit
        mode: read_write
        file_scope: [src/**]
        inputs: [scan]
        task: {type: agent, agent_type: implement, prompt: "fix {{inputs.scan.files}}"}
      - {kind: leaf, id: test, task: {type: command, purpose: test, argv: npm test}}
`;
const JSON_TEXT = `{
  "id": "fix", "goal": "make the tests pass", "budget": {"maxLeaves": 20},
  "nodes": [
    {"id": "scan", "kind": "leaf", "task": {"query": "TODO", "type": "search", "maxMatches": 5}},
    {"kind": "loop_until", "id": "repair", "maxIterations": 3,
     "children": [
       {"kind": "leaf", "id": "edit", "mode": "read_write", "fileScope": ["src/**"],
        "inputs": {"scan": "scan"},
        "task": {"type": "agent", "agentType": "implementer", "prompt": "fix {{inputs.scan.files}}"}},
       {"kind": "leaf", "id": "test",
        "task": {"type": "command", "purpose": "test", "argv": "npm test"}}],
     "until": {"op": "equals", "node": "test", "field": "passed", "value": true}}]
}`;

test('YAML with snake_case and JSON with camelCase compile to the same spec', () => {
  const yaml = compiled({ 'w.yaml': YAML }, 'w.yaml');
  const json = compiled({ 'w.json': JSON_TEXT }, 'w.json');
  expect(digestSpec(yaml.spec)).toBe(digestSpec(json.spec));
  expect(yaml.source.language).toBe('yaml');
  expect(yaml.sourceMap).toEqual({
    scan: [5, 5],
    repair: [8, 5],
    edit: [13, 9],
    test: [19, 9],
  });
});

test('snake_case is not touched in what is the author’s own', () => {
  const { spec } = compiled(
    {
      'w.yaml': `
id: w
goal: g
params: {type: object, properties: {max_tokens: {type: integer, default: 1}}}
nodes:
  - kind: leaf
    id: a
    task: {type: model, prompt: x}
    output: {type: object, properties: {max_tokens: {type: integer}}}
  - kind: leaf
    id: b
    inputs: {max_tokens: a}
    task: {type: memory, action: write, key: k, value: {max_tokens: 1}}
`,
    },
    'w.yaml',
  );
  const text = JSON.stringify(spec);
  expect(text.match(/max_tokens/g)).toHaveLength(4);
  expect(spec.budget.maxTokens).toBe(2_000_000);
});

test('both spellings of one field are refused', () => {
  const file =
    'id: w\ngoal: g\nnodes: [{kind: leaf, id: a, task: {type: agent, prompt: x, max_turns: 1, maxTurns: 2}}]';
  expect(said({ 'w.yaml': file }, 'w.yaml')).toContain('unknown field `max_turns`');
});

test('another ending is no workflow', () => {
  expect(said({ 'w.txt': '' }, 'w.txt')).toContain('WF2002');
});

const USED = `id: check
goal: look at one thing
params:
  type: object
  properties:
    what: {type: string}
    rounds: {type: integer, default: 2}
  required: [what]
modelPolicy: {role: reviewer}
nodes:
  - {kind: leaf, id: look, task: {type: model, prompt: 'look at {{params.what}} \\{{x}}'}}
  - kind: loop_until
    id: rounds
    maxIterations: '{{params.rounds}}'
    until: '{{inputs.again}} is fine'
    children:
      - kind: leaf
        id: again
        inputs: [look, previous(again)]
        task: {type: model, prompt: 'again {{inputs.look}} {{previous.again}}'}
`;
const USING = `
id: w
goal: g
nodes:
  - {kind: leaf, id: look, task: {type: model, prompt: x}, output: {type: array}}
  - kind: expand
    id: each
    source: look
    maxChildren: 2
    template: {kind: use, id: c, file: ../lib/check.yaml, params: {what: '{{item}}', rounds: 3}}
  - {kind: use, id: d, file: ../lib/check.yaml, params: {what: 'all { braces }'}}
  - {kind: reduce, id: sum, inputs: [c, d, d.look], task: {type: model, prompt: sum}}
`;

test('a used workflow becomes a sequence with prefixed ids, its params put in', () => {
  const files = { 'wf/w.yaml': USING, 'lib/check.yaml': USED };
  const { spec, sourceMap, source } = compiled(files, 'wf/w.yaml');
  const [, each, used] = spec.nodes;
  if (each?.kind !== 'expand' || used?.kind !== 'sequence') throw new Error('kinds');
  expect(each.template).toMatchObject({
    kind: 'sequence',
    id: 'c',
    children: [
      {
        id: 'c.look',
        modelPolicy: { role: 'reviewer' },
        task: { prompt: 'look at {{item}} \\{{x}}' },
      },
      {
        id: 'c.rounds',
        maxIterations: 3,
        judge: { inputs: { 'c.again': { node: 'c.again' } } },
        children: [
          {
            id: 'c.again',
            inputs: {
              'c.look': { node: 'c.look' },
              'previous(c.again)': { node: 'c.again', previous: true, optional: true },
            },
            task: { prompt: 'again {{inputs.c.look}} {{previous.c.again}}' },
          },
        ],
      },
    ],
  });
  expect(used.children[0]).toMatchObject({ task: { prompt: 'look at all { braces } \\{{x}}' } });
  expect(used.children[1]).toMatchObject({ maxIterations: 2 });
  expect(sourceMap['d.look']).toEqual([11, 5]);
  expect(Object.keys(source.loads ?? {})).toEqual(['lib/check.yaml']);
});

test('what a use may not do', () => {
  const files = {
    'a.yaml': `
id: a
goal: g
nodes:
  - {kind: use, id: u, file: b.yaml}
  - {kind: use, id: v, file: ../../etc/passwd.yaml}
  - {kind: use, id: x, file: nope.yaml}
  - {kind: use, id: y, file: c.yaml, params: {n: three, m: 1}}
  - {kind: use, id: z, file: c.yaml, parms: {}}
  - {kind: use, id: q}
`,
    'b.yaml': 'id: b\ngoal: g\nnodes:\n  - {kind: use, id: back, file: a.yaml}\n',
    'c.yaml':
      'id: c\ngoal: g\nparams: {type: object, properties: {n: {type: integer}}, additionalProperties: false}\nnodes:\n  - {kind: leaf, id: l, task: {type: model, prompt: "{{params.n}}"}}\n',
  };
  expect(said(files, 'a.yaml')).toMatchInlineSnapshot(`
    "
    error[WF1103]: files use each other: a.yaml -> b.yaml -> a.yaml
      --> b.yaml:4:33
      |
    4 |   - {kind: use, id: back, file: a.yaml}
      |                                 ^^^^^^

    error[WF1103]: \`../../etc/passwd.yaml\` leaves the folder of workflows
      --> a.yaml:6:30
      |
    6 |   - {kind: use, id: v, file: ../../etc/passwd.yaml}
      |                              ^^^^^^^^^^^^^^^^^^^^^

    error[WF2003]: no file \`nope.yaml\`
      --> a.yaml:7:30
      |
    7 |   - {kind: use, id: x, file: nope.yaml}
      |                              ^^^^^^^^^

    error[WF1208]: no parameter \`m\`
      --> a.yaml:8:46
      |
    8 |   - {kind: use, id: y, file: c.yaml, params: {n: three, m: 1}}
      |                                              ^^^^^^^^^^^^^^^^

    error[WF1208]: parameter \`n\`: must be integer
      --> a.yaml:8:46
      |
    8 |   - {kind: use, id: y, file: c.yaml, params: {n: three, m: 1}}
      |                                              ^^^^^^^^^^^^^^^^

    error[WF1002]: unknown field \`parms\` in use
      --> a.yaml:9:38
      |
    9 |   - {kind: use, id: z, file: c.yaml, parms: {}}
      |                                      ^^^^^

    error[WF1208]: parameter \`n\` is not given
      --> a.yaml:9:5
      |
    9 |   - {kind: use, id: z, file: c.yaml, parms: {}}
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error[WF1003]: a use needs \`id\`, \`file\` and perhaps a map of \`params\`
       --> a.yaml:10:5
       |
    10 |   - {kind: use, id: q}
       |     ^^^^^^^^^^^^^^^^^^
    "
  `);
});

test('problems of a used file are shown in that file', () => {
  const files = {
    'a.yaml': 'id: a\ngoal: g\nnodes:\n  - {kind: use, id: u, file: b.yaml}\n',
    'b.yaml':
      'id: b\ngoal: g\nnodes:\n  - {kind: leaf, id: l, inputs: [m], task: {type: model, prompt: x}}\n',
  };
  expect(said(files, 'a.yaml')).toMatchInlineSnapshot(`
    "
    error[WF1202]: no node \`u.m\`
      --> b.yaml:4:34
      |
    4 |   - {kind: leaf, id: l, inputs: [m], task: {type: model, prompt: x}}
      |                                  ^ no node has this id
    help: did you mean \`u.l\`?
    "
  `);
});
