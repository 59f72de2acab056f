/** What may not be asked for is refused before anything starts, with the line that is at fault. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell, type Shell } from '../process/shell.ts';

const files = {
  'scope.star': `workflow("w", "Scopes only narrow", [
    branch("docs", [
        shell("inside", "echo > docs/a.md", mode = "read_write", file_scope = ["docs/a.md"]),
        shell(
            "outside",
            "echo > src/a.ts",
            mode = "read_write",
            file_scope = ["src/**"],
        ),
    ], file_scope = ["docs/**"]),
])
`,
  'shared.star': `workflow("w", "Two writers in one tree", [
    branch("both", [
        shell("left", "echo > src/a.ts", mode = "read_write", file_scope = ["src/**"]),
        shell("right", "echo > src/b.ts", mode = "read_write", file_scope = ["src/b.ts"]),
    ]),
])
`,
  'network.star': `workflow("w", "No network", [
    sequence("calm", [
        shell("fetch", "true", permissions = {
            "shell": True,
            "network": True,
            "commands": ["bash -c true"],
        }),
    ], permissions = {"shell": True, "network": False, "commands": ["bash -c true"]}),
], permissions = {"shell": True, "network": True, "commands": ["bash -c true"]})
`,
  'network.yaml': `id: w
goal: No network
permissions: {shell: true, network: true, commands: ["true"]}
nodes:
  - kind: sequence
    id: calm
    permissions: {shell: true, network: false, commands: ["true"]}
    children:
      - kind: leaf
        id: fetch
        permissions:
          shell: true
          network: true
          commands: ["true"]
        task: {type: command, purpose: shell, argv: ["true"]}
`,
};

let shell: Shell;
beforeEach(() => {
  shell = openShell(files);
});
afterEach(() => shell[Symbol.dispose]());

test.each([
  [
    'a scope wider than what is around it',
    'scope.star',
    'WF1303',
    '8:27',
    'file_scope = ["src/**"],',
  ],
  [
    'two writers of one tree',
    'shared.star',
    'WF1304',
    '4:15',
    'the other writer: shared.star:3:15',
  ],
  ['network below a node without', 'network.star', 'WF1303', '5:24', '"network": True,'],
  ['the same in YAML', 'network.yaml', 'WF1303', '13:20', 'network: true'],
])('%s is refused at its place, by check and by run', (_name, file, code, place, shown) => {
  for (const words of [
    ['check', file],
    ['run', file, '--yes', '--allow', '*'],
  ]) {
    const { exit, out, err } = shell.whaleflow(...words);
    const said = `${out}${err}`;
    expect([exit, said.match(/error\[WF\d+\]/g)]).toEqual([2, [`error[${code}]`]]);
    expect(said).toContain(`--> ${file}:${place}\n`);
    expect(said).toContain(shown);
  }
  expect(shell.json('ls', '--json')).toMatchObject({ runs: [] });
});

test('what a hint says to write is what was meant, also for a command called true', () => {
  const text = 'workflow("w", "g", [test("t", ["true"])], permissions = {"shell": True})\n';
  shell.write('named.star', text);
  const { err, out } = shell.whaleflow('check', 'named.star');
  expect(err + out).toContain('`permissions = {"shell": True, "commands": ["true"]}`');
});
