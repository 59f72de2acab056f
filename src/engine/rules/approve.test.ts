import { expect, test } from 'vitest';
import { leaf, testRun } from '../test-run.ts';

const approve = { kind: 'approve', id: 'ok', message: 'go on?' } as const;

test('waits for a person, whose yes is its output', () => {
  const run = testRun([approve, leaf('after')]).answer('ok', true);
  expect(run.said()).toMatchInlineSnapshot(`
    "start ok
    person ok: go on?
    end ok succeeded {"approved":true,"by":"ada","reason":null}
    ask after#1"
  `);
});

test('a no fails it', () => {
  const run = testRun([approve]).answer('ok', false);
  expect(run.said()).toContain('end ok failed refused: ada said no');
});

test.each([
  ['deny', 'end ok failed refused: timeout said no'],
  ['approve', 'end ok succeeded {"approved":true,"by":"timeout","reason":null}'],
] as const)('nobody answers in time: %s', (onTimeout, line) => {
  const run = testRun([{ ...approve, timeoutMs: 50, onTimeout }]);
  expect(run.said()).toMatchInlineSnapshot(`
    "start ok
    person ok: go on?
    timer ok answer: 50 ms"
  `);
  expect(run.fire('ok').said()).toContain(line);
});

test('an answer disarms the timer; later answers and timers change nothing', () => {
  const run = testRun([{ ...approve, timeoutMs: 50 }, leaf('after')]).answer('ok', true);
  expect(run.said()).toContain('timer ok answer: off');
  expect(run.answer('ok', false).fire('ok').said()).toBe('');
});

test('a resumed run still waits, and asks nobody twice', () => {
  const run = testRun([{ ...approve, timeoutMs: 50 }]);
  run.said();
  run.crash().post({ type: 'run.driven', epoch: 2, pid: 1, host: 'h', versions: {} });
  expect(run.said()).toBe('');
  expect(run.answer('ok', true).said()).toContain('end ok succeeded');
});
