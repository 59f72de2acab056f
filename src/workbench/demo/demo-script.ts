/**
 * What the demo’s models say, as data: who is asked what, which tools they use, and what they expect to be
 * told before they go on. Only these words are made up. What they do is really done, and where the world
 * answers something else than is expected here, the script refuses instead of going on.
 *
 * `demo:scripted` does it all without a hitch, and free. `demo:priced` is for `demo --fail`: it stalls, is
 * refused for a moment, loses its mind in one branch, and pretends to cost something. `demo:dear` does, too.
 */
import type { Scene, SceneTurn } from '../../model/scripted-server/scenes.ts';

const FILE = 'src/split.mjs';
const TEST = 'test/more-people-than-cents.test.mjs';
/** Of each turn: about as fast as the fastest models are, and slow enough to watch. */
const latencyMs = 120;
/** Of each turn of a model with a price. */
const usage = { uncached: 1500, output: 120 };

const buggy = `  const share = Math.round(cents / people);
  return Array(people).fill(share);
`;

const spread = `  const share = Math.floor(cents / people);
  const odd = cents - share * people;
  return Array.from({ length: people }, (_, index) => (index < odd ? share + 1 : share));
`;

const last = `  const shares = Array(people).fill(Math.round(cents / people));
  shares[people - 1] = cents - shares[0] * (people - 1);
  return shares;
`;

/** In lines, so that no line of this file’s own is taken for an import where it is bundled. */
const regression = [
  "import assert from 'node:assert/strict';",
  "import { test } from 'node:test';",
  "import { splitBill } from '../src/split.mjs';",
  '',
  "test('more people than cents: nobody pays less than nothing', () => {",
  '  const shares = splitBill(2, 3);',
  '  assert.equal(shares.reduce((total, share) => total + share, 0), 2);',
  '  assert.ok(shares.every((share) => share >= 0));',
  '});',
  '',
].join('\n');

const QUESTION = 'Why does splitBill() lose cents?';
const SPREAD = 'Mend splitBill() this way: spread the odd cents, one each.';
const LAST = 'Mend splitBill() this way: give the odd cents to the last one.';
const SUMMARY = 'What was wrong, which fix won and why';

const explores: readonly SceneTurn[] = [
  {
    say: 'I read the function that the search has found.',
    calls: [{ name: 'read_file', input: { path: FILE } }],
    latencyMs,
  },
  {
    told: ['Math.round(cents / people)'],
    calls: [
      {
        name: 'finish',
        input: {
          status: 'succeeded',
          summary: 'Found where cents get lost.',
          artifacts: [FILE],
          result: {
            line: 3,
            cause: 'each share is rounded by itself, so the shares need not add up to the bill',
          },
        },
      },
    ],
    latencyMs,
  },
];

const spreads: readonly SceneTurn[] = [
  {
    say: 'First I look at the code, and at how it fails.',
    calls: [
      { name: 'read_file', input: { path: FILE } },
      { name: 'run_command', input: { command: 'node --test' } },
    ],
    latencyMs,
  },
  {
    told: [buggy, 'exit status 1', 'no cent is lost'],
    say: 'Round down, then give one of the odd cents to each of the first.',
    calls: [{ name: 'edit_file', input: { path: FILE, old: buggy, new: spread } }],
    latencyMs,
  },
  {
    told: ['replaced 1'],
    say: 'Now the tests, all of them.',
    calls: [{ name: 'run_command', input: { command: 'node --test' } }],
    latencyMs,
  },
  {
    told: ['exit status 0'],
    calls: [
      {
        name: 'finish',
        input: {
          status: 'succeeded',
          summary: 'Shares are rounded down and the odd cents are spread, one each.',
          artifacts: [FILE],
          evidence: ['node --test: exit status 0'],
        },
      },
    ],
    latencyMs,
  },
];

/** Looks, then changes the code and writes a test. */
const givesToTheLast: readonly SceneTurn[] = [
  {
    say: 'I look at the code.',
    calls: [{ name: 'read_file', input: { path: FILE } }],
    latencyMs,
  },
  {
    told: [buggy],
    say: 'The last one pays what the others leave. A test for a case that nobody thought of, too.',
    calls: [
      { name: 'edit_file', input: { path: FILE, old: buggy, new: last } },
      { name: 'write_file', input: { path: TEST, text: regression } },
    ],
    latencyMs,
  },
];

/** Tries only its own test, and believes that it is done. */
const triesItsOwnTest: readonly SceneTurn[] = [
  {
    told: ['replaced 1', `wrote ${TEST}`],
    say: 'I try my test.',
    calls: [{ name: 'run_command', input: { command: `node --test ${TEST}` } }],
    latencyMs,
  },
  {
    told: ['exit status 0'],
    calls: [
      {
        name: 'finish',
        input: {
          status: 'succeeded',
          summary: 'The last share is what the others leave. All tests pass.',
          artifacts: [FILE, TEST],
          evidence: ['all tests pass'],
        },
      },
    ],
    latencyMs,
  },
];

/** Calls what does not exist, however often it is told. */
const rambles: readonly SceneTurn[] = Array.from({ length: 4 }, () => ({
  say: 'I commit and push.',
  calls: [{ name: 'git_push', input: { force: true } }],
  latencyMs,
}));

const sumsUp: readonly SceneTurn[] = [
  {
    // Each text is taken from the question: whoever wins, the answer says so.
    answer: { bug: '{{cause}}', winner: '{{winner}}', why: '{{why}}', keep: ['{{*fruit}}'] },
    latencyMs,
  },
];
const inTheQuestion: Pick<Scene, 'finds' | 'collects'> = {
  finds: {
    cause: /"cause": "([^"]+)"/,
    winner: /"winner": "([^"]+)"/,
    why: /"why": "(best by [^"]+)"/,
  },
  collects: { fruit: /"type": "test",\s+"title": "([^"]+ passes on [^"]+)"/ },
};

/** What goes wrong in front of a turn, one a sending; see `faults.ts`. */
const STALL = ['stall-in-body'];
const TOO_MANY = ['rate-limit-seconds'];

function priced(turns: readonly SceneTurn[], faults: readonly string[] = []): readonly SceneTurn[] {
  return turns.map((turn, at) => ({ ...turn, usage, ...(at === 0 ? { faults } : {}) }));
}

/** The first that fits is played. */
export const demoScenes: readonly Scene[] = [
  {
    name: 'explorer, stalling',
    model: 'priced',
    asked: [QUESTION],
    turns: priced(explores, STALL),
  },
  {
    name: 'implementer, spread, at a price',
    model: 'priced',
    asked: [SPREAD],
    turns: priced(spreads),
  },
  {
    name: 'implementer, last, refused and then lost',
    model: 'priced',
    asked: [LAST],
    turns: priced([...givesToTheLast, ...rambles], TOO_MANY),
  },
  {
    name: 'reviewer, dear',
    model: 'dear',
    asked: [SUMMARY],
    ...inTheQuestion,
    turns: priced(sumsUp),
  },
  { name: 'explorer', asked: [QUESTION], turns: explores },
  { name: 'implementer, spread', asked: [SPREAD], turns: spreads },
  { name: 'implementer, last', asked: [LAST], turns: [...givesToTheLast, ...triesItsOwnTest] },
  { name: 'reviewer', asked: [SUMMARY], ...inTheQuestion, turns: sumsUp },
];
