import { describe, expect, test } from 'vitest';
import { compileWorkflow } from './compile.ts';
import { drawDiagnostics } from './draw-diagnostics.ts';

/** What is said about a YAML workflow whose first lines are given; diagnostics as people see them. */
function said(body: string): string {
  const text = `id: w\ngoal: g${body}`;
  const compiled = compileWorkflow({ file: 'w.yaml', source: text });
  const diagnostics = 'diagnostics' in compiled ? compiled.diagnostics : compiled.warnings;
  return `\n${drawDiagnostics(diagnostics, { source: () => text })}\n`;
}

describe('structure', () => {
  test('an unknown field, with the one that was meant', () => {
    expect(
      said(`
nodes:
  - kind: leaf
    id: scan
    task: {type: search, query: TODO, maxMatchs: 3}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1002]: unknown field \`maxMatchs\` in \`task\`
        --> w.yaml:6:39
        |
      6 |     task: {type: search, query: TODO, maxMatchs: 3}
        |                                       ^^^^^^^^^ not a field here
      help: did you mean \`maxMatches\`?
      "
    `);
  });

  test('a missing field', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: scan, task: {type: model}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1003]: \`task\` has no \`prompt\`
        --> w.yaml:4:34
        |
      4 |   - {kind: leaf, id: scan, task: {type: model}}
        |                                  ^^^^^^^^^^^^^ \`prompt\` is missing
      "
    `);
  });

  test('a wrong type, and a value out of range', () => {
    expect(
      said(`
budget: {maxTokens: lots, maxLeaves: 0}
nodes:
  - {kind: leaf, id: scan, task: {type: agent, prompt: look, maxTurns: 501}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1004]: \`maxTokens\` is text, not a number
        --> w.yaml:3:21
        |
      3 | budget: {maxTokens: lots, maxLeaves: 0}
        |                     ^^^^ expected a number

      error[WF1005]: \`maxLeaves\` is out of range
        --> w.yaml:3:38
        |
      3 | budget: {maxTokens: lots, maxLeaves: 0}
        |                                      ^ at least 1

      error[WF1005]: \`maxTurns\` is out of range
        --> w.yaml:5:72
        |
      5 |   - {kind: leaf, id: scan, task: {type: agent, prompt: look, maxTurns: 501}}
        |                                                                        ^^^ at most 500
      "
    `);
  });

  test('an unknown kind and an unknown choice', () => {
    expect(
      said(`
nodes:
  - {kind: leef, id: a, task: {type: model, prompt: x}}
  - {kind: leaf, id: b, memo: always, task: {type: modle, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1005]: unknown node kind \`leef\`
        --> w.yaml:4:12
        |
      4 |   - {kind: leef, id: a, task: {type: model, prompt: x}}
        |            ^^^^
        = note: one of: leaf, sequence, branch_set, loop_until, cond, expand, reduce, tournament, pareto, teacher_review, approve
      help: did you mean \`leaf\`?

      error[WF1005]: unknown memo \`always\` in leaf \`b\`
        --> w.yaml:5:31
        |
      5 |   - {kind: leaf, id: b, memo: always, task: {type: modle, prompt: x}}
        |                               ^^^^^^
        = note: one of: branch, run, repo, off

      error[WF1005]: unknown type \`modle\` in \`task\`
        --> w.yaml:5:52
        |
      5 |   - {kind: leaf, id: b, memo: always, task: {type: modle, prompt: x}}
        |                                                    ^^^^^
        = note: one of: model, agent, command, search, external, rlm, memory
      help: did you mean \`model\`?
      "
    `);
  });

  test('a harvest that may not run, and one where nobody loses', () => {
    expect(
      said(`
permissions: {shell: true, commands: [npm test]}
nodes:
  - kind: branch_set
    id: tries
    harvest: {argv: npm test}
    children:
      - {kind: leaf, id: a, task: {type: model, prompt: x}}
  - {kind: pareto, id: best, candidates: [a], objectives: [{by: cost, goal: min}], harvest: {argv: make, timeout: 5}}
  - {kind: tournament, id: cup, candidates: [a], rank: {by: cost}, harvest: {argv: [rm, "{{inputs.a}}"]}}
  - {kind: expand, id: each, source: {node: a}, maxChildren: 2, template: {kind: leaf, id: b, task: {type: model, prompt: x}}, harvest: {argv: [make]}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1005]: \`tries\` has no tree to harvest losers on
        --> w.yaml:7:5
        |
      7 |     harvest: {argv: npm test}
        |     ^^^^^^^ \`join\` is all, and nothing is merged
      help: set \`join: first_success\` or \`trees: merge\`, or put a tournament over the branches

      error[WF1306]: \`tries\` may not write
        --> w.yaml:7:14
        |
      7 |     harvest: {argv: npm test}
        |              ^^^^^^^^^^^^^^^^ puts tests into a tree, and needs the permission \`write\`
      help: grant it: \`permissions: {write: true}\`

      error[WF1306]: no permission covers the command of \`tries\`
        --> w.yaml:7:21
        |
      7 |     harvest: {argv: npm test}
        |                     ^^^^^^^^ not granted
        = note: granted: npm test
      help: grant it: \`permissions: {shell: true, commands: ["bash -c npm test"]}\`

      error[WF1002]: unknown field \`timeout\` in \`harvest\`
         --> w.yaml:10:106
         |
      10 |   - {kind: pareto, id: best, candidates: [a], objectives: [{by: cost, goal: min}], harvest: {argv: make, timeout: 5}}
         |                                                                                                          ^^^^^^^ not a field here
      help: did you mean \`timeoutMs\`?

      error[WF1306]: \`cup\` may not write
         --> w.yaml:11:77
         |
      11 |   - {kind: tournament, id: cup, candidates: [a], rank: {by: cost}, harvest: {argv: [rm, "{{inputs.a}}"]}}
         |                                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ puts tests into a tree, and needs the permission \`write\`
      help: grant it: \`permissions: {write: true}\`

      error[WF1306]: no permission covers the command of \`cup\`
         --> w.yaml:11:84
         |
      11 |   - {kind: tournament, id: cup, candidates: [a], rank: {by: cost}, harvest: {argv: [rm, "{{inputs.a}}"]}}
         |                                                                                    ^^^^^^^^^^^^^^^^^^^^ not granted with arguments that are filled in
         = note: granted: npm test
      help: grant it: \`permissions: {shell: true, commands: ["rm *"]}\`

      error[WF1206]: no input \`a\`
         --> w.yaml:11:89
         |
      11 |   - {kind: tournament, id: cup, candidates: [a], rank: {by: cost}, harvest: {argv: [rm, "{{inputs.a}}"]}}
         |                                                                                         ^^^^^^^^^^^^^^ in \`{{inputs.a}}\`
      help: add \`a\` to \`inputs\`

      error[WF1202]: \`a\` gives no list
         --> w.yaml:12:38
         |
      12 |   - {kind: expand, id: each, source: {node: a}, maxChildren: 2, template: {kind: leaf, id: b, task: {type: model, prompt: x}}, harvest: {argv: [make]}}
         |                                      ^^^^^^^^^ an expand needs a list

      error[WF1005]: \`each\` has no tree to harvest losers on
         --> w.yaml:12:128
         |
      12 | …id: b, task: {type: model, prompt: x}}, harvest: {argv: [make]}}
         |                                          ^^^^^^^ nothing is merged
      help: set \`trees: merge\`, or put a tournament over the branches

      error[WF1306]: \`each\` may not write
         --> w.yaml:12:137
         |
      12 | …sk: {type: model, prompt: x}}, harvest: {argv: [make]}}
         |                                          ^^^^^^^^^^^^^^ puts tests into a tree, and needs the permission \`write\`
      help: grant it: \`permissions: {write: true}\`

      error[WF1306]: no permission covers the command of \`each\`
         --> w.yaml:12:144
         |
      12 | …pe: model, prompt: x}}, harvest: {argv: [make]}}
         |                                          ^^^^^^ not granted
         = note: granted: npm test
      help: grant it: \`permissions: {shell: true, commands: ["make"]}\`
      "
    `);
  });

  test('a loop and an expand without a bound', () => {
    expect(
      said(`
nodes:
  - kind: loop_until
    id: fix
    until: the tests pass
    children: [{kind: leaf, id: list, task: {type: model, prompt: x}, output: {type: array}}]
  - kind: expand
    id: each
    source: list
    template: {kind: leaf, id: one, task: {type: model, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1305]: loop_until \`fix\` has no upper bound
        --> w.yaml:4:11
        |
      4 |   - kind: loop_until
        |           ^^^^^^^^^^ \`maxIterations\` is missing
      help: add a bound, for example \`maxIterations: 3\`

      error[WF1305]: expand \`each\` has no upper bound
        --> w.yaml:8:11
        |
      8 |   - kind: expand
        |           ^^^^^^ \`maxChildren\` is missing
      help: add a bound, for example \`maxChildren: 20\`
      "
    `);
  });

  test('a bad id, a bad input name and a bad reference', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: a/b, task: {type: model, prompt: x}}
  - {kind: leaf, id: c, inputs: {'x y': c}, task: {type: model, prompt: x}}
  - {kind: leaf, id: d, inputs: ['prev(c)'], task: {type: model, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1205]: \`a/b\` is no id
        --> w.yaml:4:22
        |
      4 |   - {kind: leaf, id: a/b, task: {type: model, prompt: x}}
        |                      ^^^
        = note: ids have 1 to 64 characters, no white space and none of $ / # @ [ ] ( ) { }

      error[WF1205]: \`x y\` is no id
        --> w.yaml:5:34
        |
      5 |   - {kind: leaf, id: c, inputs: {'x y': c}, task: {type: model, prompt: x}}
        |                                  ^^^^^
        = note: ids have 1 to 64 characters, no white space and none of $ / # @ [ ] ( ) { }

      error[WF1205]: \`prev(c)\` is no id
        --> w.yaml:6:34
        |
      6 |   - {kind: leaf, id: d, inputs: ['prev(c)'], task: {type: model, prompt: x}}
        |                                  ^^^^^^^^^
        = note: ids have 1 to 64 characters, no white space and none of $ / # @ [ ] ( ) { }
      "
    `);
  });

  test('slips in one node do not hide problems of another', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: a, tsk: 1, task: {type: model, prompt: x}}
  - {kind: leaf, id: b, inputs: [nobody], task: {type: model, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1002]: unknown field \`tsk\` in leaf \`a\`
        --> w.yaml:4:25
        |
      4 |   - {kind: leaf, id: a, tsk: 1, task: {type: model, prompt: x}}
        |                         ^^^ not a field here
      help: did you mean \`task\`?

      error[WF1202]: no node \`nobody\`
        --> w.yaml:5:34
        |
      5 |   - {kind: leaf, id: b, inputs: [nobody], task: {type: model, prompt: x}}
        |                                  ^^^^^^ no node has this id
      "
    `);
  });
});

