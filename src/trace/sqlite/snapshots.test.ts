import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { SNAPSHOT_EVENTS } from '../snapshot.ts';
import { begin, finished, rowOf } from '../trace-store.suite.ts';
import type { TraceStore } from '../trace-store.ts';
import { databasePath } from './open-database.ts';
import { openScratch, scratchFolder } from './scratch-store.suite.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const seqs = (store: TraceStore): readonly number[] =>
  store.snapshots('run-1', 1).map(({ seq }) => seq);

async function filled(folder: string): Promise<TraceStore> {
  const store = openScratch(folder);
  onTestFinished(() => store[Symbol.dispose]());
  await begin(store, 'run-1');
  const events = Array.from({ length: SNAPSHOT_EVENTS }, (_, n) => finished(`${n}`));
  for (const after of [1, 1 + SNAPSHOT_EVENTS]) {
    const row = rowOf('run-1', after + SNAPSHOT_EVENTS);
    await store.append({ run: 'run-1', epoch: 1, after, events, row });
  }
  for (const seq of [SNAPSHOT_EVENTS, 2 * SNAPSHOT_EVENTS]) {
    const parts = { ended: bytes(`e${seq}`), open: bytes('o'), attempts: bytes('a') };
    await store.putSnapshot('run-1', { seq, version: 1, ...parts });
  }
  return store;
}

function vandal(folder: string): DatabaseSync {
  const db = new DatabaseSync(databasePath(folder));
  onTestFinished(() => db.close());
  return db;
}

test.each([
  [
    'a changed part',
    "UPDATE snapshot SET ended = x'00' WHERE rowid = (SELECT min(key) FROM snapshot)",
  ],
  ['another chain of events', "UPDATE event SET prev = x'00' WHERE key = (1 << 32) + 10001"],
  ['another version', 'UPDATE snapshot SET version = 2'],
  ['a missing one before it', 'DELETE FROM snapshot WHERE key = (SELECT min(key) FROM snapshot)'],
])('%s makes snapshots as good as none', async (_, sql) => {
  const folder = scratchFolder();
  const store = await filled(folder);
  expect(seqs(store)).toEqual([SNAPSHOT_EVENTS, 2 * SNAPSHOT_EVENTS]);
  const { changes } = vandal(folder).prepare(sql).run();
  expect(changes).toBeGreaterThan(0);
  expect(seqs(store)).toEqual([]);
});

test('a part that was changed is not read, and the others are', async () => {
  const folder = scratchFolder();
  const store = await filled(folder);
  vandal(folder).exec("UPDATE snapshot SET attempts = x'00'");
  expect(store.snapshotPart('run-1', SNAPSHOT_EVENTS, 'attempts')).toBeUndefined();
  expect(store.snapshotPart('run-1', SNAPSHOT_EVENTS, 'open')).toEqual(bytes('o'));
  expect(seqs(store)).toHaveLength(2);
});
