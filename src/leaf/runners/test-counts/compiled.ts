/** Closing lines of runners for Go, Rust, the JVM, .NET and C++. */
import { byLine, type Counter, figuresIn, type Tally } from './tally.ts';

const FIGURE_WORD = /(?<figure>\d+) (?<word>[a-z]+)/g;
const WORD_FIGURE = /(?<word>[A-Za-z]+): +(?<figure>\d+)/g;

const GO_TEST = /^ *--- (?<end>PASS|FAIL|SKIP): /;
const GO_PACKAGE =
  /^(?<end>ok|FAIL)\s+\S+\s+(?:\(cached\)|[\d.]+s|\[build failed\]|\[setup failed\])/;

/** With `-v` tests, subtests among them. */
const goTest: Counter = {
  source: 'go test',
  needsAll: true,
  count(lines) {
    if (!lines.some((line) => line.startsWith('=== RUN'))) return [];
    return tallyOf(lines, GO_TEST, { passed: 'PASS', failed: 'FAIL', skipped: 'SKIP' });
  },
};

/** Without `-v` only packages say how they ended. */
const goPackages: Counter = {
  source: 'go test, by package',
  needsAll: true,
  count(lines) {
    if (lines.some((line) => line.startsWith('=== RUN'))) return [];
    return tallyOf(lines, GO_PACKAGE, { passed: 'ok', failed: 'FAIL', skipped: '' });
  },
};

const GO_JSON = /^\{.*"Action":"(?<end>pass|fail|skip)".*"Test":"/;

const goJson: Counter = {
  source: 'go test -json',
  needsAll: true,
  count: (lines) => tallyOf(lines, GO_JSON, { passed: 'pass', failed: 'fail', skipped: 'skip' }),
};

function tallyOf(
  lines: readonly string[],
  form: RegExp,
  words: { readonly [K in keyof Tally]: string },
): readonly Tally[] {
  const ends = lines.flatMap((line) => form.exec(line)?.groups?.['end'] ?? []);
  if (ends.length === 0) return [];
  const of = (word: string): number => ends.filter((end) => end === word).length;
  return [{ passed: of(words.passed), failed: of(words.failed), skipped: of(words.skipped) }];
}

const CARGO = /^test result: (?:ok|FAILED)\. (?<all>\d+ passed; \d+ failed; \d+ ignored; .*)$/;

const cargo = byLine('cargo test', CARGO, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(FIGURE_WORD));
  return { passed: of('passed'), failed: of('failed'), skipped: of('ignored') };
});

const NEXTEST = /^ *Summary \[ *[\d.]+s\] \d+(?:\/\d+)? tests? run: (?<all>.+)$/;

const nextest = byLine('cargo nextest', NEXTEST, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(FIGURE_WORD));
  return { passed: of('passed'), failed: of('failed', 'timed'), skipped: of('skipped') };
});

/** The sum of a module; the lines of its classes say how long they took. */
const SUREFIRE =
  /^(?:\[[A-Z]+\] *)?Tests run: (?<total>\d+), +Failures: (?<failures>\d+)(?:, +Errors: (?<errors>\d+))?(?:, +Skipped: (?<skipped>\d+))?$/;

const surefire = byLine('maven', SUREFIRE, ({ groups = {} }) => {
  const failed = Number(groups['failures']) + Number(groups['errors'] ?? 0);
  return ofTotal(Number(groups['total']), failed, Number(groups['skipped'] ?? 0));
});

const junit4 = byLine('junit', /^OK \((?<total>\d+) tests?\)$/, ({ groups }) =>
  ofTotal(Number(groups?.['total']), 0, 0),
);

const GRADLE =
  /^(?<total>\d+) tests? completed(?:, (?<failed>\d+) failed)?(?:, (?<skipped>\d+) skipped)?$/;

const gradle = byLine('gradle', GRADLE, ({ groups = {} }) =>
  ofTotal(Number(groups['total']), Number(groups['failed'] ?? 0), Number(groups['skipped'] ?? 0)),
);

const DOTNET =
  /^(?:Passed|Failed|Skipped)! +- (?<all>Failed: +\d+, Passed: +\d+, Skipped: +\d+, Total: +\d+)/;

const dotnet = byLine('dotnet test', DOTNET, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(WORD_FIGURE));
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
});

const VSTEST_LINE =
  /^ *(?<word>total tests|total|passed|succeeded|failed|skipped): +(?<figure>\d+)$/i;

/** One figure a line, below `Total tests: 5`, or `total: 5` of the newer test platform. */
const vstest: Counter = {
  source: 'dotnet test',
  count(lines) {
    return lines.flatMap((line, index): readonly Tally[] => {
      if (!/^(?:Total tests: \d+| +total: \d+)$/.test(line)) return [];
      const block = lines.slice(index, index + VSTEST_LINES);
      const of = figuresIn(
        block.flatMap((one) => [...one.matchAll(new RegExp(VSTEST_LINE, 'gi'))]),
      );
      return [{ passed: of('passed', 'succeeded'), failed: of('failed'), skipped: of('skipped') }];
    });
  },
};
const VSTEST_LINES = 5;

const GTEST = /^\[(?: {2}PASSED {2}| {2}FAILED {2}| {2}SKIPPED )\] (?<figure>\d+) tests?[.,]/;

const googletest: Counter = {
  source: 'googletest',
  count(lines) {
    const pairs = lines.flatMap((line) => {
      const match = line.match(GTEST);
      if (match === null) return [];
      const word = line.slice(1, line.indexOf(']')).trim();
      return [Object.assign(match, { groups: { word, figure: match.groups?.['figure'] ?? '0' } })];
    });
    if (pairs.length === 0) return [];
    const of = figuresIn(pairs);
    return [{ passed: of('passed'), failed: of('failed'), skipped: of('skipped') }];
  },
};

const CTEST = /^\d+% tests passed, (?<failed>\d+) tests? failed out of (?<total>\d+)$/;

const ctest = byLine('ctest', CTEST, ({ groups = {} }) =>
  ofTotal(Number(groups['total']), Number(groups['failed']), 0),
);

function ofTotal(total: number, failed: number, skipped: number): Tally {
  return { passed: Math.max(0, total - failed - skipped), failed, skipped };
}

export const compiled: readonly Counter[] = [
  goTest,
  goPackages,
  goJson,
  cargo,
  nextest,
  surefire,
  junit4,
  gradle,
  dotnet,
  vstest,
  googletest,
  ctest,
];
