import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printStarlark } from '../../test/arbitrary/print-starlark.ts';
import { workflowDocuments } from '../../test/arbitrary/workflow-document.ts';
import { digestSpec } from '../workflow/digest.ts';
import { type Compiled, compileWorkflow } from './compile.ts';
import { drawDiagnostics } from './draw-diagnostics.ts';

type Files = Readonly<Record<string, string>>;

function compile(files: Files, file = 'w.star'): Compiled {
  return compileWorkflow({ file, source: files[file] ?? '', sources: (path) => files[path] });
}

function compiled(files: Files, file = 'w.star'): Exclude<Compiled, { diagnostics: unknown }> {
  const result = compile(files, file);
  if ('diagnostics' in result) throw new Error(drawn(result.diagnostics, files));
  return result;
}

const drawn = (diagnostics: Parameters<typeof drawDiagnostics>[0], files: Files): string =>
  drawDiagnostics(diagnostics, { source: (path) => files[path] });

function said(source: string, more: Files = {}): string {
  const files = { 'w.star': source, ...more };
  const result = compile(files);
  return `\n${drawn('diagnostics' in result ? result.diagnostics : result.warnings, files)}\n`;
}

/** Codes and places, for many problems at once. */
function places(source: string, more: Files = {}): readonly string[] {
  const result = compile({ 'w.star': source, ...more });
  const diagnostics = 'diagnostics' in result ? result.diagnostics : result.warnings;
  return diagnostics.map(({ code, span }) => `${code} ${span?.file}:${span?.line}:${span?.column}`);
}

const YAML = `
id: fix
goal: make the tests pass
budget: {max_leaves: 20}
nodes:
  - {kind: leaf, id: scan, task: {type: search, query: TODO, max_matches: 5}}
  - kind: loop_until
    id: repair
    max_iterations: 3
    until: {op: all_of, of: [{op: equals, node: test, field: passed, value: true}, {op: negate, of: {op: failed, node: test}}]}
    children:
      - kind: leaf
        id: edit
        mode: read_write
        file_scope: [src/**]
        inputs: [scan, previous(test)]
        task: {type: agent, agent_type: implement, prompt: "fix {{inputs.scan.files}}"}
      - {kind: leaf, id: test, task: {type: command, purpose: test, argv: npm test}}
  - kind: expand
    id: each
    source: {node: scan, field: files}
    max_children: 5
    template: {kind: leaf, id: look, task: {type: model, prompt: "{{item}}"}}
  - {kind: tournament, id: best, candidates: [each], rank: {by: judge}}
  - {kind: cond, id: end, test: it is good, then: [{kind: approve, id: ship, message: ship it}]}
output: {node: best, field: why}
`;
const STARLARK = `
scan = search("scan", "TODO", max_matches = 5)
tests = test("test", "npm test")
each = expand("each", scan.output("files"), 5, ask("look", "{{item}}"))
edit = agent("edit", "fix {{inputs.scan.files}}", "implement", "read_write", None, ["src/**"], [scan, previous(tests)])
best = tournament("best", each)
workflow(
    id = "fix",
    goal = "make the tests pass",
    budget = {"max_leaves": 20},
    nodes = [
        scan,
        loop_until("repair", all_of(equals(tests.output("passed"), True), negate(failed(tests))), [edit, tests], 3),
        each,
        best,
        when("end", "it is good", [approve("ship", "ship it")]),
    ],
    output = best.output("why"),
)
`;

test('a harvest is a command, or a dict with its limit', () => {
  const source = (harvest: string): string => `
a = agent("a", "do it", mode = "read_write", isolation = "worktree")
workflow(
    id = "w",
    goal = "g",
    nodes = [
        branch("tries", [a], join = "first_success", harvest = ${harvest}),
        tournament("best", ["a"], rank = "cost", harvest = ${harvest}),
        pareto("front", ["a"], ["cost"], harvest = ${harvest}),
    ],
)
`;
  const checks = (harvest: string): readonly unknown[] => {
    const result = compile({ 'w.star': source(harvest) });
    const nodes = 'spec' in result ? result.spec.nodes : [];
    return nodes.map((node) => 'harvest' in node && node.harvest?.task);
  };
  const plain = { type: 'command', purpose: 'test', timeoutMs: 600_000, okExitCodes: [0] };
  const bash = { ...plain, argv: ['bash', '-c', 'npm test'], shell: 'bash' };
  const listed = { ...plain, argv: ['npm', 'test'] };
  expect(checks('"npm test"')).toEqual(Array(3).fill({ type: 'harvest', check: bash }));
  expect(checks('["npm", "test"]')).toEqual(Array(3).fill({ type: 'harvest', check: listed }));
  const limited = { ...listed, timeoutMs: 5 };
  expect(checks('{"argv": ["npm", "test"], "timeout_ms": 5}')).toEqual(
    Array(3).fill({ type: 'harvest', check: limited }),
  );
});

