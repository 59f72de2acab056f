/** Ceilings of the config hold for a raise too. */
import { expect, test } from 'vitest';
import { testHost } from './test-host.ts';

const files = {
  'two.yaml': `id: two
goal: two leaves
nodes:
  - {id: a, kind: leaf, task: {type: model, prompt: "A"}}
  - {id: b, kind: leaf, task: {type: model, prompt: "B"}}
`,
};

test('a raise above a ceiling of the config is bound by it, and says by which layer', async () => {
  using host = testHost({ files, env: { WHALEFLOW_CEILINGS_MAX_LEAVES: '1' } });
  expect((await host.run('run', 'two.yaml', '--mock', '-y')).exit).toBe(6);
  const bound = 'ceilings.max_leaves is 1 (environment WHALEFLOW_CEILINGS_MAX_LEAVES)';
  const resumed = await host.run('resume', '@last', '--max-leaves', '100', '-y');
  expect(resumed.err).toContain(bound);
  expect(resumed.exit).toBe(6);
  const raised = await host.run('budget', '@last', '--max-leaves', '100');
  expect(raised.err).toContain(bound);
  expect(raised.out).toMatch(/ may use 1 leaf/);
});

test('the built-in ceilings are defaults: a raise goes above them', async () => {
  using host = testHost({ files });
  expect((await host.run('run', 'two.yaml', '--mock', '-y', '--max-leaves', '1')).exit).toBe(6);
  const resumed = await host.run('resume', '@last', '--max-leaves', '5000', '-y');
  expect(resumed.err).not.toContain('binds');
  expect(resumed.exit).toBe(0);
});

test('resume tells what happens from now on, not what has happened', async () => {
  using host = testHost({ files });
  await host.run('run', 'two.yaml', '--mock', '-y', '--max-leaves', '1');
  const { err } = await host.run('resume', '@last', '--max-leaves', '2', '-y');
  expect(err).not.toContain('started two');
  expect(err).not.toMatch(/\/a#1 started/);
  expect(err).toMatch(/\/b#1 started/);
  expect((await host.run('logs', '@last')).out).toContain('ceiling raised to 2 leaves');
});

test('a person may set more than what is built in; a repository only less', async () => {
  const config = '[ceilings]\nmax_usd = 50\nmax_leaves = 9000\nmax_tokens = 7\n';
  const env = { WHALEFLOW_CEILINGS_MAX_USD: '20' };
  using host = testHost({ files: { '.whaleflow/config.toml': config }, env });
  await host.run('trust');
  const { out } = await host.run('config', 'ls');
  expect(out).toMatch(/max_usd +20\b/);
  expect(out).toMatch(/max_leaves +1000\b/);
  expect(out).toMatch(/max_tokens +7\b/);
});

test('steps have a ceiling of their own, which run sets, budget and resume raise, and the end names', async () => {
  using host = testHost({ files });
  const stopped = await host.run('run', 'two.yaml', '--mock', '-y', '--max-steps', '1');
  expect(stopped.exit).toBe(6);
  expect(stopped.shown).toContain('1 steps are used up');
  expect(stopped.shown).toMatch(/whaleflow resume \S+ --max-steps N/);
  const raised = await host.run('budget', '@last', '--max-steps', '1');
  expect(raised.out).toMatch(/ may use 1 step$/m);
  expect((await host.run('resume', '@last', '-y')).exit).toBe(6);
  expect((await host.run('resume', '@last', '-y', '--max-steps', '9')).exit).toBe(0);
});
