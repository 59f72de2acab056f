/** `fork --fresh`: what a run was asked, and nothing of what it answered. */
import { expect, test } from 'vitest';
import { pickFiles, type TestHost, testHost } from './test-host.ts';

const started = ['run', 'pick.yaml', '--mock=good.yaml', '-y'];

/** Of the newest run: how it came about, and how many of its leaves came from a record. */
function newest({ store }: TestHost) {
  const [row] = store.runs();
  const events = row === undefined ? [] : store.read(row.run, 0);
  const [first] = events;
  const ends = events.filter(({ type }) => type === 'leaf.finished');
  return {
    lineage: first?.type === 'run.started' ? first.lineage : undefined,
    reused: ends.filter((end) => 'from' in end && end.from !== undefined).length,
    ends: ends.length,
  };
}

test('every leaf runs again, and a later fork takes from it as from any run', async () => {
  using host = testHost({ files: pickFiles });
  await host.run(...started);
  const dry = await host.run('fork', '@last', '--fresh', '--dry-run', '--json');
  expect(JSON.parse(dry.out)).toMatchObject({ reused: 0, runs: [{ path: 'plan' }] });
  const fresh = await host.run('fork', '@last', '--fresh', '-y');
  expect(fresh.exit).toBe(0);
  expect(fresh.err).toContain('runs all of it again: nothing is answered from the record');
  expect(fresh.err).not.toContain('reuses');
  const parent = host.store.runs()[1]?.run;
  expect(newest(host)).toEqual({
    lineage: { mode: 'fork', parent, isFresh: true },
    reused: 0,
    ends: 3,
  });
  expect((await host.run('replay', '@last')).exit).toBe(0);
  const { out } = await host.run('export', '@last');
  expect(JSON.parse(out)).toMatchObject({ lineage: { fresh: true, reused_leaves: 0 } });
  expect((await host.run('fork', '@last', '-y')).exit).toBe(0);
  expect(newest(host)).toMatchObject({ reused: 3, ends: 3 });
});

test('with --at it would mean nothing', async () => {
  using host = testHost({ files: pickFiles });
  await host.run(...started);
  const { exit, err } = await host.run('fork', '@last', '--fresh', '--at', 'plan', '-y');
  expect([exit, err]).toEqual([2, expect.stringContaining('take one of them')]);
});