test('Starlark and YAML make one plan; nodes are named by value', () => {
  const yaml = compiled({ 'w.yaml': YAML }, 'w.yaml');
  const starlark = compiled({ 'w.star': STARLARK });
  expect(starlark.spec).toEqual(yaml.spec);
  expect(digestSpec(starlark.spec)).toBe(digestSpec(yaml.spec));
  expect(starlark.source.language).toBe('starlark');
  expect(starlark.sourceMap).toMatchObject({ scan: [2, 8], repair: [13, 9], edit: [5, 8] });
  expect(starlark.warnings).toEqual([]);
});

/** The plan, or what is wrong with it. */
const gist = (result: Compiled): unknown =>
  'spec' in result ? result.spec : result.diagnostics.map(({ code }) => code).sort();

test('a program that makes a document has its plan, whatever the document', () => {
  const documents = workflowDocuments({ hasTrees: true, hasApprovals: true });
  fc.assert(
    fc.property(documents, (document) => {
      const starlark = compile({ 'w.star': printStarlark(document) });
      const json = compile({ 'w.json': JSON.stringify(document) }, 'w.json');
      expect(gist(starlark)).toEqual(gist(json));
    }),
    { numRuns: 100 },
  );
});

test('the field’s spellings are the same as ours', () => {
  const spelled = (first: string, second: string): void => {
    const file = (node: string): Files => ({
      'w.star': `s = search("s", "x")\nworkflow("w", "g", [s, ${node}])`,
    });
    expect(compiled(file(first)).spec).toEqual(compiled(file(second)).spec);
  };
  spelled(
    'branch("b", [ask("a", "x")], parallel = False)',
    'sequence(id = "b", children = [ask("a", "x")])',
  );
  spelled(
    'agent("a", "p", "explorer", depends_on_results = ["s"])',
    'agent("a", "p", agent_type = "explore", inputs = [s])',
  );
  spelled(
    'agent("a", "p", agent_type = "verify")',
    'agent(id = "a", prompt = "p", agent_type = "verifier")',
  );
  spelled(
    'when(id = "w", condition = "x?", then_nodes = [ask("a", "x")], else_nodes = [ask("b", "x")])',
    'when("w", test = "x?", then = [ask("a", "x")], else_nodes = [ask("b", "x")])',
  );
  spelled('test("t", command = "npm test")', 'test("t", argv = "npm test")');
  spelled(
    'loop_until("l", "it is done", [ask("a", "x")], max_iterations = 2)',
    'loop_until("l", until = "it is done", children = [ask("a", "x")], max_iterations = 2)',
  );
  spelled(
    'all = reduce("r", prompt = "p", inputs = [s])'.slice(6),
    'reduce("r", task = {"type": "model", "prompt": "p"}, inputs = ["s"])',
  );
});

test('a command of one string is bash, and recorded so', () => {
  const { spec } = compiled({ 'w.star': 'workflow("w", "g", [shell("a", "ls | wc -l")])' });
  expect(spec.nodes[0]).toMatchObject({
    task: { argv: ['bash', '-c', 'ls | wc -l'], shell: 'bash', purpose: 'shell' },
  });
});

test('nodes are values of types of their own', () => {
  const { notes } = compiled({
    'w.star': `
a = agent("a", "p")
print(type(a), a.id, a, type(succeeded(a)), a.output("x.y"), previous(a), dir(a), a == a, {a: 1}[a])
workflow("w", "g", [a])
`,
  });
  expect(notes).toEqual([
    {
      message:
        'agent a <agent "a"> condition <reference "a".x.y> <reference previous("a")> ["id", "output"] True 1',
      span: { file: 'w.star', line: 3, column: 6 },
    },
  ]);
});