describe('ids and references', () => {
  test('an id that is used twice', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: a, task: {type: model, prompt: x}}
  - {kind: leaf, id: a, task: {type: model, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1201]: the id \`a\` is used twice
        --> w.yaml:5:22
        |
      5 |   - {kind: leaf, id: a, task: {type: model, prompt: x}}
        |                      ^ used again here
        = first used: w.yaml:4:22
      "
    `);
  });

  test('an unknown node, a later one, itself', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: plan, inputs: [plam, review, plan], task: {type: model, prompt: x}}
  - {kind: leaf, id: review, task: {type: model, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1202]: no node \`plam\`
        --> w.yaml:4:37
        |
      4 |   - {kind: leaf, id: plan, inputs: [plam, review, plan], task: {type: model, prompt: x}}
        |                                     ^^^^ no node has this id
      help: did you mean \`plan\`?

      error[WF1203]: \`review\` runs later
        --> w.yaml:4:43
        |
      4 |   - {kind: leaf, id: plan, inputs: [plam, review, plan], task: {type: model, prompt: x}}
        |                                           ^^^^^^

      error[WF1203]: \`plan\` refers to itself
        --> w.yaml:4:51
        |
      4 |   - {kind: leaf, id: plan, inputs: [plam, review, plan], task: {type: model, prompt: x}}
        |                                                   ^^^^
      "
    `);
  });

  test('a sibling branch', () => {
    expect(
      said(`
nodes:
  - kind: branch_set
    id: both
    children:
      - {kind: leaf, id: a, task: {type: model, prompt: x}}
      - {kind: leaf, id: b, inputs: [a], task: {type: model, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1204]: \`a\` runs at the same time, in the branch set \`both\`
        --> w.yaml:8:38
        |
      8 |       - {kind: leaf, id: b, inputs: [a], task: {type: model, prompt: x}}
        |                                      ^ a sibling branch
      help: move what it needs before the branch set, or put both in one sequence
      "
    `);
  });

  test('the other side of a condition, and `previous` outside of a loop', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: first, task: {type: model, prompt: x}}
  - kind: cond
    id: which
    test: {op: succeeded, node: first}
    then: [{kind: leaf, id: yes, task: {type: model, prompt: x}}]
    else: [{kind: leaf, id: no, inputs: [yes, previous(first)], task: {type: model, prompt: x}}]
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1202]: \`yes\` is not in reach: only one side of \`which\` runs
        --> w.yaml:9:42
        |
      9 |     else: [{kind: leaf, id: no, inputs: [yes, previous(first)], task: {type: model, prompt: x}}]
        |                                          ^^^

      error[WF1202]: \`previous(first)\` stands in no loop that holds \`first\`
        --> w.yaml:9:47
        |
      9 |     else: [{kind: leaf, id: no, inputs: [yes, previous(first)], task: {type: model, prompt: x}}]
        |                                               ^^^^^^^^^^^^^^^
      help: inside of a \`loop_until\`, \`previous(x)\` is what \`x\` gave in the last iteration
      "
    `);
  });

  test('a field that the output does not have', () => {
    expect(
      said(`
output: {node: pick, field: winer}
nodes:
  - {kind: leaf, id: scan, task: {type: search, query: x}}
  - {kind: leaf, id: say, inputs: {hits: {node: scan, field: hits}}, task: {type: model, prompt: x}}
  - {kind: leaf, id: more, inputs: {t: {node: say, field: title}}, task: {type: model, prompt: x}}
  - {kind: tournament, id: pick, candidates: [say, more], rank: {by: field, field: score}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1202]: \`pick\` gives no field \`winer\`
        --> w.yaml:3:29
        |
      3 | output: {node: pick, field: winer}
        |                             ^^^^^ no \`winer\`
        = note: fields: winner, ranking, ties, why, output
      help: did you mean \`winner\`?

      error[WF1202]: \`scan\` gives no field \`hits\`
        --> w.yaml:6:62
        |
      6 |   - {kind: leaf, id: say, inputs: {hits: {node: scan, field: hits}}, task: {type: model, prompt: x}}
        |                                                              ^^^^ no \`hits\`
        = note: fields: matches, files, count, truncated

      error[WF1202]: \`say\` gives no field \`title\`
        --> w.yaml:7:59
        |
      7 |   - {kind: leaf, id: more, inputs: {t: {node: say, field: title}}, task: {type: model, prompt: x}}
        |                                                           ^^^^^ \`title\` of text
      help: declare an \`output\` schema on \`say\` to get fields

      error[WF1202]: \`say\` gives no field \`score\`
        --> w.yaml:8:84
        |
      8 |   - {kind: tournament, id: pick, candidates: [say, more], rank: {by: field, field: score}}
        |                                                                                    ^^^^^ \`score\` of text
      help: declare an \`output\` schema on \`say\` to get fields

      error[WF1202]: \`more\` gives no field \`score\`
        --> w.yaml:8:84
        |
      8 |   - {kind: tournament, id: pick, candidates: [say, more], rank: {by: field, field: score}}
        |                                                                                    ^^^^^ \`score\` of text
      help: declare an \`output\` schema on \`more\` to get fields
      "
    `);
  });

  test('an expand over something that is no list', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: scan, task: {type: search, query: x}}
  - {kind: expand, id: each, source: {node: scan, field: count}, maxChildren: 3, template: {kind: leaf, id: one, task: {type: model, prompt: x}}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1202]: \`scan\` gives no list at \`count\`
        --> w.yaml:5:38
        |
      5 |   - {kind: expand, id: each, source: {node: scan, field: count}, maxChildren: 3, template: {kind: leaf, id: one, task: {type: model, prompt: x}}}
        |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^ an expand needs a list
      "
    `);
  });
});

