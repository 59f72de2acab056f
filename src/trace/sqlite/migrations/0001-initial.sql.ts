/**
 * SQL stands in a TypeScript string, since Node 24 cannot import `.sql` as text and the store has to
 * run the same from source, under Vitest and bundled. A migration that was released never changes.
 */
export const initial = `
-- A run and the head of its hash chain. Events name runs by number: 2 bytes instead of 12.
CREATE TABLE run (
  no    INTEGER PRIMARY KEY AUTOINCREMENT,
  id    TEXT NOT NULL UNIQUE,
  seq   INTEGER NOT NULL,
  hash  BLOB NOT NULL,              -- of the last event
  row   TEXT NOT NULL               -- RunRow as JSON, without run and seq
) STRICT;

-- key = run.no * 2^32 + seq. A rowid table: without rowid, a body past 1 KB costs a page of its own.
CREATE TABLE event (
  key   INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  prev  BLOB NOT NULL,              -- hash of the event before; 32 zero bytes for the first
  body  BLOB NOT NULL               -- event-codec.ts
) STRICT;

-- pid is NULL once released; the row stays, for its epoch.
CREATE TABLE lease (
  run           INTEGER PRIMARY KEY REFERENCES run (no),
  epoch         INTEGER NOT NULL,
  pid           INTEGER,
  host          TEXT NOT NULL,
  boot_id       TEXT NOT NULL,
  heartbeat_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE command (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  run   INTEGER NOT NULL REFERENCES run (no),
  at    INTEGER NOT NULL,
  body  TEXT NOT NULL               -- {by, command} as JSON
) STRICT;
CREATE INDEX command_of_run ON command (run);

CREATE TABLE content (
  id       INTEGER PRIMARY KEY,
  digest   BLOB NOT NULL UNIQUE,    -- sha256 of the raw bytes
  bytes    INTEGER NOT NULL,        -- of the raw bytes
  packing  INTEGER NOT NULL,        -- 0 as it is, 1 zstd, 2 zstd in blobs/ab/<digest>
  data     BLOB                     -- NULL where packing is 2
) STRICT;
`;
