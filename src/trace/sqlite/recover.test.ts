import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { nodeChance } from '../../system/node/node-chance.ts';
import type { TraceEvent } from '../events.ts';
import { begin, blobOf, finished, rowOf } from '../trace-store.suite.ts';
import type { TraceStore } from '../trace-store.ts';
import { databasePath } from './open-database.ts';
import { type RecoverRequest, recoverStore } from './recover.ts';
import { codeOf, openScratch, scratchFolder } from './scratch-store.suite.ts';

const EVENTS = 120;
const RUNS = ['run-1', 'run-2', 'run-3'];

const recover = (stateFolder: string, instead: Partial<RecoverRequest> = {}) =>
  recoverStore({
    stateFolder,
    chance: nodeChance,
    rebuildRow: (run, events) => rowOf(run, events.length),
    isHeld: () => false,
    ...instead,
  });

/** Three runs whose events lie between each other; says what each of them holds. */
async function fill(folder: string): Promise<ReadonlyMap<string, readonly TraceEvent[]>> {
  using store = openScratch(folder);
  for (const run of RUNS) await begin(store, run);
  for (let after = 1; after < EVENTS; after += 1) {
    for (const run of RUNS) {
      const blob = blobOf(`${run} ${after} ${'x'.repeat(after * 20)}`);
      const events = [finished(`node-${after}`, 'y'.repeat(after * 7), blob.ref)];
      await store.append({ run, epoch: 1, after, events, blobs: [blob], row: rowOf(run, after) });
    }
  }
  return readAll(store);
}

const readAll = (store: TraceStore): ReadonlyMap<string, readonly TraceEvent[]> =>
  new Map(store.runs().map(({ run }) => [run, store.read(run, 0)]));

/** What a recovered store must be: sound but for contents, and a prefix of what was there. */
function checkPrefixes(folder: string, whole: ReadonlyMap<string, readonly TraceEvent[]>): number {
  using store = openScratch(folder, 'existing');
  let kept = 0;
  for (const [run, events] of readAll(store)) {
    expect(events).toEqual(whole.get(run)?.slice(0, events.length));
    kept += events.length;
  }
  const problems = store.verify(undefined, { rebuildRow: (run) => rowOf(run, lengthOf(run)) });
  expect(problems.filter(({ message }) => !message.startsWith('content '))).toEqual([]);
  return kept;

  function lengthOf(run: string): number {
    return store.run(run)?.seq ?? 0;
  }
}

const damages: readonly (readonly [string, number, (path: string) => void])[] = [
  ['a header of garbage', EVENTS * 3, (path) => overwrite(path, 0, 100, 0x5a)],
  ['a first page of zeros', EVENTS * 3, (path) => overwrite(path, 0, 4096, 0)],
  ['the second half cut off', 3, (path) => truncateSync(path, halfOf(path))],
  ['a page of zeros in the middle', 3, (path) => overwrite(path, halfOf(path), 4096, 0)],
];

test.each(damages)('%s: prefixes of at least %i events are saved', async (_, least, damage) => {
  const folder = scratchFolder();
  const whole = await fill(folder);
  damage(databasePath(folder));
  const before = readFileSync(databasePath(folder));
  const { movedTo, runs, lostRuns } = recover(folder);
  expect(readFileSync(join(movedTo, 'whaleflow.db')).equals(before)).toBe(true);
  const kept = checkPrefixes(folder, whole);
  expect(kept).toBeGreaterThanOrEqual(least);
  expect(runs.reduce((sum, run) => sum + run.kept, 0)).toBe(kept);
  expect(runs.every((run) => run.known === EVENTS)).toBe(true);
  expect(runs.length + lostRuns.length).toBe(RUNS.length);
});

test('a changed event ends its run before it, the other runs stay whole', async () => {
  const folder = scratchFolder();
  const whole = await fill(folder);
  const db = new DatabaseSync(databasePath(folder));
  db.exec('UPDATE event SET at = at + 1 WHERE key = 2 * 4294967296 + 50');
  db.close();
  expect(recover(folder).runs).toEqual([
    { run: 'run-1', kept: EVENTS, known: EVENTS },
    { run: 'run-2', kept: 49, known: EVENTS },
    { run: 'run-3', kept: EVENTS, known: EVENTS },
  ]);
  checkPrefixes(folder, whole);
});

test('a run that lost its row keeps its name, and goes on under a new epoch', async () => {
  const folder = scratchFolder();
  const whole = await fill(folder);
  const db = new DatabaseSync(databasePath(folder));
  db.exec("PRAGMA foreign_keys = OFF; DELETE FROM run WHERE id = 'run-2'");
  db.close();
  expect(recover(folder).runs.map(({ run, kept }) => [run, kept])).toEqual(
    RUNS.map((run) => [run, EVENTS]),
  );
  checkPrefixes(folder, whole);
  using store = openScratch(folder, 'existing');
  const holder = { pid: 1, host: 'here', bootId: 'boot-1' };
  const options = { now: 0, staleMs: 0, isAlive: () => false };
  const { epoch } = await store.acquire('run-2', holder, options);
  expect(epoch).toBe(2);
  const events = [finished('more')];
  const row = rowOf('run-2', EVENTS + 1);
  await store.append({ run: 'run-2', epoch, after: EVENTS, events, row });
});

test('a store that is gone, one of another kind, a driven and a newer one', async () => {
  const folder = scratchFolder();
  expect(codeOf(() => recover(folder))).toBe('WF7007');
  await fill(folder);
  expect(codeOf(() => recover(folder, { isHeld: () => true }))).toBe('WF5005');
  const db = new DatabaseSync(databasePath(folder));
  db.exec('PRAGMA user_version = 999');
  db.close();
  expect(codeOf(() => recover(folder))).toBe('WF7002');
  rmSync(databasePath(folder));
  expect(recover(folder)).toMatchObject({ runs: [], lostRuns: RUNS });
  expect(codeOf(() => openScratch(folder, 'existing'))).toBeUndefined();
  writeFileSync(databasePath(folder), 'no database at all');
  expect(recover(folder)).toMatchObject({ runs: [] });
  expect(existsSync(databasePath(folder))).toBe(true);
});

const halfOf = (path: string): number => Math.floor(readFileSync(path).length / 8192) * 4096;

function overwrite(path: string, at: number, length: number, byte: number): void {
  const bytes = readFileSync(path);
  bytes.fill(byte, at, at + length);
  writeFileSync(path, bytes);
}