describe('templates', () => {
  test('holes that cannot be filled', () => {
    expect(
      said(`
params: {type: object, properties: {target: {type: string}}}
nodes:
  - {kind: leaf, id: scan, task: {type: search, query: '{{params.taget}}'}}
  - kind: leaf
    id: fix
    inputs: [scan]
    task:
      type: model
      prompt: '{{inputs.scan.file}} {{inputs.other}}'
      system: '{{item}} {{iteration}} {{previous.scan}} {{foo}} {{'
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1206]: no parameter \`taget\`
        --> w.yaml:5:56
        |
      5 |   - {kind: leaf, id: scan, task: {type: search, query: '{{params.taget}}'}}
        |                                                        ^^^^^^^^^^^^^^^^^^ in \`{{params.taget}}\`
      help: did you mean \`target\`?

      error[WF1206]: \`scan\` gives no field \`file\`
         --> w.yaml:11:15
         |
      11 |       prompt: '{{inputs.scan.file}} {{inputs.other}}'
         |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no \`file\`
         = note: fields: matches, files, count, truncated
      help: did you mean \`files\`?

      error[WF1206]: no input \`other\`
         --> w.yaml:11:15
         |
      11 |       prompt: '{{inputs.scan.file}} {{inputs.other}}'
         |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in \`{{inputs.other}}\`

      error[WF1206]: a template starts with \`inputs.\`, \`params.\`, \`item\`, \`iteration\` or \`previous.\`
         --> w.yaml:12:15
         |
      12 |       system: '{{item}} {{iteration}} {{previous.scan}} {{foo}} {{'
         |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in \`foo\`
      help: write \`\\{{\` for braces that are no template

      error[WF1206]: a \`{{\` is not closed
         --> w.yaml:12:15
         |
      12 |       system: '{{item}} {{iteration}} {{previous.scan}} {{foo}} {{'
         |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in \`{{\`
      help: write \`\\{{\` for braces that are no template

      error[WF1206]: \`item\` stands in no expand
         --> w.yaml:12:15
         |
      12 |       system: '{{item}} {{iteration}} {{previous.scan}} {{foo}} {{'
         |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in \`{{item}}\`

      error[WF1206]: \`iteration\` stands in no loop
         --> w.yaml:12:15
         |
      12 |       system: '{{item}} {{iteration}} {{previous.scan}} {{foo}} {{'
         |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in \`{{iteration}}\`

      error[WF1206]: \`previous(scan)\` stands in no loop that holds \`scan\`
         --> w.yaml:12:15
         |
      12 |       system: '{{item}} {{iteration}} {{previous.scan}} {{foo}} {{'
         |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: inside of a \`loop_until\`, \`previous(x)\` is what \`x\` gave in the last iteration
      "
    `);
  });

  test('an item of a known shape', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: scan, task: {type: search, query: x}}
  - kind: expand
    id: each
    source: {node: scan, field: matches}
    key: file
    maxChildren: 3
    template: {kind: leaf, id: one, task: {type: model, prompt: 'look at {{item.file}}:{{item.line}}'}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1202]: items of \`each\` have no \`file\`
        --> w.yaml:8:10
        |
      8 |     key: file
        |          ^^^^
        = note: fields: path, line, column, text

      error[WF1206]: items of \`each\` have no \`file\`
         --> w.yaml:10:65
         |
      10 |     template: {kind: leaf, id: one, task: {type: model, prompt: 'look at {{item.file}}:{{item.line}}'}}
         |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ in \`{{item.file}}\`
      help: did you mean \`line\`?
      "
    `);
  });

  test('a value that a shell would read as a program', () => {
    expect(
      said(`
permissions: {shell: true, commands: ['*']}
nodes:
  - {kind: leaf, id: name, task: {type: model, prompt: x}}
  - {kind: leaf, id: run, inputs: [name], task: {type: command, argv: [bash, -c, 'rm {{inputs.name}}']}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1206]: a shell would read what is put in here as a program
        --> w.yaml:6:82
        |
      6 |   - {kind: leaf, id: run, inputs: [name], task: {type: command, argv: [bash, -c, 'rm {{inputs.name}}']}}
        |                                                                                  ^^^^^^^^^^^^^^^^^^^^ \`{{inputs.name}}\` in a shell command
      help: give \`argv\` as one string: what is put in then goes in as a quoted parameter
      "
    `);
  });
});