test('all problems of a file are said at once, each where it was written', () => {
  expect(
    said(`
def helper():
    t = test("t", "npm test", file_scop = ["src"])

found = search("find", "TODO")
fix = loop_until("fix", found, [helper(), "tests", agent("e", prompt = found)])
workflow("w", "g", [
    found,
    fix,
    expand("each", found.output("fils"), template = ask("r", "{{item}}"), max_children = "many"),
    tournament("best", ["fx", found], rank = "best"),
    branch("b", [sequence("s", [])], parallel = False, join = "any"),
], budget = {"max_leaves": -1})
`),
  ).toMatchInlineSnapshot(`
    "
    warning[WF1105]: test \`t\` is made and never placed
      --> w.star:3:9
      |
    3 |     t = test("t", "npm test", file_scop = ["src"])
      |         ^^^^ never runs
    help: put it into a list of nodes, or take it away

    error[WF1002]: test(…) has no parameter \`file_scop\`
      --> w.star:3:31
      |
    3 |     t = test("t", "npm test", file_scop = ["src"])
      |                               ^^^^^^^^^ not a parameter here
      = called from the top level: w.star:6:39
    help: did you mean \`file_scope\`?

    error[WF1305]: loop_until \`fix\` has no upper bound
      --> w.star:6:7
      |
    6 | fix = loop_until("fix", found, [helper(), "tests", agent("e", prompt = found)])
      |       ^^^^^^^^^^ \`max_iterations\` is missing
    help: add a bound, for example \`max_iterations = 3\`

    error[WF1004]: \`condition\` of loop_until \`fix\` is the node \`find\`, not a condition
      --> w.star:6:25
      |
    6 | fix = loop_until("fix", found, [helper(), "tests", agent("e", prompt = found)])
      |                         ^^^^^
    help: write succeeded(…) or failed(…) of the node, or equals(…) of a field of it

    error[WF1004]: \`children\` of loop_until \`fix\` has None among its nodes
      --> w.star:6:33
      |
    6 | fix = loop_until("fix", found, [helper(), "tests", agent("e", prompt = found)])
      |                                 ^^^^^^^^
    help: does the function that makes it \`return\` it?

    error[WF1004]: \`children\` of loop_until \`fix\` has the text "tests" among its nodes
      --> w.star:6:43
      |
    6 | fix = loop_until("fix", found, [helper(), "tests", agent("e", prompt = found)])
      |                                           ^^^^^^^
    help: nodes are placed by value: make one with agent(...), test(...), …

    error[WF1004]: \`prompt\` of agent \`e\` is the node \`find\`
      --> w.star:6:72
      |
    6 | fix = loop_until("fix", found, [helper(), "tests", agent("e", prompt = found)])
      |                                                                        ^^^^^
    help: to use what it gives, add it to \`inputs\` and write {{inputs.find}}

    error[WF1202]: \`find\` gives no field \`fils\`
       --> w.star:10:20
       |
    10 |     expand("each", found.output("fils"), template = ask("r", "{{item}}"), max_children = "many"),
       |                    ^^^^^^^^^^^^^^^^^^^^ no \`fils\`
       = note: fields: matches, files, count, truncated
    help: did you mean \`files\`?

    error[WF1004]: \`max_children\` is text, not a number
       --> w.star:10:90
       |
    10 |     expand("each", found.output("fils"), template = ask("r", "{{item}}"), max_children = "many"),
       |                                                                                          ^^^^^^ expected a number

    error[WF1202]: no node \`fx\`
       --> w.star:11:25
       |
    11 |     tournament("best", ["fx", found], rank = "best"),
       |                         ^^^^ no node has this id
    help: did you mean \`fix\`?

    error[WF1005]: unknown by \`best\` in \`rank\`
       --> w.star:11:46
       |
    11 |     tournament("best", ["fx", found], rank = "best"),
       |                                              ^^^^^^
       = note: one of: field, tests, cost, judge, pairwise
    help: did you mean \`tests\`?

    error[WF1005]: \`children\` is out of range
       --> w.star:12:32
       |
    12 |     branch("b", [sequence("s", [])], parallel = False, join = "any"),
       |                                ^^ at least 1 entry

    error[WF1002]: a branch that is not parallel has no \`join\`
       --> w.star:12:56
       |
    12 |     branch("b", [sequence("s", [])], parallel = False, join = "any"),
       |                                                        ^^^^
    help: leave out \`parallel = False\`

    error[WF1005]: \`max_leaves\` is out of range
       --> w.star:13:28
       |
    13 | ], budget = {"max_leaves": -1})
       |                            ^^ at least 1
    "
  `);
});

