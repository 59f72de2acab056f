/** Programs that mean harm, or went wrong: each ends soon, in one plain error with its place. */
import { cpuUsage } from 'node:process';
import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.ts';

/** Of processor time: how long it takes on the wall is the machine’s business. */
const MAX_MS = 2000;
const END = '\nworkflow("w", "g", [ask("a", "x")])';

function ends(source: string): string {
  const before = cpuUsage();
  const compiled = compileWorkflow({ file: 'w.star', source });
  const { user, system } = cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(MAX_MS);
  if (!('diagnostics' in compiled)) return 'compiled';
  const [first, ...rest] = compiled.diagnostics.filter(({ severity }) => severity === 'error');
  expect(rest).toEqual([]);
  return `${first?.code} ${first?.span?.line}: ${first?.message}`;
}

const DOUBLING = 'x = "x"\nfor i in range(40):\n    x = x + x\n';

test.each<[name: string, source: string, expected: string]>([
  ['an endless loop', `for i in range(2147483647):\n    pass${END}`, 'WF1102 1: too many steps'],
  [
    'loops in loops',
    `def f():\n    for i in range(100000):\n        for j in range(100000):\n            pass\nf()${END}`,
    'WF1102 3: too many steps',
  ],
  [
    'text of a gigabyte',
    `x = "x" * (1 << 30)${END}`,
    'WF1102 1: excessive repeat (1 * 1073741824 elements)',
  ],
  ['text that doubles', DOUBLING + END, 'WF1102 3: too much memory'],
  [
    'a list of a billion',
    `x = [0] * 1000000000${END}`,
    'WF1102 1: excessive repeat (1 * 1000000000 elements)',
  ],
  [
    'a number without end',
    `x = 1 << 100000000${END}`,
    'WF1102 1: shift count too large: 100000000',
  ],
  ['recursion', `def f(n): return f(n + 1)\nf(0)${END}`, 'WF1102 1: Starlark stack overflow'],
  ['brackets', `x = ${'['.repeat(20_000)}`, 'WF1102 1: nesting is deeper than 200 levels'],
  [
    'nodes without end',
    `for i in range(2147483647):\n    ask("a%d" % i, "x")${END}`,
    'WF1102 2: too much memory',
  ],
  [
    'a value that holds itself twice',
    `x = []\nx.append(x)\nx.append(x)\nask("a", x)${END}`,
    'WF1004 4: `prompt` of ask `a` is nested deeper than 64 levels',
  ],
  [
    'a schema of 10^9 values',
    `x = {"a": 1}\nfor i in range(30):\n    x = {"a": x, "b": x}\nask("a", "x", output = x)${END}`,
    'WF1102 4: too much memory',
  ],
  [
    'one long text in many places',
    `x = "x" * 1000000\nask("a", "x", output = {"enum": [x] * 100000})${END}`,
    'WF1102 2: too much memory',
  ],
  [
    'a file past the limit',
    `# ${'x'.repeat(2_000_000)}`,
    'WF1006 1: the file is larger than 1 MiB',
  ],
])('%s', (_name, source, expected) => {
  expect(ends(source)).toBe(expected);
});

test('a node within itself ten thousand times over is nested too deep', () => {
  const source = `n = ask("a", "x")\nfor i in range(10000):\n    n = sequence("s%d" % i, [n])\nworkflow("w", "g", [n])`;
  expect(ends(source)).toMatch(/^WF1006 3: nested deeper than 64 levels/);
});

test('a graph whose nodes are shared does not unfold', () => {
  const source = `n = ask("a", "x")\nfor i in range(40):\n    n = sequence("s%d" % i, [n, n])\nworkflow("w", "g", [n])`;
  const compiled = compileWorkflow({ file: 'w.star', source });
  expect('diagnostics' in compiled && compiled.diagnostics[0]?.code).toBe('WF1201');
});

test('the same slip nine hundred times is one problem', () => {
  const source = `workflow("w", "g", [ask("a%d" % i, promt = "x") for i in range(900)])`;
  const compiled = compileWorkflow({ file: 'w.star', source });
  expect('diagnostics' in compiled && compiled.diagnostics).toMatchObject([
    { code: 'WF1003', notes: ['the same 899 more times from here'] },
    { code: 'WF1002' },
  ]);
});

test('a graph of 10,000 nodes compiles in under two seconds', () => {
  const source = `
def step(i):
    return sequence("s%d" % i, [
        ask("a%d" % i, "Look at part %d." % i, output = {"type": "object", "properties": {"x": {"type": "number"}}}),
        test("t%d" % i, ["npm", "test", "--", str(i)], file_scope = ["src/part%d/**" % i]),
        reduce("r%d" % i, "Sum up.", ["a%d" % i, "t%d" % i]),
    ])

workflow("w", "g", [branch("all", [step(i) for i in range(2500)])], budget = {"max_leaves": 20000})
`;
  expect(ends(source)).toBe('compiled');
});
