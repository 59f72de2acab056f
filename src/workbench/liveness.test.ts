import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { memoryStore } from '../trace/memory/memory-store.ts';
import { begin } from '../trace/trace-store.suite.ts';
import { shownState } from './liveness.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const RUN = 'run-1';

/** A run that was made `agoMs` ago and whose driver has recorded something since, or not. */
async function shown(agoMs: number, isDriven: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-liveness-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = memoryStore();
  await begin(store, RUN);
  await store.release(RUN, 1);
  const row = store.run(RUN);
  if (row === undefined) throw new Error('no run');
  const opened = openWorkbench({ cwd: folder, env: {}, openStore: () => store });
  const clock = { ...opened.clock, now: () => row.startedAt + agoMs };
  const workbench: Workbench = { ...opened, clock };
  const updatedAt = isDriven ? row.startedAt + 5 : row.startedAt;
  return shownState(workbench, store, { ...row, state: 'running', waiting: 0, updatedAt });
}

test('a run that was just made has a moment to find its driver', async () => {
  expect(await shown(1_000, false)).toBe('running');
  expect(await shown(60_000, false)).toBe('lost');
});

test('a run whose driver gave it back while it ran is lost at once', async () => {
  expect(await shown(10, true)).toBe('lost');
});