describe('schemas', () => {
  test('no JSON Schema, and params that are no object', () => {
    expect(
      said(`
params: {target: {type: string}}
nodes:
  - {kind: leaf, id: a, task: {type: model, prompt: x}, output: {type: objekt}}
  - {kind: leaf, id: b, task: {type: model, prompt: x}, output: {$ref: 'https://example.com/x'}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1207]: the \`params\` schema describes no object
        --> w.yaml:3:9
        |
      3 | params: {target: {type: string}}
        |         ^^^^^^^^^^^^^^^^^^^^^^^^
      help: write \`params: {type: "object", properties: {name: {type: "string"}}}\`

      error[WF1207]: not a JSON Schema: schema/type must be equal to one of the allowed values
        --> w.yaml:5:65
        |
      5 |   - {kind: leaf, id: a, task: {type: model, prompt: x}, output: {type: objekt}}
        |                                                                 ^^^^^^^^^^^^^^

      error[WF1207]: not a JSON Schema: can't resolve reference https://example.com/x from id #
        --> w.yaml:6:65
        |
      6 |   - {kind: leaf, id: b, task: {type: model, prompt: x}, output: {$ref: 'https://example.com/x'}}
        |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      "
    `);
  });

  test('a default that does not fit', () => {
    expect(
      said(`
params: {type: object, properties: {count: {type: integer, default: three}}}
nodes:
  - {kind: leaf, id: a, task: {type: model, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1207]: the default of \`count\` does not fit its own schema: must be integer
        --> w.yaml:3:69
        |
      3 | params: {type: object, properties: {count: {type: integer, default: three}}}
        |                                                                     ^^^^^
      "
    `);
  });
});

describe('bounds', () => {
  test('more leaves than the limit', () => {
    expect(
      said(`
budget: {maxLeaves: 100}
nodes:
  - {kind: leaf, id: list, task: {type: model, prompt: x}, output: {type: array}}
  - kind: loop_until
    id: rounds
    until: it is done
    maxIterations: 10
    children:
      - {kind: expand, id: each, source: list, maxChildren: 20, template: {kind: leaf, id: one, task: {type: model, prompt: x}}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1301]: at worst 211 leaves, and the limit is 100
        --> w.yaml:9:20
        |
      9 |     maxIterations: 10
        |                    ^^ up to 210 leaves
        = note: \`rounds\`: up to 210
        = note: \`list\`: up to 1
      help: lower a bound of a loop or expand, or raise \`budget.maxLeaves\`
      "
    `);
  });

  test('nested too deep', () => {
    let body = '{kind: leaf, id: leaf, task: {type: model, prompt: x}}';
    for (let depth = 18; depth > 0; depth -= 1)
      body = `{kind: sequence, id: s${depth}, children: [${body}]}`;
    expect(said(`\nnodes: [${body}]\n`)).toMatchInlineSnapshot(`
      "
      error[WF1302]: \`s17\` is nested 17 control nodes deep, and the limit is 16
        --> w.yaml:3:613
        |
      3 | …d: s16, children: [{kind: sequence, id: s17, children: [{kind: sequence, id: s18, children: [{kind: leaf, id: leaf, task: {type: model, prompt: x}}]}]}]}]}]}]}]…
        |                                          ^^^
      "
    `);
  });
});

describe('rights', () => {
  test('what a child may not widen', () => {
    expect(
      said(`
permissions: {shell: true, commands: ['npm *'], tools: [read]}
budget: {maxTokens: 1000}
nodes:
  - kind: sequence
    id: all
    mode: read_only
    fileScope: [src/**]
    children:
      - kind: leaf
        id: a
        permissions: {network: true, commands: [npm test, rm -rf], tools: [read, web]}
        budget: {maxTokens: 2000}
        mode: read_write
        fileScope: [src/a, docs]
        task: {type: agent, prompt: x}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1303]: \`all\` does not grant \`network\`
         --> w.yaml:13:32
         |
      13 |         permissions: {network: true, commands: [npm test, rm -rf], tools: [read, web]}
         |                                ^^^^ wider than what is around it

      error[WF1303]: \`all\` does not grant \`rm -rf\` in \`commands\`
         --> w.yaml:13:59
         |
      13 |         permissions: {network: true, commands: [npm test, rm -rf], tools: [read, web]}
         |                                                           ^^^^^^ wider than what is around it
         = note: granted: npm *

      error[WF1303]: \`all\` does not grant \`web\` in \`tools\`
         --> w.yaml:13:82
         |
      13 |         permissions: {network: true, commands: [npm test, rm -rf], tools: [read, web]}
         |                                                                                  ^^^ wider than what is around it
         = note: granted: read

      error[WF1303]: the workflow has \`maxTokens\` 1000
         --> w.yaml:14:29
         |
      14 |         budget: {maxTokens: 2000}
         |                             ^^^^ wider than what is around it

      error[WF1303]: \`all\` is read_only
         --> w.yaml:15:15
         |
      15 |         mode: read_write
         |               ^^^^^^^^^^ wider than what is around it

      error[WF1306]: \`a\` may not write
         --> w.yaml:15:15
         |
      15 |         mode: read_write
         |               ^^^^^^^^^^ needs the permission \`write\`
      help: grant it: \`permissions: {write: true}\`

      error[WF1303]: \`docs\` is not within the file scope of \`all\`
         --> w.yaml:16:28
         |
      16 |         fileScope: [src/a, docs]
         |                            ^^^^ wider than what is around it
         = note: in scope: src/**
      "
    `);
  });

  test('a command that nothing grants', () => {
    expect(
      said(`
permissions: {shell: true, commands: [npm test]}
nodes:
  - {kind: leaf, id: a, task: {type: command, argv: [npm, run, lint]}}
  - {kind: leaf, id: b, permissions: {shell: false}, task: {type: command, argv: [npm, test]}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1306]: no permission covers the command of \`a\`
        --> w.yaml:5:53
        |
      5 |   - {kind: leaf, id: a, task: {type: command, argv: [npm, run, lint]}}
        |                                                     ^^^^^^^^^^^^^^^^ not granted
        = note: granted: npm test
      help: grant it: \`permissions: {shell: true, commands: ["npm run lint"]}\`

      error[WF1306]: \`b\` may not run commands
        --> w.yaml:6:82
        |
      6 |   - {kind: leaf, id: b, permissions: {shell: false}, task: {type: command, argv: [npm, test]}}
        |                                                                                  ^^^^^^^^^^^ needs the permission \`shell\`
      help: grant it: \`permissions: {shell: true, commands: [...]}\`
      "
    `);
  });

  test('arguments that are filled in need a grant of their own', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: name, task: {type: model, prompt: x}}
  - {kind: leaf, id: a, inputs: [name], task: {type: command, argv: [npm, test, '{{inputs.name}}']}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1306]: no permission covers the command of \`a\`
        --> w.yaml:5:69
        |
      5 |   - {kind: leaf, id: a, inputs: [name], task: {type: command, argv: [npm, test, '{{inputs.name}}']}}
        |                                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not granted with arguments that are filled in
      help: grant it: \`permissions: {shell: true, commands: ["npm test *"]}\`
      "
    `);
  });
});

describe('writers', () => {
  test('two branches that write the same files', () => {
    expect(
      said(`
nodes:
  - kind: branch_set
    id: both
    children:
      - {kind: leaf, id: a, mode: read_write, fileScope: [src/**], task: {type: agent, prompt: x}}
      - {kind: leaf, id: b, mode: read_write, fileScope: [src/a.ts, docs], task: {type: agent, prompt: x}}
      - {kind: leaf, id: c, mode: read_write, fileScope: [test], task: {type: agent, prompt: x}}
      - {kind: leaf, id: d, mode: read_write, isolation: worktree, task: {type: agent, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1304]: \`a\` and \`b\` may write the same files at the same time
        --> w.yaml:8:26
        |
      8 |       - {kind: leaf, id: b, mode: read_write, fileScope: [src/a.ts, docs], task: {type: agent, prompt: x}}
        |                          ^ writes src/a.ts, docs
        = the other writer: w.yaml:7:26
      help: give them \`isolation: worktree\`, or a \`fileScope\` each that do not overlap
      "
    `);
  });

  test('instances that write the same files', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: list, task: {type: model, prompt: x}, output: {type: array}}
  - {kind: expand, id: each, source: list, maxChildren: 3, template: {kind: leaf, id: one, mode: read_write, task: {type: agent, prompt: x}}}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1304]: the instances of \`one\` write the same files at the same time
        --> w.yaml:5:87
        |
      5 |   - {kind: expand, id: each, source: list, maxChildren: 3, template: {kind: leaf, id: one, mode: read_write, task: {type: agent, prompt: x}}}
        |                                                                                       ^^^ writes anywhere
      help: give each a tree of its own: \`isolation: worktree\`
      "
    `);
  });
});

