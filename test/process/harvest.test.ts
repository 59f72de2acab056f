/** What a loser left, from a real check in a real tree to the screen, the record and the next run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, type Shell } from './shell.ts';

const name = 'parallel-fix.star';
const source = readFileSync(join(import.meta.dirname, '..', '..', 'examples', name), 'utf8');

let shell: Shell;
let run: string;

beforeAll(() => {
  shell = openShell({ [name]: source });
  run = started('run', name, '--allow', '*', '--yes');
});
afterAll(() => shell[Symbol.dispose]());

function started(...words: string[]): string {
  const { run: id } = shell.json(...words, '--json') as { run: string };
  shell.whaleflow('wait', id);
  return id;
}

interface Shown {
  readonly type: string;
  readonly title: string;
  readonly leaf: string;
  readonly harvested_for: string | null;
  readonly value: unknown;
}

const fruitOf = (address: string): readonly Shown[] =>
  (shell.json('show', address, '--fruit', '--json') as { fruit: readonly Shown[] }).fruit;

test('the loser’s test really ran on the winner, is fruit, and is kept as a patch', () => {
  const tests = fruitOf(`${run}/best`);
  expect(tests).toMatchObject([
    {
      type: 'test',
      title: 'tests/hasty.sh of attempts/hasty passes on attempts/careful',
      leaf: `${run}/best/$harvest[hasty]#1`,
      harvested_for: 'attempts/hasty',
      value: { file: 'tests/hasty.sh', exitCode: 0 },
    },
  ]);
  const listed = shell.whaleflow('show', run, '--fruit').out;
  expect(listed).toContain('tests/hasty.sh of attempts/hasty passes on attempts/careful');
  const leaf = shell.json('show', `${run}/best/$harvest[hasty]`, '--json') as { patch: object };
  expect(leaf.patch).toMatchObject({ files: 1, added: 1, removed: 0 });
  const { output } = shell.json('show', run, '--json') as { output: { fruit: readonly object[] } };
  expect(output.fruit).toContainEqual(
    expect.objectContaining({ from: 'best/$harvest[hasty]', type: 'test' }),
  );
});

test('replay and export know it; nothing runs for either', () => {
  const { exit, out } = shell.whaleflow('replay', run);
  expect([exit, out]).toEqual([0, expect.stringContaining('0 provider calls, 0 processes')]);
  const exported = JSON.parse(shell.whaleflow('export', 'run', run, '--format', 'json').out) as {
    steps: readonly { path?: string; fruit?: readonly object[] }[];
  };
  const step = exported.steps.find(({ path }) => path === 'best/$harvest[hasty]');
  expect(step?.fruit).toMatchObject([{ type: 'test' }]);
});

test('a fork at the tournament harvests again, and does nothing else again', () => {
  const forked = started('fork', run, '--at', 'best', '--yes');
  expect(fruitOf(`${forked}/best`)).toMatchObject([{ type: 'test' }]);
  const { leaves } = shell.json('show', forked, '--json') as {
    leaves: readonly { leaf: string; reused_from: object | null }[];
  };
  const live = leaves.filter(({ reused_from }) => reused_from === null);
  expect(live.map(({ leaf }) => leaf)).toEqual([`${forked}/best/$harvest[hasty]#1`]);
  expect(shell.whaleflow('replay', forked).exit).toBe(0);
});

test('a check that fails is a finding; the run is none the worse for it', () => {
  shell.write('strict.star', source.replace('|| exit 1; done"', '|| exit 1; done; exit 7"'));
  const strict = started('run', 'strict.star', '--allow', '*', '--yes');
  expect(fruitOf(`${strict}/best`)).toMatchObject([
    {
      type: 'finding',
      title: 'tests/hasty.sh of attempts/hasty: exit status 7 on attempts/careful',
      value: { files: ['tests/hasty.sh'], exitCode: 7 },
    },
  ]);
  const { state } = shell.json('show', strict, '--json') as { state: string };
  expect(state).toBe('succeeded');
});

const everyWay = `
def writer(id, files, more = ""):
    return shell(
        id,
        "mkdir -p src tests; " + "; ".join(["echo '%s' > %s" % (text, file) for file, text in files.items()]) + more,
        mode = "read_write",
        isolation = "worktree",
    )

CHECK = "for each in tests/*.sh; do bash $each || exit 1; done; echo 1 passed, 0 failed"
HOLDS = {"src/b.txt": "two", "tests/holds.sh": "test -e README.md"}

race = branch(
    "race",
    [
        # A branch that fails leaves a test that holds, one that does not, and a file that nobody else has.
        writer("failing", HOLDS | {"tests/wrong.sh": "exit 3"}, "; touch GATE; exit 1"),
        writer("first", {"src/a.txt": "one"}, "; while [ ! -e GATE ]; do sleep 0.05; done; sleep 2"),
    ],
    join = "first_success",
    harvest = CHECK,
)
front = pareto(
    "front",
    ["small", "large"],
    [{"by": "diffSize", "goal": "min"}],
    harvest = CHECK,
)
workflow(
    id = "every-way",
    goal = "losers of every kind leave what they have",
    nodes = [
        race,
        branch("sizes", [writer("small", {"src/s.txt": "s"}), writer("large", HOLDS)]),
        front,
        reduce("told", "Say what is worth keeping.", ["front"]),
    ],
    output = front,
)
`;

test('a first success harvests a branch that failed, a pareto choice what it drops; others can read it', () => {
  const gate = join(shell.root, '..', 'failing-ends');
  shell.write('every-way.star', everyWay.replaceAll('GATE', gate));
  const every = started('run', 'every-way.star', '--allow', '*', '--yes', '--model', 'mock');
  expect(shell.json('show', every, '--json')).toMatchObject({ state: 'succeeded' });
  const titles = (address: string): readonly string[] =>
    fruitOf(address)
      .map(({ type, title, harvested_for: branch }) => `${type} ${title} <- ${branch}`)
      .sort();
  expect(titles(`${every}/race/$harvest[failing]`)).toEqual([
    'finding tests/wrong.sh of race/failing: fails on race/first <- race/failing',
    'patch src/b.txt of race/failing, untouched by race/first <- race/failing',
    'test tests/holds.sh of race/failing passes on race/first <- race/failing',
  ]);
  expect(titles(`${every}/front/$harvest[large]`)).toEqual([
    'patch src/b.txt of sizes/large, untouched by sizes/small <- sizes/large',
    'test tests/holds.sh of sizes/large passes on sizes/small <- sizes/large',
  ]);
  // Each with its evidence: the attempt that tried it, and whose it was.
  const [first] = fruitOf(`${every}/front/$harvest[large]`) as readonly (Shown & {
    readonly evidence: readonly string[];
  })[];
  expect(first?.evidence).toEqual(['front/$harvest[large]#1', 'sizes/large']);
  const told = shell.json('show', `${every}/told/$reduce`, '--json') as { prompt: string };
  expect(told.prompt).toContain('tests/holds.sh of sizes/large passes on sizes/small');
  expect(shell.json('show', every, '--json')).toMatchObject({
    output: {
      items: [{ candidate: 'small' }],
      others: [{ candidate: 'large', why: expect.stringContaining('small is as good in all') }],
    },
  });
  expect(shell.whaleflow('replay', every).exit).toBe(0);
});

const merged = `
def writer(id, files, more = ""):
    return shell(
        id,
        "mkdir -p src tests; " + "; ".join(["echo '%s' > %s" % (text, file) for file, text in files.items()]) + more,
        mode = "read_write",
        isolation = "worktree",
    )

CHECK = "test -e src/one.txt && test -e src/two.txt && for each in tests/*.sh; do bash $each || exit 1; done"

workflow(
    id = "merged",
    goal = "what a failed branch leaves is tried on what the others made",
    nodes = [
        branch(
            "parts",
            [
                writer("one", {"src/one.txt": "1"}),
                writer("two", {"src/two.txt": "2"}),
                writer("failing", {"tests/both.sh": "cat src/one.txt src/two.txt"}, "; exit 1"),
            ],
            trees = "merge",
            harvest = CHECK,
        ),
    ],
)
`;

test('a merge is what the test of a failed branch is tried on; it is not in what is applied', () => {
  shell.write('merged.star', merged);
  const id = started('run', 'merged.star', '--allow', '*', '--yes');
  expect(shell.json('show', id, '--json')).toMatchObject({ state: 'degraded' });
  expect(fruitOf(`${id}/parts/$harvest[failing]`)).toMatchObject([
    {
      type: 'test',
      title: 'tests/both.sh of parts/failing passes on parts/$merge',
      harvested_for: 'parts/failing',
      value: { exitCode: 0 },
    },
  ]);
  const patch = shell.whaleflow('diff', id).out;
  expect(patch).toContain('src/two.txt');
  expect(patch).not.toContain('both.sh');
  expect(shell.whaleflow('diff', `${id}/parts/$harvest[failing]`).out).toContain('both.sh');
  expect(shell.whaleflow('replay', id).exit).toBe(0);
});
