/** Leases that an older build wrote. */
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { MIGRATIONS, migrate } from './migrate.ts';
import { databasePath } from './open-database.ts';
import { openScratch, scratchFolder } from './scratch-store.suite.ts';

const BEFORE_STARTS = 2;

test('a lease without a start is known by its pid, and the next one has a start', async () => {
  const folder = scratchFolder();
  {
    using older = new DatabaseSync(databasePath(folder));
    migrate(older, MIGRATIONS.slice(0, BEFORE_STARTS));
    older.exec(`INSERT INTO run VALUES (1, 'run-1', 0, x'00', '{}');
      INSERT INTO lease VALUES (1, 7, 41, 'here', 'boot-1', 1000)`);
  }
  using store = openScratch(folder);
  const known = { pid: 41, host: 'here', bootId: 'boot-1' };
  expect(store.lease('run-1')).toEqual({ run: 'run-1', epoch: 7, heartbeatAt: 1000, ...known });
  const asked: unknown[] = [];
  const isAlive = (holder: object): boolean => asked.push(holder) === 1;
  const options = { now: 1000, staleMs: 100, isAlive };
  const next = { ...known, pid: 42, start: '200' };
  await expect(store.acquire('run-1', next, options)).rejects.toMatchObject({ code: 'WF5005' });
  expect(asked).toMatchObject([{ pid: 41 }]);
  expect(asked[0]).not.toHaveProperty('start');
  expect(await store.acquire('run-1', next, options)).toMatchObject({ epoch: 8, ...next });
});
