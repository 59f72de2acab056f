/** A run is as long as it was at work; what it waited for a person is said apart. */
import { expect, test } from 'vitest';
import type { TraceEvent } from '../trace/events.ts';
import { RunView } from '../trace/run-view.ts';
import { runTimes, timesText } from './run-times.ts';
import { type TestHost, testHost } from './test-host.ts';

const files = {
  'ask.yaml': `id: ask
goal: be asked
nodes:
  - {id: ship, kind: approve, message: "Ship it?"}
  - {id: after, kind: leaf, task: {type: model, prompt: "After"}}
`,
};

const REST_MS = 243_000;

/** The trace as it would be, had `REST_MS` passed before each event of a type. */
function delayed(host: TestHost, type: TraceEvent['type']): RunView {
  const view = new RunView();
  let laterMs = 0;
  let isFirst = true;
  for (const event of host.store.read(host.store.runs()[0]?.run ?? '', 0)) {
    if (event.type === type && !isFirst) laterMs += REST_MS;
    isFirst = isFirst && event.type !== 'run.driven';
    view.see({ ...event, at: event.at + laterMs });
  }
  return view;
}

const endOf = ({ state }: RunView): number => state.finished?.at ?? 0;

test('the time that a run waits for a person, or nobody drives it, is none of its work', async () => {
  using host = testHost({ files });
  await host.run('run', 'ask.yaml', '--mock', '-y');
  await host.run('approve', '@last');
  expect((await host.run('wait', '@last')).exit).toBe(0);
  for (const type of ['run.driven', 'approval.answered'] as const) {
    const view = delayed(host, type);
    const times = runTimes(view.state, endOf(view));
    expect(times.restMs, type).toBeGreaterThanOrEqual(REST_MS);
    expect(times.workedMs, type).toBeLessThan(60_000);
    expect(timesText(view.state, endOf(view))).toMatch(/^\d\.\ds \(and 4m0\ds at rest\)$/);
  }
  const working = delayed(host, 'leaf.finished');
  expect(runTimes(working.state, endOf(working)).workedMs).toBeGreaterThanOrEqual(REST_MS);
});

test('a pause counts as rest, also while it lasts', async () => {
  using host = testHost({ files });
  await host.run('run', 'ask.yaml', '--mock', '-y');
  await host.run('pause', '@last');
  await expect.poll(() => host.store.runs()[0]?.state).toBe('paused');
  const { state } = delayed(host, 'run.finished');
  expect(runTimes(state, state.at + REST_MS).restMs).toBeGreaterThanOrEqual(REST_MS);
  await host.run('resume', '@last', '-y');
  await host.run('approve', '@last');
  await host.run('wait', '@last');
  const view = delayed(host, 'run.resumed');
  expect(runTimes(view.state, endOf(view)).restMs).toBeGreaterThanOrEqual(REST_MS);
  const page = JSON.parse((await host.run('show', '@last', '--json')).out);
  expect(page.worked_ms + page.rest_ms).toBe(
    Date.parse(page.ended_at) - Date.parse(page.started_at),
  );
});
