import type { DatabaseSync } from 'node:sqlite';
import { initial } from './migrations/0001-initial.sql.ts';
import { snapshots } from './migrations/0002-snapshots.sql.ts';
import { leaseStart } from './migrations/0003-lease-start.sql.ts';

/** In order; the version of a store is how many of them it has seen. */
export const MIGRATIONS: readonly string[] = [initial, snapshots, leaseStart];

/** `WHFL`: tells a store of ours from any other database. */
export const APPLICATION_ID = 0x5748464c;

/**
 * Brings a store to the newest version, all in one transaction: a crash leaves the old version or the
 * new one. Does nothing when another process has been quicker.
 */
export function migrate(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    const version = versionOf(db);
    if (version < migrations.length) {
      for (const sql of migrations.slice(version)) db.exec(sql);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${migrations.length}`);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}

export function applicationOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA application_id').get()?.['application_id']);
}
