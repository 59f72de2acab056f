/**
 * The demo’s repository: a small module with a real bug, tests that find it, and two scripted ways to
 * mend it. Only the words of the models are scripted besides; trees, edits and test runs are real.
 */

const slug = `// Turns a title into a part of a URL.
export function slug(title) {
  return title.toLowerCase().replace(' ', '-');
}
`;

const tests = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slug } from '../src/slug.mjs';

test('one word', () => assert.equal(slug('Whale'), 'whale'));
test('every space becomes a dash', () => assert.equal(slug('a b c'), 'a-b-c'));
test('runs of spaces become one dash', () => assert.equal(slug('a   b'), 'a-b'));
test('no dash at either end', () => assert.equal(slug(' a b '), 'a-b'));
test('punctuation is dropped', () => assert.equal(slug('Hi, there!'), 'hi-there'));
`;

/** Stands in for a coding agent: edits the file as its nth try would. */
const fix = `import { writeFileSync } from 'node:fs';

const [, , approach, iteration] = process.argv;
const body = {
  // The minimal patch gets it right when it has seen the tests fail once.
  minimal: [
    "title.toLowerCase().replaceAll(' ', '-')",
    "title.toLowerCase().replace(/[^a-z0-9 ]/g, '').trim().replace(/ +/g, '-')",
  ],
  // The rewrite splits into words and never gets to the punctuation.
  rewrite: [
    "title.toLowerCase().split(' ').join('-')",
    "title.toLowerCase().split(' ').filter((word) => word !== '').join('-')",
  ],
}[approach];
if (body === undefined) throw new Error('no approach ' + approach);
const expression = body[Math.min(Number(iteration), body.length) - 1];
writeFileSync(
  'src/slug.mjs',
  '// Turns a title into a part of a URL.\\nexport function slug(title) {\\n  return ' + expression + ';\\n}\\n',
);
console.log(approach + ', try ' + iteration + ': ' + expression);
`;

const workflow = `# Two ways to mend one bug, each in a worktree of its own. Tests decide.

def attempt(id, approach):
    return loop_until(
        id,
        succeeded(id + "-tests"),
        [
            shell(id + "-edit", ["node", "tools/fix.mjs", approach, "{{iteration}}"], mode = "read_write", file_scope = ["src/**"]),
            test(id + "-tests", ["node", "--test"]),
        ],
        max_iterations = 2,
        on_exhausted = "continue",
        isolation = "worktree",
    )

workflow(
    id = "demo",
    goal = "Mend slug() so that its tests pass",
    params = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "default": "minimal"},
            "b": {"type": "string", "default": "rewrite"},
        },
        "additionalProperties": False,
    },
    permissions = {"shell": True, "write": True, "commands": ["node --test", "node tools/fix.mjs *"]},
    nodes = [
        branch("look", [
            search("where", "slug(", file_scope = ["src/**"]),
            test("before", ["node", "--test"], ok_exit_codes = [1]),
            ask("idea", "In one sentence: why might a slug function fail on 'a b c'?"),
        ]),
        branch("fixes", [
            attempt("a", "{{params.a}}"),
            attempt("b", "{{params.b}}"),
        ], join = "any"),
        tournament("best", ["a", "b"], rank = {"by": "tests"}),
        test("proof", ["node", "--test"]),
        reduce("summary", "Say in two sentences what was wrong and which fix won.", ["look", "best", "proof"]),
    ],
)
`;

/** Path below the repository’s root → text. */
export const demoFiles: Readonly<Record<string, string>> = {
  'package.json':
    '{ "name": "slug", "private": true, "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/slug.mjs': slug,
  'test/slug.test.mjs': tests,
  'tools/fix.mjs': fix,
  '.whaleflow/workflows/demo.star': workflow,
  'README.md': '# slug\n\nA throw-away repository made by `whaleflow demo`.\n',
};

/** The commands that the demo’s workflow runs; typing `demo` accepts them. */
export const demoCommands: readonly string[] = ['node --test', 'node tools/fix.mjs *'];
