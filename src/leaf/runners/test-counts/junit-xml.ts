/** Counts the cases of a JUnit XML report. Nothing that it declares is expanded or fetched. */
import sax from 'sax';
import type { Tally } from './tally.ts';

/** Undefined where the text is no such report, or not a whole one. */
export function junitTally(text: string): Tally | undefined {
  const counter = new CaseCounter();
  const parser = sax.parser(true, { position: false });
  let isBroken = false;
  parser.onerror = () => {
    isBroken = true;
    // It would be thrown by the next write.
    parser.error = null as never;
  };
  parser.onopentag = ({ name }) => counter.open(name);
  parser.onclosetag = (name) => counter.close(name);
  parser.write(text).close();
  return isBroken ? undefined : counter.tally();
}

const ROOTS: ReadonlySet<string> = new Set(['testsuites', 'testsuite']);

class CaseCounter {
  #depth = 0;
  #isReport = false;
  #verdict: keyof Tally | undefined;
  readonly #sum = { passed: 0, failed: 0, skipped: 0 };

  open(name: string): void {
    if (this.#depth === 0) this.#isReport = ROOTS.has(name);
    this.#depth += 1;
    if (name === 'testcase') this.#verdict = 'passed';
    if (this.#verdict === undefined) return;
    if (name === 'failure' || name === 'error') this.#verdict = 'failed';
    if (name === 'skipped' && this.#verdict === 'passed') this.#verdict = 'skipped';
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name !== 'testcase' || this.#verdict === undefined) return;
    this.#sum[this.#verdict] += 1;
    this.#verdict = undefined;
  }

  tally(): Tally | undefined {
    return this.#isReport ? this.#sum : undefined;
  }
}