test('what the gate finds points at the argument and speaks Starlark', () => {
  expect(
    said(`
a = search("a", "x")
workflow("w", "g", [
    a,
    expand("e", a.output("fils"), 3, ask("r", "{{item.x}}", retry = {"max_attempts": 99})),
    shell("s", ["make", "{{params.x}}"], mode = "read_write"),
    agent("i", "p", inputs = {"hits": "aa"}, budget = {"max_leafs": 3}),
    when("c", all_of(succeeded(a), at_least(a, 1, field = "cnt")), [ask("q", "x")]),
])
`),
  ).toMatchInlineSnapshot(`
    "
    error[WF1202]: \`a\` gives no field \`fils\`
      --> w.star:5:17
      |
    5 |     expand("e", a.output("fils"), 3, ask("r", "{{item.x}}", retry = {"max_attempts": 99})),
      |                 ^^^^^^^^^^^^^^^^ no \`fils\`
      = note: fields: matches, files, count, truncated
    help: did you mean \`files\`?

    error[WF1005]: \`max_attempts\` is out of range
      --> w.star:5:86
      |
    5 |     expand("e", a.output("fils"), 3, ask("r", "{{item.x}}", retry = {"max_attempts": 99})),
      |                                                                                      ^^ at most 10

    error[WF1306]: no permission covers the command of \`s\`
      --> w.star:6:16
      |
    6 |     shell("s", ["make", "{{params.x}}"], mode = "read_write"),
      |                ^^^^^^^^^^^^^^^^^^^^^^^^ not granted with arguments that are filled in
    help: grant it: \`permissions = {"shell": True, "commands": ["make *"]}\`

    error[WF1206]: no parameter \`x\`
      --> w.star:6:25
      |
    6 |     shell("s", ["make", "{{params.x}}"], mode = "read_write"),
      |                         ^^^^^^^^^^^^^^ in \`{{params.x}}\`
    help: declare it in the \`params\` schema

    error[WF1202]: no node \`aa\`
      --> w.star:7:39
      |
    7 |     agent("i", "p", inputs = {"hits": "aa"}, budget = {"max_leafs": 3}),
      |                                       ^^^^ no node has this id
    help: did you mean \`a\`?

    error[WF1002]: unknown key \`max_leafs\` in \`budget\`
      --> w.star:7:56
      |
    7 |     agent("i", "p", inputs = {"hits": "aa"}, budget = {"max_leafs": 3}),
      |                                                        ^^^^^^^^^^^ not a key here
    help: did you mean \`max_leaves\`?

    error[WF1202]: \`a\` gives no field \`cnt\`
      --> w.star:8:59
      |
    8 |     when("c", all_of(succeeded(a), at_least(a, 1, field = "cnt")), [ask("q", "x")]),
      |                                                           ^^^^^ no \`cnt\`
      = note: fields: matches, files, count, truncated
    help: did you mean \`count\`?
    "
  `);
});

test('what is wrong in a dict or a choice is told in the words of calls', () => {
  const text = said(`
a = approve("a", "go?", on_timeout = "maybe")
b = agent("b", "p", retry = {"on": ["nope"]}, permissions = {"shell": "yes"})
workflow("w", "g", [a, b], budget = {"foo": 2}, params = {"type": "array"})
`);
  expect(text).toMatchInlineSnapshot(`
    "
    error[WF1005]: unknown on_timeout \`maybe\` in approve \`a\`
      --> w.star:2:38
      |
    2 | a = approve("a", "go?", on_timeout = "maybe")
      |                                      ^^^^^^^
      = note: one of: deny, approve

    error[WF1005]: unknown entry \`nope\` in \`on\`
      --> w.star:3:37
      |
    3 | b = agent("b", "p", retry = {"on": ["nope"]}, permissions = {"shell": "yes"})
      |                                     ^^^^^^
      = note: one of: exit, timeout, schema, refused, provider, permission, budget, merge_conflict, value_too_large, loop_exhausted, no_candidate, lost, sandbox, internal

    error[WF1004]: \`shell\` is text, not True or False
      --> w.star:3:71
      |
    3 | b = agent("b", "p", retry = {"on": ["nope"]}, permissions = {"shell": "yes"})
      |                                                                       ^^^^^ expected True or False

    error[WF1002]: unknown key \`foo\` in \`budget\`
      --> w.star:4:38
      |
    4 | workflow("w", "g", [a, b], budget = {"foo": 2}, params = {"type": "array"})
      |                                      ^^^^^ not a key here
      = note: keys here: max_cost_micro_usd, max_tokens, max_leaves, max_steps, max_ms
    "
  `);
});

