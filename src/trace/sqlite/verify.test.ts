import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, inject, onTestFinished, test } from 'vitest';
import { dice } from '../../../test/engine/chance.ts';
import { begin, blobOf, finished, noiseOf, rowOf } from '../trace-store.suite.ts';
import type { NewEvent, TraceStore, VerifyProblem } from '../trace-store.ts';
import { databasePath } from './open-database.ts';
import { SEQ_SPACE } from './run-log.ts';
import { codeOf, openScratch, scratchFolder } from './scratch-store.suite.ts';

const FLIPS = 200;
const RUNS = ['run-1', 'run-2', 'run-3'];
const EVENTS = 80;
const PAGE_BYTES = 4096;
/** Of the file format: an inner page of a table, and the length of its header. */
const INNER_TABLE = 5;
const INNER_HEADER = 12;

const { below } = dice(inject('seed'));

const rebuildRow = (run: string): ReturnType<typeof rowOf> => rowOf(run, EVENTS);

/** Bodies of all encodings: plain, with digests, compressed. */
function eventOf(n: number): NewEvent {
  const text = n % 7 === 0 ? 'long '.repeat(1000) : `${n}`;
  return n % 2 === 0 ? finished(`node-${n}`, text) : { type: 'node.started', path: text, at: n };
}

async function fill(store: TraceStore): Promise<void> {
  for (const run of RUNS) await begin(store, run);
  for (let after = 1; after < EVENTS; after += 1) {
    for (const run of RUNS) {
      const row = rowOf(run, after + 1);
      await store.append({ run, epoch: 1, after, events: [eventOf(after)], row });
    }
  }
}

/** A second connection, by which the test does what no store would. */
function vandal(folder: string): DatabaseSync {
  const db = new DatabaseSync(databasePath(folder), { readBigInts: true });
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  return db;
}

const named = (problems: readonly VerifyProblem[], run: string, seq: number): boolean =>
  problems.length > 0 && problems.every((problem) => problem.run === run && problem.seq === seq);

test(`a flipped byte of an event is found and named, ${FLIPS} of ${FLIPS} times`, async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await fill(store);
  expect(store.verify(undefined, { rebuildRow })).toEqual([]);
  const db = vandal(folder);
  for (let flip = 0; flip < FLIPS; flip += 1) {
    const run = below(RUNS.length);
    const seq = 1 + below(EVENTS);
    const key = (run + 1) * SEQ_SPACE + seq;
    const column = ['body', 'prev', 'at'][flip % 3] ?? 'body';
    const before = db.prepare(`SELECT ${column} AS value FROM event WHERE key = ?`).get(key)?.[
      'value'
    ];
    const update = db.prepare(`UPDATE event SET ${column} = ? WHERE key = ?`);
    update.run(flipped(before), key);
    const problems = store.verify(RUNS[run]);
    expect(problems, `${column} of ${RUNS[run]} ${seq}`).toSatisfy(() =>
      named(problems, RUNS[run] ?? '', seq),
    );
    update.run(before as Uint8Array, key);
  }
  expect(store.verify()).toEqual([]);
});

test('several changed events are all named', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await fill(store);
  const db = vandal(folder);
  const change = db.prepare('UPDATE event SET at = at + 1 WHERE key = ?');
  for (const [run, seq] of [
    [1, 3],
    [1, 4],
    [1, 70],
    [2, 1],
    [3, EVENTS],
  ] as const) {
    change.run(run * SEQ_SPACE + seq);
  }
  expect(store.verify().map(({ run, seq }) => `${run} ${seq}`)).toEqual([
    'run-1 3',
    'run-1 4',
    'run-1 70',
    'run-2 1',
    'run-3 80',
  ]);
});

test('every cut tail is found at its first lost event', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await fill(store);
  const db = vandal(folder);
  for (let seq = EVENTS; seq >= 1; seq -= 1) {
    db.prepare('DELETE FROM event WHERE key = ?').run(2 * SEQ_SPACE + seq);
    const problems = store.verify('run-2');
    expect(named(problems, 'run-2', seq), JSON.stringify(problems)).toBe(true);
  }
  expect(store.verify().map(({ run }) => run)).toEqual(['run-2']);
});

