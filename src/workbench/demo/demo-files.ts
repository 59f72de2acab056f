/**
 * The demo’s repository: a small module with a real bug, tests that find it, and a workflow in which two
 * agents mend it in two ways. Nothing in it knows which models answer: the workflow names roles.
 */

const split = `// Splits a bill. All amounts are whole cents.
export function splitBill(cents, people) {
  const share = Math.round(cents / people);
  return Array(people).fill(share);
}
`;

const tests = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBill } from '../src/split.mjs';

const sum = (shares) => shares.reduce((total, share) => total + share, 0);

test('an even bill is split evenly', () => assert.deepEqual(splitBill(900, 3), [300, 300, 300]));
test('no cent is lost', () => assert.equal(sum(splitBill(1000, 3)), 1000));
test('no cent is invented', () => assert.equal(sum(splitBill(200, 3)), 200));
test('nobody pays over a cent more than another', () => {
  const shares = splitBill(100, 7);
  assert.ok(Math.max(...shares) - Math.min(...shares) <= 1, 'shares: ' + shares);
});
`;

const workflow = `# Two agents mend one bug in two ways, each in a git worktree of its own. Tests decide who wins.
# Models are named by role only. A real one does the fixes with
#     whaleflow demo --model implementer=PROVIDER:MODEL

TESTS = ["node", "--test"]

where = search("where", "function splitBill(")

cause = agent(
    "cause",
    "Why does splitBill() lose cents? Read it in {{inputs.where.files}}; change nothing.",
    agent_type = "explore",
    inputs = [where],
    output = {
        "type": "object",
        "properties": {"line": {"type": "integer"}, "cause": {"type": "string"}},
        "required": ["line", "cause"],
        "additionalProperties": False,
    },
)

def fix(id, approach):
    """An agent mends the bug; then the tests are run by WhaleFlow, whatever the agent says."""
    return sequence(
        id,
        [
            agent(
                id + "-agent",
                "Mend splitBill() this way: " + approach + ".\\n" +
                "What is wrong with it: {{inputs.cause.cause}}\\n" +
                "Leave the tests that are there alone; put new ones into files of their own below test/.",
                agent_type = "implementer",
                mode = "read_write",
                file_scope = ["src/**", "test/**"],
                inputs = [cause],
                # The other approach is the second try.
                retry = {"max_attempts": 1},
            ),
            test(id + "-tests", TESTS),
        ],
        isolation = "worktree",
    )

workflow(
    id = "demo",
    goal = "Mend splitBill() so that no cent is lost",
    params = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "default": "spread the odd cents, one each"},
            "b": {"type": "string", "default": "give the odd cents to the last one"},
        },
        "additionalProperties": False,
    },
    permissions = {"shell": True, "write": True, "commands": ["node --test", "node --test test/*"]},
    model_policy = {"max_output_tokens": 4000},
    nodes = [
        branch("look", [
            where,
            test("before", TESTS, ok_exit_codes = [1], label = "the tests fail, as they should"),
        ]),
        cause,
        branch("fixes", [fix("a", "{{params.a}}"), fix("b", "{{params.b}}")], join = "any"),
        # What the loser leaves is tried on the winner: a test that passes there is kept.
        tournament("best", ["a", "b"], rank = "tests", harvest = TESTS),
        test("proof", TESTS, label = "the winner, in the tree of the run"),
        reduce(
            "summary",
            "What was wrong, which fix won and why, and what is worth keeping of the other?",
            [cause, "best", "proof"],
            model_policy = {"role": "reviewer"},
            output = {
                "type": "object",
                "properties": {
                    "bug": {"type": "string"},
                    "winner": {"type": "string"},
                    "why": {"type": "string"},
                    "keep": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["bug", "winner", "why", "keep"],
                "additionalProperties": False,
            },
        ),
    ],
)
`;

/** Path below the repository’s root → text. */
export const demoFiles: Readonly<Record<string, string>> = {
  'package.json':
    '{ "name": "split", "private": true, "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/split.mjs': split,
  'test/split.test.mjs': tests,
  '.whaleflow/workflows/demo.star': workflow,
  'README.md': '# split\n\nA throw-away repository made by `whaleflow demo`.\n',
};

/** The commands that the demo’s workflow runs; typing `demo` accepts them. */
export const demoCommands: readonly string[] = ['node --test', 'node --test test/*'];