test('one leaf too many is one leaf, and what to raise is named as it is written', () => {
  expect(
    said(
      `workflow("w", "x", [shell("a", "true"), shell("b", "true")], budget = {"max_leaves": 1})\n`,
    ),
  ).toMatchInlineSnapshot(`
    "
    error[WF1301]: at worst 2 leaves, and the limit is 1
      --> w.star:1:27
      |
    1 | workflow("w", "x", [shell("a", "true"), shell("b", "true")], budget = {"max_leaves": 1})
      |                           ^^^ up to 1 leaf
      = note: \`a\`: up to 1
      = note: \`b\`: up to 1
    help: lower a bound of a loop or expand, or raise \`budget.max_leaves\`
    "
  `);
});

test('in a function that makes many nodes, who called it says which is meant', () => {
  expect(
    said(`
def step(name):
    return ask(name, "Do {{inputs.%s}}" % name, retry = {"max_attempts": 99 if name == "b" else 1})

def steps(names):
    return [step(name) for name in names]

workflow("w", "g", steps(["a"]) +
    steps(["b"]))
`),
  ).toMatchInlineSnapshot(`
    "
    error[WF1206]: no input \`a\`
      --> w.star:3:22
      |
    3 |     return ask(name, "Do {{inputs.%s}}" % name, retry = {"max_attempts": 99 if name == "b" else 1})
      |                      ^^^^^^^^^^^^^^^^^^^^^^^^^ in \`{{inputs.a}}\`
      = called from \`steps()\`: w.star:6:17
      = called from the top level: w.star:8:25
    help: add \`a\` to \`inputs\`

    error[WF1005]: \`max_attempts\` is out of range
      --> w.star:3:74
      |
    3 |     return ask(name, "Do {{inputs.%s}}" % name, retry = {"max_attempts": 99 if name == "b" else 1})
      |                                                                          ^^^^^^^^^^^^^^^^^^^^^^^^ at most 10
      = called from \`steps()\`: w.star:6:17
      = called from the top level: w.star:9:10
    "
  `);
});

test('a workflow is made once, and by every file', () => {
  expect(said('a = 1\n')).toMatchInlineSnapshot(`
    "
    error[WF1104]: the file makes no workflow
      --> w.star:1:1
      |
    1 | a = 1
      | ^
    help: call workflow(id, goal, nodes) once, at the end of the file
    "
  `);
  expect(
    said('def w(n): workflow(n, "g", [ask("a" + n, "x")])\nw("x")\nw("y")\n'),
  ).toMatchInlineSnapshot(`
    "
    error[WF1104]: workflow(…) is called a second time
      --> w.star:1:11
      |
    1 | def w(n): workflow(n, "g", [ask("a" + n, "x")])
      |           ^^^^^^^^ one file makes one workflow
      = the first call: w.star:1:11
      = called from the top level: w.star:3:2
    "
  `);
});

test('a node has one place', () => {
  expect(
    said(`
a = ask("a", "x")
workflow("w", "g", [a, branch("b", [a])])
`),
  ).toMatchInlineSnapshot(`
    "
    error[WF1201]: ask \`a\` is placed twice
      --> w.star:2:5
      |
    2 | a = ask("a", "x")
      |     ^^^
      = placed here: w.star:3:1
      = and here: w.star:3:24
    help: make a node of its own for each place, with an id of its own
    "
  `);
});

test('a node without a place is warned of, once with all that is in it', () => {
  const source = 'a = ask("a", "x")\nb = branch("b", [ask("c", "x")])\nworkflow("w", "g", [a])\n';
  expect(places(source)).toEqual(['WF1105 w.star:2:5']);
  expect('spec' in compile({ 'w.star': source })).toBe(true);
});

test('braces that an f-string has eaten are warned of', () => {
  const node = (prompt: string): string =>
    `n = "s"\ns = search("s", "x")\nworkflow("w", "g", [s, ask("a", ${prompt}, inputs = [s])])`;
  expect(places(node('f"see {{inputs.s.files}}"'))).toEqual(['WF1206 w.star:3:33']);
  expect(places(node('f"see {{{{inputs.{n}.files}}}}"'))).toEqual([]);
});

