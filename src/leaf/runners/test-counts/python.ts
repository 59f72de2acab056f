/** Closing lines of runners for Python. */
import { byLine, type Counter, figuresIn, type Tally } from './tally.ts';

const PYTEST =
  /^(?:=+ )?(?<all>(?:\d+ [a-z]+(?:, )?)+|no tests ran|no tests collected) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$/;

/** A test that fails as expected did what it ought to; one that passes against that is for pytest no failure. */
const pytest = byLine('pytest', PYTEST, ({ groups }) => {
  const of = figuresIn((groups?.['all'] ?? '').matchAll(/(?<figure>\d+) (?<word>[a-z]+)/g));
  return {
    passed: of('passed', 'xfailed', 'xpassed'),
    failed: of('failed', 'error', 'errors'),
    skipped: of('skipped'),
  };
});

const UNITTEST_RAN = /^Ran (?<total>\d+) tests? in [\d.]+s$/;
const UNITTEST_END = /^(?:OK|FAILED|NO TESTS RAN)(?: \((?<all>.+)\))?$/;
/** Lines between the two. */
const UNITTEST_GAP = 3;

const unittest: Counter = {
  source: 'unittest',
  count(lines) {
    return lines.flatMap((line, index): readonly Tally[] => {
      const total = Number(UNITTEST_RAN.exec(line)?.groups?.['total'] ?? Number.NaN);
      const below = lines.slice(index + 1, index + 1 + UNITTEST_GAP);
      const end = below.map((one) => UNITTEST_END.exec(one)).find((match) => match !== null);
      if (Number.isNaN(total) || end === undefined) return [];
      const pairs = (end.groups?.['all'] ?? '').matchAll(/(?<word>[a-z ]+)=(?<figure>\d+)/g);
      const of = figuresIn(trimmed(pairs));
      const failed = of('failures', 'errors', 'unexpected successes');
      const skipped = of('skipped');
      return [{ passed: Math.max(0, total - failed - skipped), failed, skipped }];
    });
  },
};

function* trimmed(pairs: Iterable<RegExpMatchArray>): Generator<RegExpMatchArray> {
  for (const pair of pairs) {
    const { word = '', figure = '' } = pair.groups ?? {};
    yield Object.assign(pair, { groups: { word: word.trim(), figure } });
  }
}

export const python: readonly Counter[] = [pytest, unittest];
