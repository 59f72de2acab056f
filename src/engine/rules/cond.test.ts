import { describe, expect, test } from 'vitest';
import type { CondDocument } from '../../workflow/document.ts';
import { leaf, testRun } from '../test-run.ts';

function cond(parts: Partial<CondDocument> = {}): CondDocument {
  return {
    kind: 'cond',
    id: 'if',
    test: { op: 'at_least', node: 'a', field: 'score', value: 0.5 },
    // biome-ignore lint/suspicious/noThenProperty: a field of the IR, and a list
    then: [leaf('yes')],
    else: [leaf('no')],
    ...parts,
  };
}

describe('cond', () => {
  test.each([
    [0.5, 'ask if/yes#1'],
    [0.4, 'ask if/no#1'],
  ])('with score %d: %s', (score, line) => {
    const run = testRun([leaf('a'), cond()]).finish('a', { score });
    expect(run.said()).toContain(line);
  });

  test('gives what the side that ran gave', () => {
    const run = testRun([leaf('a'), cond()])
      .finish('a', { score: 1 })
      .finish('if/yes');
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      start if
      ask if/yes#1
      end if succeeded = if/yes
      end / succeeded = if
      run succeeded = if"
    `);
  });

  test('a side without nodes succeeds at once', () => {
    const run = testRun([leaf('a'), cond({ else: [] })]).finish('a', { score: 0 });
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      start if
      end if succeeded -
      end / succeeded = if
      run succeeded = if"
    `);
  });

  test('a test in plain language is answered by a judge', () => {
    const run = testRun([leaf('a'), cond({ test: 'it is good' })]);
    run.finish('a', {}).finish('if/$test', { holds: true, evidence: 'seen' });
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      start if
      ask if/$test#1
      ask if/yes#1"
    `);
  });

  test('fails with its judge', () => {
    const run = testRun([cond({ test: 'it is good' })]).fail('if/$test', 'refused');
    expect(run.said()).toMatchInlineSnapshot(`
      "start if
      ask if/$test#1
      end if failed refused: $test: refused of if/$test
      end / failed refused: $test: refused of if/$test
      run failed refused: $test: refused of if/$test"
    `);
  });

  test('a value that is not there holds nothing', () => {
    const run = testRun([leaf('a'), cond()]).finish('a', {});
    expect(run.said()).toContain('ask if/no#1');
  });
});
