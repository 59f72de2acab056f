/** A race of very many branches that hand over fruit: its end looks at each piece once. */
import { expect, test } from 'vitest';
import { leaf, testRun } from '../../src/engine/test-run.ts';
import { cpuWatch } from '../cpu-watch.ts';

const BRANCHES = 6_000;
const MAX_END_MS = 300;

test(`the end of a race of ${BRANCHES} branches that left fruit takes a moment`, () => {
  const children = Array.from({ length: BRANCHES }, (_, n) =>
    leaf(`l${n}`, { retry: { maxAttempts: 1 } }),
  );
  const race = { kind: 'branch_set', id: 'race', join: 'first_success', children } as const;
  const budget = { maxLeaves: 1e6, maxTokens: 1e12 };
  const run = testRun([race], { document: { budget } });
  const fruit = [{ type: 'finding', title: 'found', evidence: [] }] as const;
  for (let n = 0; n < BRANCHES - 1; n += 1) run.fail(`race/l${n}`, 'exit', { fruit });
  run.said();
  const spentMs = cpuWatch();
  run.finish(`race/l${BRANCHES - 1}`);
  const tookMs = spentMs();
  expect(run.said().match(/^harvest/gm)).toHaveLength(BRANCHES - 1);
  expect(tookMs).toBeLessThan(MAX_END_MS);
});