describe('fields', () => {
  test('a rank without its field, an rlm without its variable, a backoff without reason', () => {
    expect(
      said(`
nodes:
  - {kind: leaf, id: a, retry: {backoffMs: 60000}, task: {type: model, prompt: x}}
  - {kind: leaf, id: b, task: {type: rlm, prompt: x, variable: text}}
  - {kind: tournament, id: pick, candidates: [a, b], rank: {by: field}}
  - {kind: pareto, id: front, candidates: [a, b], objectives: [{by: field, goal: max}]}
`),
    ).toMatchInlineSnapshot(`
      "
      error[WF1005]: the backoff of \`a\` is longer than its bound
        --> w.yaml:4:44
        |
      4 |   - {kind: leaf, id: a, retry: {backoffMs: 60000}, task: {type: model, prompt: x}}
        |                                            ^^^^^ \`maxBackoffMs\` is 30000

      error[WF1202]: no input \`text\` to be the variable of \`b\`
        --> w.yaml:5:64
        |
      5 |   - {kind: leaf, id: b, task: {type: rlm, prompt: x, variable: text}}
        |                                                                ^^^^

      error[WF1003]: \`pick\` goes by a field, and names none
        --> w.yaml:6:65
        |
      6 |   - {kind: tournament, id: pick, candidates: [a, b], rank: {by: field}}
        |                                                                 ^^^^^ \`field\` is missing
      help: add \`field\`: where the number stands in the output of a candidate

      error[WF1003]: \`front\` goes by a field, and names none
        --> w.yaml:7:69
        |
      7 |   - {kind: pareto, id: front, candidates: [a, b], objectives: [{by: field, goal: max}]}
        |                                                                     ^^^^^ \`field\` is missing
      help: add \`field\`: where the number stands in the output of a candidate
      "
    `);
  });
});

