// Not an engine: the least that records a start and a finish of each leaf in SQLite, each in a
// transaction of its own. `full`: synchronous=FULL; `batch`: one transaction a turn of the event loop.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { args, conc, done, expectSum, isFan, isResume, leaf, start } from './harness.mjs';

const isBatch = args.variant.includes('batch');
const level = args.variant.includes('full') ? 'FULL' : 'NORMAL';
const db = new DatabaseSync(join(args.dir, 'floor.db'));
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${level};
  CREATE TABLE IF NOT EXISTS step(
    run TEXT, seq INTEGER, kind TEXT, leaf INTEGER, at INTEGER, body TEXT, PRIMARY KEY(run, seq)
  ) WITHOUT ROWID`);
const insert = db.prepare('INSERT INTO step VALUES (?, ?, ?, ?, ?, ?)');
let seq = 0;
let waiting = [];
let flush;

function record(kind, index, body) {
  const row = ['r1', seq++, kind, index, Date.now(), body];
  if (!isBatch) {
    insert.run(...row);
    return undefined;
  }
  waiting.push(row);
  flush ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
    const rows = waiting;
    waiting = [];
    flush = undefined;
    db.exec('BEGIN');
    for (const one of rows) insert.run(...one);
    db.exec('COMMIT');
  });
  return flush;
}

start();
const recorded = new Map();
if (isResume) {
  const finished = db.prepare("SELECT leaf, body FROM step WHERE kind = 'finished'");
  for (const row of finished.iterate()) recorded.set(row.leaf, JSON.parse(row.body));
  seq = db.prepare('SELECT COALESCE(MAX(seq) + 1, 0) AS seq FROM step').get().seq;
}
let next = 0;
let sum = 0;
async function work() {
  while (next < args.n) {
    const index = next++;
    let result = recorded.get(index);
    if (result === undefined) {
      record('started', index, '{}');
      result = await leaf(index);
      await record('finished', index, JSON.stringify(result));
    }
    sum += result.i;
  }
}
await Promise.all(Array.from({ length: isFan ? conc : 1 }, work));
done(sum === expectSum(args.n), { peer: 'floor' });
db.close();
