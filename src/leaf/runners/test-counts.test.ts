import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junitTally } from './test-counts/junit-xml.ts';
import { countTests } from './test-counts.ts';

const count = (stdout: string, isCut = false) => countTests({ stdout, stderr: '', isCut });

/** `passed failed skipped source`. */
function said(text: string): string {
  const counts = count(text);
  if (counts.status === 'not_found') return 'not found';
  return `${counts.passed} ${counts.failed} ${counts.skipped} ${counts.source}`;
}

const COLOURED =
  '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[1m\u001b[32m4 passed\u001b[39m\u001b[22m\u001b[90m (5)\u001b[39m';

/** As these runners printed them here. */
describe('recorded', () => {
  test.each([
    [
      'vitest 5',
      ' Test Files  1 failed (1)\n      Tests  1 failed | 1 passed | 1 expected fail | 1 skipped | 1 todo (5)\n   Start at  18:13:12',
      '2 1 2 vitest',
    ],
    ['vitest 5 in colour', COLOURED, '4 1 0 vitest'],
    [
      'jest 30',
      'Test Suites: 1 failed, 1 total\nTests:       1 failed, 1 skipped, 1 todo, 1 passed, 4 total\nSnapshots:   0 total',
      '1 1 2 jest',
    ],
    ['mocha 11', '\n  1 passing (62ms)\n  1 pending\n  1 failing\n\n  1) bad', '1 1 1 mocha'],
    [
      'node:test 24',
      'ℹ tests 5\nℹ suites 0\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 1\nℹ todo 1\nℹ duration_ms 223.6',
      '2 1 2 node:test',
    ],
    [
      'node:test 24 as TAP',
      'ok 1 - one\nnot ok 2 - bad\n1..2\n# tests 2\n# suites 0\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 0\n# todo 0',
      '1 1 0 node:test',
    ],
    ['tape 5', 'ok 1 a\nnot ok 2 b\n1..2\n# tests 2\n# pass  1\n# fail  1', '1 1 0 node:test'],
    [
      'pytest 9',
      '============== 1 failed, 1 passed, 1 skipped, 1 xfailed in 2.19s ===============',
      '2 1 1 pytest',
    ],
    ['pytest 9 -q', '1 failed, 1 passed, 1 skipped, 1 xfailed in 1.65s', '2 1 1 pytest'],
    [
      'unittest 3.11',
      'Ran 4 tests in 0.005s\n\nFAILED (failures=1, skipped=1, expected failures=1)',
      '2 1 1 unittest',
    ],
    [
      'cargo 1.95: units and doctests',
      'test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.40s\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s',
      '2 1 1 cargo test',
    ],
    [
      'vitest 5 as TAP with subtests',
      'TAP version 13\n1..1\nnot ok 1 - v.test.mjs # time=7.59ms {\n    1..5\n    ok 1 - one # time=1.05ms\n    not ok 2 - bad # time=4.58ms\n        ---\n        error:\n            name: "ok"\n        ...\n    ok 3 - later # SKIP\n    ok 4 - todo # TODO\n    ok 5 - ef # time=0.75ms\n}',
      '2 1 2 TAP',
    ],
  ])('%s', (_name, text, counts) => expect(said(text)).toBe(counts));
});

describe('as their documentation has it', () => {
  test.each([
    ['Tests 4 passed (4)', 'not found'],
    ['      Tests  no tests', 'not found'],
    ['  12 passing (2s)', '12 0 0 mocha'],
    ['======== 2 errors in 0.10s ========', '0 2 0 pytest'],
    ['no tests ran in 0.01s', '0 0 0 pytest'],
    ['===== 3 passed, 1 warning in 61.20s (0:01:01) =====', '3 0 0 pytest'],
    ['Ran 3 tests in 0.001s\n\nOK', '3 0 0 unittest'],
    ['Ran 0 tests in 0.000s\n\nNO TESTS RAN', '0 0 0 unittest'],
    ['Ran 2 tests in 0.001s\n\nFAILED (errors=1, unexpected successes=1)', '0 2 0 unittest'],
    [
      '=== RUN   TestA\n=== RUN   TestA/one\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/one (0.00s)\n--- SKIP: TestB (0.00s)\n--- FAIL: TestC (0.00s)\nFAIL\nFAIL\tx/y\t0.003s',
      '2 1 1 go test',
    ],
    [
      'ok  \tx/a\t0.003s\nok  \tx/b\t(cached)\n--- FAIL: TestC (0.00s)\nFAIL\tx/c\t0.003s\n?   \tx/d\t[no test files]\nFAIL\tx/e [build failed]\nFAIL',
      '2 2 0 go test, by package',
    ],
    [
      '{"Time":"t","Action":"run","Package":"x","Test":"A"}\n{"Time":"t","Action":"pass","Package":"x","Test":"A","Elapsed":0}\n{"Time":"t","Action":"pass","Package":"x","Elapsed":0.1}',
      '1 0 0 go test -json',
    ],
    ['     Summary [   0.011s] 5 tests run: 3 passed, 2 failed, 1 skipped', '3 2 1 cargo nextest'],
    [
      '[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.01 s -- in x.ATest\n[INFO] Results:\n[ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1',
      '2 2 1 maven',
    ],
    ['OK (5 tests)', '5 0 0 junit'],
    ['5 tests completed, 1 failed, 1 skipped', '3 1 1 gradle'],
    [
      'Failed!  - Failed:     1, Passed:     4, Skipped:     1, Total:     6, Duration: 12 ms - x.dll (net8.0)',
      '4 1 1 dotnet test',
    ],
    ['Total tests: 6\n     Passed: 4\n     Failed: 1\n    Skipped: 1', '4 1 1 dotnet test'],
    [
      'Test run summary: Failed!\n  total: 6\n  failed: 1\n  succeeded: 4\n  skipped: 1\n  duration: 1s',
      '4 1 1 dotnet test',
    ],
    ['5 examples, 1 failure, 1 pending', '3 1 1 rspec'],
    ['0 examples, 0 failures, 1 error occurred outside of examples', '0 1 0 rspec'],
    ['5 runs, 7 assertions, 1 failures, 1 errors, 1 skips', '2 2 1 minitest'],
    ['OK (5 tests, 7 assertions)', '5 0 0 phpunit'],
    ['FAILURES!\nTests: 5, Assertions: 7, Errors: 1, Failures: 1, Skipped: 1.', '2 2 1 phpunit'],
    ['2 doctests, 5 tests, 1 failure, 1 skipped', '3 1 1 exunit or bats'],
    ['ok | 5 passed (3 steps) | 0 failed (12ms)', '5 0 0 deno'],
    ['FAILED | 4 passed | 1 failed | 1 ignored (12ms)', '4 1 1 deno'],
    [
      ' 4 pass\n 1 skip\n 1 fail\n 9 expect() calls\nRan 6 tests across 2 files. [12.00ms]',
      '4 1 1 bun',
    ],
    ['  1 failed\n    a.spec.ts:3:5 › bad\n  1 skipped\n  4 passed (3.2s)', '4 1 1 playwright'],
    ['[  PASSED  ] 4 tests.\n[  FAILED  ] 1 test, listed below:', '4 1 0 googletest'],
    ['80% tests passed, 1 tests failed out of 5', '4 1 0 ctest'],
    ['12 passed, 1 failed, 2 skipped', '12 1 2 closing line'],
  ])('%j', (text, counts) => expect(said(text)).toBe(counts));
});