test('load takes names from neighbours, and places stay those of the neighbour', () => {
  const files = {
    'flows/w.star': 'load("lib/l.star", "checked")\nworkflow("w", "g", checked("a"))\n',
    'flows/lib/l.star':
      'load("../m.star", "ask_it")\ndef checked(id):\n    return [ask_it(id), test(id + "-t", "npm test")]\n',
    'flows/m.star': 'def ask_it(id): return ask(id, "x", memo = "rn")\n',
  };
  const result = compile(files, 'flows/w.star');
  expect('diagnostics' in result && result.diagnostics).toMatchObject([
    { code: 'WF1005', span: { file: 'flows/m.star', line: 1, column: 44 } },
  ]);
  const mended = { ...files, 'flows/m.star': 'def ask_it(id): return ask(id, "x")\n' };
  const { source, sourceMap } = compiled(mended, 'flows/w.star');
  expect(Object.keys(source.loads ?? {}).sort()).toEqual(['flows/lib/l.star', 'flows/m.star']);
  expect(sourceMap['a-t']).toEqual([3, 25]);
});

test.each<[name: string, load: string, more?: Files]>([
  ['a file that is not there', 'load("x.star", "a")'],
  ['a file above the folder', 'load("../x.star", "a")'],
  ['an absolute path', 'load("/etc/x.star", "a")'],
  ['a file of another language', 'load("x.json", "a")'],
  ['itself', 'load("w.star", "a")'],
])('load of %s is refused', (_name, load) => {
  expect(places(`${load}\nworkflow("w", "g", [ask("a", "x")])`)).toEqual(['WF1103 w.star:1:6']);
});

test('load in a circle is refused where it closes', () => {
  const more = {
    'a.star': 'load("b.star", "b")\na = 1\n',
    'b.star': 'load("a.star", "a")\nb = 1\n',
  };
  expect(places('load("a.star", "a")\nworkflow("w", "g", [ask("q", "x")])', more)).toEqual([
    'WF1103 b.star:1:6',
  ]);
});

test('a file that is used may be Starlark, and its problems count', () => {
  const used = (source: string) => ({
    'w.star': 'workflow("w", "g", [use("u", "u.star", {"n": 3})])',
    'u.star': source,
  });
  const good =
    'workflow("u", "g", [ask("a", "{{params.n}} times")], params = {"type": "object", "properties": {"n": {}}})';
  expect(compiled(used(good)).spec.nodes[0]).toMatchObject({
    kind: 'sequence',
    children: [{ id: 'u.a', task: { prompt: '3 times' } }],
  });
  const bad = used('workflow("u", "g", [ask("a", promt = "x")])');
  const result = compile(bad);
  expect('diagnostics' in result && result.diagnostics.map(({ code }) => code)).toEqual([
    'WF1002',
    'WF1003',
    'WF1208',
  ]);
});

test('a file to use that is not there is said at its argument', () => {
  expect(places('workflow("w", "g", [use("u", "nope.star")])')).toEqual(['WF2003 w.star:1:30']);
});

test('the same program makes the same plan each time', () => {
  const digests = [1, 2].map(() => digestSpec(compiled({ 'w.star': STARLARK }).spec));
  expect(digests[0]).toBe(digests[1]);
});

test('an error of the program shows who called, and what was printed', () => {
  expect(
    said('def g(n):\n    return fail("no %d" % n)\nprint("about to")\ng(3)\n'),
  ).toMatchInlineSnapshot(`
    "
    error[WF1101]: fail: no 3
      --> w.star:2:16
      |
    2 |     return fail("no %d" % n)
      |                ^
      = called from the top level: w.star:4:2
      = printed: about to: w.star:3:6
    "
  `);
});

test('syntax that Python has and Starlark has not is explained', () => {
  expect(said('import os\nwhile True:\n    pass\nx = agnt("a")\n')).toMatchInlineSnapshot(`
    "
    error[WF1001]: unexpected reserved word import
      --> w.star:1:1
      |
    1 | import os
      | ^
    help: use load("file.star", "name")

    error[WF1101]: undefined: agnt
      --> w.star:4:5
      |
    4 | x = agnt("a")
      |     ^^^^
    help: did you mean \`agent\`?
    "
  `);
  expect(said('x = agnt("a")\ny = parallel([])\n')).toMatchInlineSnapshot(`
    "
    error[WF1101]: undefined: agnt
      --> w.star:1:5
      |
    1 | x = agnt("a")
      |     ^^^^
    help: did you mean \`agent\`?

    error[WF1101]: undefined: parallel
      --> w.star:2:5
      |
    2 | y = parallel([])
      |     ^^^^^^^^
    "
  `);
});
