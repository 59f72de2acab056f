/** Traces that earlier builds wrote: every build decides on them as they did. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foldRun } from '../../src/trace/read-run.ts';
import { replay } from '../../src/engine/replay.ts';
import { runRowOf } from '../../src/engine/run-row-of.ts';
import { RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';

const folder = join(import.meta.dirname, 'traces');
const files = readdirSync(folder).sort();

const eventsIn = (file: string): readonly TraceEvent[] =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TraceEvent);

test.each(files)('%s replays identically', (file) => {
  const replayed = replay(eventsIn(file));
  expect(replayed.divergence).toBeUndefined();
  expect(replayed.verdict).toBe('identical');
});

test('a recorded run folds to a finished state, event by event or from a store', async () => {
  for (const file of files) {
    const events = eventsIn(file);
    const store = memoryStore();
    const holder = { pid: 1, host: 'here', bootId: 'boot' };
    const row = { ...emptyRow, seq: events.length };
    await store.create({ run: 'golden', holder, events, row });
    const state = foldRun(store, 'golden');
    expect(state.finished, file).toBeDefined();
    expect(runRowOf('golden', state, state.seq).seq).toBe(events.length);
  }
});

test('the corpus has every kind of node in it, and what befalls a run', () => {
  const all = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('');
  const kinds = ['leaf', 'sequence', 'branch_set', 'loop_until', 'cond', 'expand', 'reduce'];
  for (const kind of [...kinds, 'tournament', 'pareto', 'teacher_review', 'approve']) {
    expect(all, kind).toContain(`"kind":"${kind}"`);
  }
  const types = ['leaf.lost', 'leaf.aborted', 'run.stopped', 'timer.fired'];
  const people = ['run.cancelled', 'run.paused', 'budget.raised', 'approval.answered'];
  for (const type of [...types, ...people, 'candidates.ranked', 'branch.harvested']) {
    expect(all, type).toContain(`"type":"${type}"`);
  }
  expect(files.some((file) => file.startsWith(`rules${RULES_VERSION}-`))).toBe(true);
  expect(all).toContain('"unsettled":[{');
});

const emptyRow = {
  run: 'golden',
  workflow: 'w',
  state: 'running',
  startedAt: 0,
  updatedAt: 0,
  done: 0,
  total: 0,
  inFlight: 0,
  waiting: 0,
  costMicroUsd: 0,
  costStatus: 'exact',
  tokens: 0,
} as const;
