import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { dice } from '../../../test/engine/chance.ts';
import { begin } from '../trace-store.suite.ts';
import { MIGRATIONS, migrate, versionOf } from './migrate.ts';
import { databasePath } from './open-database.ts';
import { openScratch, scratchFolder, startProcess } from './scratch-store.suite.ts';
import { SLOW_MIGRATION } from './store-process.suite.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const KILLS = IS_SOAK ? 300 : 30;
const RACES = IS_SOAK ? 1_000 : 200;
const UPGRADES = IS_SOAK ? 100 : 15;
const TIMEOUT_MS = IS_SOAK ? 3_600_000 : 600_000;
const { next } = dice(inject('seed'));

test(
  `${KILLS} × kill -9 amid appends of two writers loses no event that was acknowledged`,
  async () => {
    const folder = scratchFolder();
    using store = openScratch(folder);
    const runs = ['run-1', 'run-2'];
    for (const run of runs) {
      await begin(store, run);
      await store.release(run, 1);
    }
    for (let kill = 0; kill < KILLS; kill += runs.length) {
      const children = runs.map((run) => startProcess('append', folder, run));
      for (const child of children) await child.said(1);
      await pause(next() * 60);
      for (const [index, child] of children.entries()) {
        await child.kill();
        const acknowledged = Number(child.lines.at(-1));
        expect(store.run(runs[index] ?? '')?.seq).toBeGreaterThanOrEqual(acknowledged);
      }
    }
    for (const run of runs) {
      const events = store.read(run, 0);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.length).toBeGreaterThan(KILLS / 2);
      expect(store.lease(run)?.epoch).toBe(KILLS / 2 + 1);
    }
    expect(store.verify()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  `${RACES} races of two processes for a lease have one winner each`,
  async () => {
    const folder = scratchFolder();
    using store = openScratch(folder);
    const runs = Array.from({ length: RACES }, (_, index) => `run-${index}`);
    for (const run of runs) {
      await begin(store, run);
      await store.release(run, 1);
    }
    const children = [startProcess('race', folder), startProcess('race', folder)];
    for (const child of children) await child.said(1);
    for (const [index, run] of runs.entries()) {
      for (const child of index % 2 === 0 ? children : children.toReversed()) child.tell(run);
    }
    for (const child of children) await child.said(1 + RACES);
    for (const child of children) await child.end();
    for (const [index, run] of runs.entries()) {
      const said = children.map(({ lines }) => lines[index + 1] ?? '');
      expect(said.filter((line) => line === `won ${run} 2`)).toHaveLength(1);
      expect(said.filter((line) => /^WF5005 run .* process \d+ on here$/.test(line))).toHaveLength(
        1,
      );
    }
  },
  TIMEOUT_MS,
);

test('a reader follows a writer without gaps and without holding it up', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await begin(store, 'run-1');
  await store.release('run-1', 1);
  using reader = openScratch(folder, 'read');
  const child = startProcess('append', folder, 'run-1');
  await child.said(1);
  let seen = 0;
  for (let looks = 0; looks < 50 || seen < 100; looks += 1) {
    await pause(5);
    for (const { seq } of reader.read('run-1', seen)) {
      expect(seq).toBe(seen + 1);
      seen = seq;
    }
    expect(reader.verify('run-1')).toEqual([]);
  }
  await child.kill();
  expect(seen).toBeGreaterThan(10);
  expect(child.lines.length).toBeGreaterThan(10);
});

test(
  `${UPGRADES} × kill -9 amid an upgrade leaves the old store or the new one`,
  async () => {
    const ends = { old: 0, new: 0 };
    for (let upgrade = 0; upgrade < UPGRADES; upgrade += 1) {
      const folder = scratchFolder();
      {
        using store = openScratch(folder);
        await begin(store, 'run-1');
      }
      const child = startProcess('migrate', folder);
      await child.said(1);
      // From at once on: some are killed before the upgrade, however fast that is.
      await pause((150 * upgrade) / UPGRADES);
      await child.kill();
      const db = new DatabaseSync(databasePath(folder));
      const isNew = versionOf(db) === MIGRATIONS.length + 1;
      const tables = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'added'").all().length;
      expect(tables).toBe(isNew ? 1 : 0);
      if (isNew) {
        expect(db.prepare('SELECT count(*) AS n FROM added').get()).toMatchObject({ n: 60_000 });
      } else {
        using store = openScratch(folder, 'existing');
        expect(store.verify()).toEqual([]);
      }
      ends[isNew ? 'new' : 'old'] += 1;
      migrate(db, [...MIGRATIONS, SLOW_MIGRATION]);
      expect(versionOf(db)).toBe(MIGRATIONS.length + 1);
      expect(db.prepare('SELECT count(*) AS n FROM event').get()).toMatchObject({ n: 1 });
      db.close();
    }
    expect(ends.old).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
