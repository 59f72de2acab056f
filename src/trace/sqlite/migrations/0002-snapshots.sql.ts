export const snapshots = `
-- A cache (snapshot.ts). key = run.no * 2^32 + seq, as of the event that it was made after. Small columns
-- first: large ones lie in pages of their own, which are only read when asked for.
CREATE TABLE snapshot (
  key            INTEGER PRIMARY KEY,
  version        INTEGER NOT NULL,
  digest         BLOB NOT NULL,     -- of the one before, version, place, the chain there, and its parts
  open_hash      BLOB NOT NULL,
  attempts_hash  BLOB NOT NULL,
  ended          BLOB NOT NULL,
  open           BLOB NOT NULL,
  attempts       BLOB NOT NULL
) STRICT;
`;
