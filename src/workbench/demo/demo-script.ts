/**
 * What the demo’s models say, as data: who is asked what, which tools they use, and what they expect to be
 * told before they go on. Only these words are made up. What they do is really done, and where the world
 * answers something else than is expected here, the script refuses instead of going on.
 */
import type { Scene } from '../../model/scripted-server/scenes.ts';

const FILE = 'src/split.mjs';
const TEST = 'test/more-people-than-cents.test.mjs';
/** About as fast as the fastest models are; slow enough to watch. */
const latencyMs = 120;

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

export const demoScenes: readonly Scene[] = [
  {
    name: 'explorer',
    asked: ['Why does splitBill()'],
    turns: [
      {
        say: 'I read the function.',
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
    ],
  },
  {
    name: 'implementer, spread',
    asked: ['Mend splitBill() this way: spread the odd cents, one each.'],
    turns: [
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
    ],
  },
  {
    // Tries only its own test, and believes that it is done.
    name: 'implementer, last',
    asked: ['Mend splitBill() this way: give the odd cents to the last one.'],
    turns: [
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
    ],
  },
  {
    name: 'summary',
    asked: ['What was wrong, which fix won and why'],
    finds: {
      cause: /"cause": "([^"]+)"/,
      winner: /"winner": "([^"]+)"/,
      why: /"why": "([^"]+)"/,
    },
    collects: { fruit: /"type": "test",\s+"title": "([^"]+ passes on [^"]+)"/ },
    turns: [
      {
        answer: {
          bug: '{{cause}}',
          winner: '{{winner}}',
          why: '{{why}}',
          keep: ['{{*fruit}}'],
        },
        latencyMs,
      },
    ],
  },
];