test('a hole and a stray event are found', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await fill(store);
  const db = vandal(folder);
  db.exec(`DELETE FROM event WHERE key IN (${SEQ_SPACE + 7}, ${SEQ_SPACE + 8})`);
  db.exec(
    `INSERT INTO event SELECT key + 9, at, prev, body FROM event WHERE key = ${2 * SEQ_SPACE + EVENTS}`,
  );
  db.exec(
    `INSERT INTO event SELECT key + ${SEQ_SPACE}, at, prev, body FROM event WHERE key = ${3 * SEQ_SPACE + 1}`,
  );
  expect(store.verify()).toEqual([
    { run: 'run-1', seq: 7, message: 'events 7 to 8 are missing' },
    { run: 'run-2', seq: 81, message: 'it lies behind the end of its run' },
    { run: '', seq: 0, message: 'the run of some events is missing, number 4' },
  ]);
});

test('every older copy of the store is found out by the heads', async () => {
  const folder = scratchFolder();
  const copies = scratchFolder();
  const last = 20;
  {
    using store = openScratch(folder);
    await begin(store, 'run-1');
    const db = vandal(folder);
    for (let after = 1; after < last; after += 1) {
      db.prepare('VACUUM INTO ?').run(join(copies, `${after}`));
      const row = rowOf('run-1', after + 1);
      await store.append({ run: 'run-1', epoch: 1, after, events: [eventOf(after)], row });
    }
    db.close();
  }
  for (let seq = 1; seq < last; seq += 1) {
    for (const name of ['whaleflow.db-wal', 'whaleflow.db-shm'])
      rmSync(join(folder, name), { force: true });
    copyFileSync(join(copies, `${seq}`), databasePath(folder));
    using store = openScratch(folder, 'read');
    const problems = store.verify();
    expect(named(problems, 'run-1', seq + 1), JSON.stringify(problems)).toBe(true);
  }
});

test('a run that is gone, and one whose past was written anew, are found by the heads', async () => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder);
    for (const run of ['run-1', 'run-2']) await begin(store, run);
  }
  rmSync(databasePath(folder));
  const heads = readFileSync(join(folder, 'heads'));
  rmSync(join(folder, 'heads'));
  {
    using store = openScratch(folder);
    const events = [finished('another first')];
    const holder = { pid: 1, host: 'here', bootId: 'boot-1' };
    await store.create({
      run: 'run-1',
      holder,
      events,
      row: rowOf('run-1', 1),
      blobs: [blobOf('{}')],
    });
  }
  writeFileSync(join(folder, 'heads'), heads);
  using store = openScratch(folder, 'existing');
  expect(store.verify()).toEqual([
    { run: 'run-1', seq: 1, message: 'it is not the event that the heads file knows' },
    { run: 'run-2', seq: 1, message: 'the run is missing, events 1 to 1' },
  ]);
  expect(() => store.verify('run-3')).toThrow(expect.objectContaining({ code: 'WF2004' }));
});

test('a damaged content is named by the event that refers to it', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  const db = vandal(folder);
  await begin(store, 'run-1');
  const blobs = [
    blobOf('x'.repeat(500)),
    blobOf(noiseOf(40_000)),
    blobOf(noiseOf(50_000)),
    blobOf('y'),
  ];
  const events = blobs.map((blob, index) => finished(`node-${index}`, true, blob.ref));
  await store.append({ run: 'run-1', epoch: 1, after: 1, events, blobs, row: rowOf('run-1', 5) });
  const fileOf = (index: number): string => {
    const digest = blobs[index]?.ref.digest ?? '';
    return join(folder, 'blobs', digest.slice(0, 2), digest);
  };
  const digestOf = (index: number): Buffer => Buffer.from(blobs[index]?.ref.digest ?? '', 'hex');
  db.prepare('UPDATE content SET data = ? WHERE digest = ?').run(new Uint8Array(9), digestOf(0));
  writeFileSync(fileOf(1), flipped(readFileSync(fileOf(1))) as Uint8Array);
  rmSync(fileOf(2));
  db.prepare('DELETE FROM content WHERE digest = ?').run(digestOf(3));
  expect(store.verify().map(({ run, seq }) => `${run} ${seq}`)).toEqual([
    'run-1 2',
    'run-1 3',
    'run-1 4',
    'run-1 5',
  ]);
  for (const { ref } of blobs.slice(0, 3)) {
    expect(codeOf(() => store.blob(ref.digest))).toBe('WF5003');
  }
  expect(readdirSync(join(folder, 'blobs', 'tmp'))).toEqual([]);
});