describe('warnings', () => {
  test('a model or vendor is named', () => {
    expect(
      said(`
modelPolicy: {model: gpt-5, fallbacks: [some-model], capabilities: [vision, claude]}
nodes:
  - {kind: leaf, id: a, task: {type: external, agent: codex, prompt: x}}
`),
    ).toMatchInlineSnapshot(`
      "
      warning[WF1401]: \`gpt-5\` names a model or vendor
        --> w.yaml:3:22
        |
      3 | modelPolicy: {model: gpt-5, fallbacks: [some-model], capabilities: [vision, claude]}
        |                      ^^^^^
      help: name a \`role\` or \`capabilities\`: which model answers is not for a workflow to say

      warning[WF1401]: \`some-model\` names a model or vendor
        --> w.yaml:3:41
        |
      3 | modelPolicy: {model: gpt-5, fallbacks: [some-model], capabilities: [vision, claude]}
        |                                         ^^^^^^^^^^
      help: name a \`role\` or \`capabilities\`: which model answers is not for a workflow to say

      warning[WF1401]: \`claude\` names a model or vendor
        --> w.yaml:3:77
        |
      3 | modelPolicy: {model: gpt-5, fallbacks: [some-model], capabilities: [vision, claude]}
        |                                                                             ^^^^^^
      help: name a \`role\` or \`capabilities\`: which model answers is not for a workflow to say

      warning[WF1401]: \`codex\` names a model or vendor
        --> w.yaml:5:55
        |
      5 |   - {kind: leaf, id: a, task: {type: external, agent: codex, prompt: x}}
        |                                                       ^^^^^
      help: name what it is for, like \`reviewer\`: which program it is, is not for a workflow to say
      "
    `);
  });
});