describe('TAP', () => {
  test.each([
    ['a test that never came failed', '1..3\nok 1\nok 2', '2 1 0 TAP'],
    [
      'subtests before their sum',
      '    ok 1\n    not ok 2\n    1..2\nnot ok 1 - both\n1..1',
      '1 1 0 TAP',
    ],
    ['a sum that failed alone', '    ok 1\n    1..1\nnot ok 1 - hook\n1..1', '1 1 0 TAP'],
    ['no plan', 'ok\nok then', 'not found'],
  ])('%s', (_name, text, counts) => expect(said(text)).toBe(counts));
});

test('several runners, and one several times, are added up', () => {
  const vitest = '      Tests  2 passed (2)';
  expect(said(`${vitest}\n${vitest}\n= 1 failed, 3 passed in 0.12s =`)).toBe(
    '7 1 0 vitest, pytest',
  );
});

test('both streams are read, and Windows’ line ends', () => {
  const stderr = 'Tests:       4 passed, 4 total\r\n';
  expect(countTests({ stdout: '', stderr, isCut: false })).toMatchObject({ passed: 4 });
});

test('nothing is made of nothing', () => {
  for (const text of ['', 'all good', 'ok', 'passed', '5 tests', 'Tests: yes', '100% done']) {
    expect(count(text), text).toEqual({ status: 'not_found' });
  }
});

test('what counts line by line is not taken from an output that was cut', () => {
  const tap = '1..2\nok 1\nok 2';
  expect(count(tap, true)).toEqual({ status: 'not_found' });
  expect(count('= 3 passed in 0.10s =', true)).toMatchObject({ passed: 3 });
});

test('any text at all is read in time and gives figures that add up', () => {
  const word = fc.constantFrom(
    '1 passed',
    'Tests',
    ', ',
    ' | ',
    '(5)',
    '\n',
    ' ',
    '=',
    'ok',
    '1..2',
  );
  void fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 200 }), (words) => {
      const counts = count(words.join(''));
      if (counts.status === 'not_found') return;
      const { passed, failed, skipped, total } = counts;
      expect(passed + failed + skipped).toBe(total);
      expect(Math.min(passed, failed, skipped)).toBeGreaterThanOrEqual(0);
    }),
  );
  // Two megabytes of what the forms begin with.
  expect(count('Tests:       1 failed, '.repeat(90_000))).toEqual({ status: 'not_found' });
  expect(count('1 passed, \n'.repeat(200_000))).toEqual({ status: 'not_found' });
  // Nor does one that opens subtests without end.
  expect(count(`1..1\n${'ok {\n'.repeat(1_000_000)}`)).toMatchObject({ status: 'found' });
});

describe('JUnit XML', () => {
  const CASES =
    '<testcase name="a"/><testcase name="b"><failure message="no"/></testcase><testcase name="c"><skipped/></testcase><testcase name="d"><error/><system-out>x</system-out></testcase>';
  const counted = { passed: 1, failed: 2, skipped: 1 };

  test('cases are counted, whatever its sums say', () => {
    const suite = `<testsuite name="s" tests="99" failures="0">${CASES}</testsuite>`;
    expect(junitTally(`<?xml version="1.0"?>${suite}`)).toEqual(counted);
    expect(junitTally(`<testsuites>${suite}</testsuites>`)).toEqual(counted);
    expect(junitTally(`<testsuites><testsuite>${suite}</testsuite></testsuites>`)).toEqual(counted);
  });

  test.each([
    ['half of it', `<testsuite>${CASES}`],
    ['no report', '<html><body/></html>'],
    ['no XML', '1..2\nok'],
    ['nothing', ''],
    ['entities of its own', `<!DOCTYPE x [<!ENTITY e "x">]><testsuite>&e;${CASES}</testsuite>`],
  ])('%s gives nothing', (_name, text) => expect(junitTally(text)).toBeUndefined());
});
