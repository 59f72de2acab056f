/**
 * `live.db`: what running leaves are doing just now. A cache without fsync that anybody may delete at
 * any time; then it is made anew. Nothing is decided on it, so its failures never surface.
 */
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LiveRow } from '../trace-store.ts';
import { textOf } from './columns.ts';
import { BUSY_TIMEOUT_MS } from './connection.ts';

const MAX_TEXT_CHARACTERS = 8192;
const SETTINGS = `PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS live (
    run TEXT NOT NULL, path TEXT NOT NULL, row TEXT NOT NULL, PRIMARY KEY (run, path)
  ) STRICT, WITHOUT ROWID`;
const PUT = 'INSERT OR REPLACE INTO live (run, path, row) VALUES (?, ?, ?)';
const CLEAR = 'DELETE FROM live WHERE run = ? AND path = ?';
const SELECT = 'SELECT row FROM live WHERE run = ? ORDER BY path';

/** An open file, and which one it is: the name may stand for another one by now. */
interface OpenFile {
  readonly db: DatabaseSync;
  readonly inode: number;
}

export class LiveFile {
  readonly #path: string;
  readonly #isReadOnly: boolean;
  #file: OpenFile | undefined;

  constructor(folder: string, isReadOnly: boolean) {
    this.#path = join(folder, 'live.db');
    this.#isReadOnly = isReadOnly;
  }

  put(rows: readonly LiveRow[]): void {
    this.#change((db) => {
      const statement = db.prepare(PUT);
      db.exec('BEGIN IMMEDIATE');
      for (const row of rows) {
        const text = row.text.slice(-MAX_TEXT_CHARACTERS);
        statement.run(row.run, row.path, JSON.stringify({ ...row, text }));
      }
      db.exec('COMMIT');
    });
  }

  clear(run: string, path: string): void {
    this.#change((db) => db.prepare(CLEAR).run(run, path));
  }

  rows(run: string): readonly LiveRow[] {
    try {
      const rows = this.#current({ mayMake: false })?.prepare(SELECT).all(run) ?? [];
      return rows.map((row) => JSON.parse(textOf(row, 'row')) as LiveRow);
    } catch {
      this.close();
      return [];
    }
  }

  close(): void {
    try {
      this.#file?.db.close();
    } catch {
      // It is closed, or a cache that nobody can close any more.
    }
    this.#file = undefined;
  }

  #change(write: (db: DatabaseSync) => void): void {
    if (this.#isReadOnly) return;
    try {
      const db = this.#current({ mayMake: true });
      if (db !== undefined) write(db);
    } catch (error) {
      this.close();
      if (isDamaged(error)) rmSync(this.#path, { force: true });
    }
  }

  #current(options: { readonly mayMake: boolean }): DatabaseSync | undefined {
    const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino;
    if (this.#file !== undefined && this.#file.inode === inode) return this.#file.db;
    this.close();
    if (inode === undefined) {
      if (!options.mayMake) return undefined;
      closeSync(openSync(this.#path, 'wx', 0o600));
    }
    const db = new DatabaseSync(this.#path, {
      readOnly: this.#isReadOnly,
      timeout: BUSY_TIMEOUT_MS,
    });
    this.#file = { db, inode: statSync(this.#path).ino };
    if (!this.#isReadOnly) db.exec(SETTINGS);
    return db;
  }
}

/** SQLITE_CORRUPT, SQLITE_NOTADB. */
function isDamaged(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 11 || code === 26;
}