describe('words that are nearly right', () => {
  test.each([
    ['{id: x, kind: leaf, task: {kind: model, prompt: Ask}}', 'kind', 'type'],
    ['{id: x, type: leaf, task: {type: model, prompt: Ask}}', 'type', 'kind'],
    ['{id: x, knd: leaf, task: {type: model, prompt: Ask}}', 'knd', 'kind'],
    ['{name: x, kind: leaf, task: {type: model, prompt: Ask}}', 'name', 'id'],
    ['{id: x, kind: leaf, task: {type: model, text: Ask}}', 'text', 'prompt'],
    ['{id: x, kind: sequence, steps: []}', 'steps', 'children'],
  ])('%s', (node, wrong, meant) => {
    const lines = said(`\nnodes:\n  - ${node}\n`).trimEnd().split('\n');
    expect(lines.at(-1)).toBe(`help: did you mean \`${meant}\`?`);
    const column = (lines.at(-2) ?? '').indexOf('^');
    expect((lines.at(-3) ?? '').slice(column, column + wrong.length)).toBe(wrong);
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });
});

describe('candidates', () => {
  const each =
    '\nnodes:\n  - {id: list, kind: leaf, task: {type: model, prompt: L}, output: {type: array}}\n' +
    '  - {id: each, kind: expand, source: list, maxChildren: 3, template: {id: x, kind: leaf, task: {type: model, prompt: "{{item}}"}}}\n';

  test('an expand and what it makes are not two candidates', () => {
    const text = said(
      `${each}  - {id: cup, kind: tournament, candidates: [each, x], rank: {by: cost}}\n`,
    );
    expect(text).toContain('error[WF1307]: `x` is a candidate of `cup` twice');
    expect(text).toContain('^ `each` stands for it');
  });

  test('nor is one that is named twice', () => {
    const text = said(
      `${each}  - {id: cup, kind: pareto, candidates: [each, each], objectives: [{by: cost, goal: min}]}\n`,
    );
    expect(text).toContain('error[WF1307]: `each` is a candidate of `cup` twice');
  });
});

