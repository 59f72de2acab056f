import { expect, test } from 'vitest';
import { traces, tryProgram } from './fuzz.ts';

const count = process.env['WHALEFLOW_SOAK'] === undefined ? 5_000 : 1_000_000;

test('random programs end in a result or in an error with a place', { timeout: 3_600_000 }, () => {
  const before = traces();
  const findings = [];
  for (let seed = 0; seed < count && findings.length < 5; seed++) {
    const finding = tryProgram(seed);
    if (finding !== undefined) findings.push(finding);
  }
  expect(findings).toEqual([]);
  expect(traces()).toBe(before);
});
