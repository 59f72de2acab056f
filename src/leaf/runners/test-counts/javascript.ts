/** Closing lines of runners for JavaScript. */
import { byLine, type Counter, figuresIn, type Tally } from './tally.ts';

const FIGURE_WORD = /(?<figure>\d+) (?<word>[a-z]+(?: fail)?)/g;

const vitest = byLine('vitest', /^ *Tests {2}(?<all>.+?) \(\d+\)$/, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(FIGURE_WORD));
  return {
    passed: of('passed', 'expected fail'),
    failed: of('failed'),
    skipped: of('skipped', 'todo'),
  };
});

const jest = byLine('jest', /^Tests: +(?<all>\d+ [a-z]+, .*\d+ total)$/, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(FIGURE_WORD));
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped', 'todo', 'pending') };
});

/** `ℹ pass 4` of its own reporter, `# pass 4` of its TAP; other producers of TAP end that way too. */
const NODE_LINE =
  /^(?:ℹ|#) (?<word>tests|pass|fail|cancelled|skipped|skip|todo|ok) +(?<figure>\d+)$/;

const nodeTest: Counter = {
  source: 'node:test',
  count(lines) {
    return blocksOf(lines, NODE_LINE, 'tests').map((block) => {
      const of = figuresIn(block);
      return {
        passed: of('pass'),
        failed: of('fail', 'cancelled'),
        skipped: of('skipped', 'skip', 'todo'),
      };
    });
  },
};

const MOCHA_LINE = /^ {2}(?<figure>\d+) (?<word>passing|pending|failing)(?: \(\d+(?:ms|s|m|h)\))?$/;

const mocha: Counter = {
  source: 'mocha',
  count(lines) {
    return blocksOf(lines, MOCHA_LINE, 'passing').map((block) => {
      const of = figuresIn(block);
      return { passed: of('passing'), failed: of('failing'), skipped: of('pending') };
    });
  },
};

const DENO = /^(?:ok|FAILED) \| (?<all>\d+ passed .*\d+ failed.*)$/;

const deno = byLine('deno', DENO, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(FIGURE_WORD));
  return { passed: of('passed'), failed: of('failed'), skipped: of('ignored') };
});

const BUN_LINE = /^ *(?<figure>\d+) (?<word>pass|fail|skip|todo)$/;
const BUN_END = /^Ran \d+ tests? across \d+ files?\./;

/** Its figures stand above the line that ends them. */
const bun: Counter = {
  source: 'bun',
  count(lines) {
    return lines.flatMap((line, index): readonly Tally[] => {
      if (!BUN_END.test(line)) return [];
      const above = lines.slice(Math.max(0, index - BUN_LINES), index);
      const of = figuresIn(pairsOf(above, BUN_LINE));
      return [{ passed: of('pass'), failed: of('fail'), skipped: of('skip', 'todo') }];
    });
  },
};
const BUN_LINES = 6;

const PLAYWRIGHT_LINE =
  /^ {2}(?<figure>\d+) (?<word>failed|flaky|skipped|did not run|passed)(?: \([\d.]+m?s\))?$/;
const PLAYWRIGHT_END = /^ {2}\d+ passed \([\d.]+m?s\)$/;

const playwright: Counter = {
  source: 'playwright',
  count(lines) {
    if (!lines.some((line) => PLAYWRIGHT_END.test(line))) return [];
    const of = figuresIn(pairsOf(lines, PLAYWRIGHT_LINE));
    const skipped = of('skipped', 'did not run');
    return [{ passed: of('passed', 'flaky'), failed: of('failed'), skipped }];
  },
};

function pairsOf(lines: readonly string[], form: RegExp): readonly RegExpMatchArray[] {
  return lines.flatMap((line) => {
    const match = line.match(form);
    return match === null ? [] : [match];
  });
}

/** The lines of a form, in blocks that each begin with a word. */
function blocksOf(
  lines: readonly string[],
  form: RegExp,
  first: string,
): readonly (readonly RegExpMatchArray[])[] {
  const blocks: RegExpMatchArray[][] = [];
  for (const match of pairsOf(lines, form)) {
    if (match.groups?.['word'] === first) blocks.push([]);
    blocks.at(-1)?.push(match);
  }
  return blocks;
}

export const javascript: readonly Counter[] = [
  vitest,
  jest,
  nodeTest,
  mocha,
  deno,
  bun,
  playwright,
];