test('a summary that does not follow from the events is found', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await begin(store, 'run-1');
  const honest = { rebuildRow: (run: string) => rowOf(run, 1) };
  expect(store.verify('run-1', honest)).toEqual([]);
  vandal(folder).exec(`UPDATE run SET row = json_set(row, '$.done', 99)`);
  expect(store.verify('run-1', honest)).toMatchObject([{ run: 'run-1', seq: 1 }]);
});

test(`a flipped byte of the file is found, or changes nothing, ${FLIPS} times`, async () => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder);
    await fill(store);
  }
  const path = databasePath(folder);
  const whole = readFileSync(path);
  const readAll = (store: TraceStore): unknown =>
    RUNS.map((run) => [store.run(run), store.read(run, 0)]);
  let all: unknown;
  {
    using store = openScratch(folder, 'read');
    all = readAll(store);
  }
  let found = 0;
  for (let flip = 0; flip < FLIPS; flip += 1) {
    const bytes = Buffer.from(whole);
    const place = below(bytes.length);
    bytes[place] = (bytes[place] ?? 0) ^ (1 << (flip % 8));
    for (const name of ['whaleflow.db-wal', 'whaleflow.db-shm'])
      rmSync(join(folder, name), { force: true });
    writeFileSync(path, bytes);
    const problem = codeOf(() => {
      using store = openScratch(folder, 'read');
      if (store.verify(undefined, { rebuildRow }).length === 0) expect(readAll(store)).toEqual(all);
      else found += 1;
    });
    if (problem !== undefined) {
      expect(problem, `byte ${place}`).toMatch(/^WF700[12]$/);
      found += 1;
    }
  }
  expect(found).toBeGreaterThan(FLIPS / 8);
});

test('no flipped bit of the inner page of the tree of events keeps a reader for ever', async () => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder);
    await fill(store);
  }
  const path = databasePath(folder);
  const whole = readFileSync(path);
  const { page, cells } = innerPage(folder, whole);
  let found = 0;
  for (let bit = 0; bit < cells.length * 8; bit += 1) {
    const bytes = Buffer.from(whole);
    const place = page + (cells[bit >> 3] ?? 0);
    bytes[place] = (bytes[place] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(path, bytes);
    const problem = codeOf(() => {
      using store = openScratch(folder, 'read');
      for (const run of RUNS) {
        let after: number | undefined = 0;
        while (after !== undefined) after = store.read(run, after, 7).at(-1)?.seq;
      }
    });
    if (problem !== undefined) expect(problem).toMatch(/^WF700[12]$/);
    using store = openScratch(folder, 'read');
    if (store.verify(undefined, { rebuildRow }).length > 0) found += 1;
  }
  expect(found).toBeGreaterThan(cells.length);
});

/** Where the root of the tree of events begins, and its bytes in use, from there. */
function innerPage(
  folder: string,
  file: Buffer,
): { readonly page: number; readonly cells: readonly number[] } {
  using db = new DatabaseSync(databasePath(folder));
  const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'event'").get();
  const page = (Number(root?.['rootpage']) - 1) * PAGE_BYTES;
  expect(file[page], 'an inner page of a table').toBe(INNER_TABLE);
  const count = file.readUInt16BE(page + 3);
  const content = file.readUInt16BE(page + 5);
  const head = Array.from({ length: INNER_HEADER + 2 * count }, (_, at) => at);
  const body = Array.from({ length: PAGE_BYTES - content }, (_, at) => content + at);
  return { page, cells: [...head, ...body] };
}

function flipped(value: unknown): Uint8Array | bigint {
  const bit = below(8);
  if (typeof value === 'bigint') return value ^ (1n << BigInt(below(63)));
  const bytes = Buffer.from(value as Uint8Array);
  const place = below(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
  return bytes;
}