describe('the token that Starlark stumbles over is underlined', () => {
  test.each([
    ['x = [1, 2\nname = 3\n', 2, 'name'],
    ['a = 1 b = 2\n', 1, 'b'],
    ['for i on x:\n', 1, 'on'],
    ['x = {"a" 1}\n', 1, '1'],
    ['f(a == = 1)\n', 1, '='],
    ['x = [1 "text"]\n', 1, '"text"'],
  ])('%j', (text, line, token) => {
    const compiled = compileWorkflow({ file: 'w.star', source: text });
    const [first] = 'diagnostics' in compiled ? compiled.diagnostics : [];
    const { span } = first ?? {};
    expect(span?.line).toBe(line);
    const written = text.split('\n')[line - 1] ?? '';
    expect(written.slice((span?.column ?? 0) - 1, (span?.endColumn ?? 0) - 1)).toBe(token);
  });

  test('what is missing at the end of a line is told there', () => {
    const compiled = compileWorkflow({ file: 'w.star', source: 'x = 1 +\ny = 2\n' });
    const [first] = 'diagnostics' in compiled ? compiled.diagnostics : [];
    expect(first?.span).toMatchObject({ line: 1, column: 8 });
  });
});

describe('slips in names hide nothing else', () => {
  const headsOf = (file: string, source: string): readonly string[] => {
    const compiled = compileWorkflow({ file, source });
    const diagnostics = 'diagnostics' in compiled ? compiled.diagnostics : [];
    return diagnostics.map(({ message, span }) => `${span?.line}: ${message}`);
  };
  const five = `id: five
goal: five slips
nodes:
  - id: a
    kind: loop_untill
    until: {op: succeeded, of: b}
    maxIterations: "3"
    children:
      - {id: b, kind: lef, task: {type: comand, argv: [npm, test], timeoutMs: -4}}
  - {id: c, kind: leaf, taks: {type: model, prompt: C, sytem: s}}
  - {id: d, kind: leaf, inputs: [nowhere], task: {type: model, prompt: "{{inputs.zip}}"}}
`;
  const found = [
    '5: unknown node kind `loop_untill`',
    '6: `until` has no `node`',
    '6: unknown field `of` in `until`',
    '7: `maxIterations` is text, not a number',
    '9: unknown node kind `lef`',
    '9: unknown type `comand` in `task`',
    '9: `timeoutMs` is out of range',
    '10: leaf `c` has no `task`',
    '10: unknown field `sytem` in `task`',
    '11: no node `nowhere`',
    '11: no input `zip`',
  ];

  test('in YAML', () => {
    expect(headsOf('five.yaml', five)).toEqual(found);
  });

  test('in JSON', () => {
    const lines = [
      '{"id": "five", "goal": "g", "nodes": [',
      '{"id": "a", "kind": "leef", "task": {"type": "model", "promt": "A"}},',
      '{"id": "b", "kind": "leaf", "task": {"type": "modle", "prompt": "B"}},',
      '{"id": "c", "kind": "branch_sett", "childern": [{"id": "x", "kind": "leaf"}]},',
      '{"id": "d", "kind": "leaf", "task": {"type": "model", "prompt": "{{inputs.zip}}"}}',
      ']}',
    ];
    expect(headsOf('five.json', lines.join('\n'))).toEqual([
      '2: unknown node kind `leef`',
      '2: `task` has no `prompt`',
      '3: unknown type `modle` in `task`',
      '4: unknown node kind `branch_sett`',
      '4: branch_set `c` has no `children`',
      '4: leaf `x` has no `task`',
      '5: no input `zip`',
    ]);
  });

  test.each([
    ['an unknown way', '{by: jugde}', 'unknown by `jugde` in `rank`'],
    ['one that nothing is near to', '{by: banana}', 'unknown by `banana` in `rank`'],
    ['a misnamed field', '{byy: judge}', '`rank` has no `by`'],
    ['a way alone', 'judge', '`rank` is text, not a map'],
    ['nothing', '{}', '`rank` has no `by`'],
  ])('a rank that is %s hides no slip in a candidate', (_name, rank, message) => {
    const source = `id: w
goal: g
nodes:
  - {id: a, kind: leaf, task: {type: model, prompt: A}}
  - {id: pick, kind: tournament, candidates: [a, bb, a], rank: ${rank}, kinf: 1}
`;
    expect(headsOf('w.yaml', source).toSorted()).toEqual(
      [
        '5: `a` is a candidate of `pick` twice',
        '5: no node `bb`',
        '5: unknown field `kinf` in tournament `pick`',
        `5: ${message}`,
      ].toSorted(),
    );
  });

  test('two fields that lack are each told once, also where one name may stand for both', () => {
    const source =
      'id: w\ngoal: g\nnodes:\n  - {id: a, test: x, kind: loop_until, maxIterations: 2}\n';
    const heads = headsOf('w.yaml', source);
    expect(new Set(heads).size).toBe(heads.length);
    expect(heads).toContain('4: loop_until `a` has no `until`');
  });

  test('of a node that nobody knows only what stands below is told, and nothing of what it would be', () => {
    const source = `id: w
goal: g
nodes:
  - id: a
    kind: banana
    until: never
    children:
      - {id: b, kind: leaf, task: {type: model, promt: B}}
  - {id: c, kind: leaf, inputs: [a, b], task: {type: model, prompt: "{{inputs.a.x}}"}}
  - {id: d, kind: leaf, inputs: [nowhere], task: {type: model, prompt: D}}
`;
    expect(headsOf('w.yaml', source)).toEqual([
      '5: unknown node kind `banana`',
      '8: `task` has no `prompt`',
      '10: no node `nowhere`',
    ]);
  });
});
