import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { add, begin, blobOf, finished, noiseOf, rowOf } from '../trace-store.suite.ts';
import { databasePath, networkFileSystem, openDatabase } from './open-database.ts';
import { codeOf, heldTimers, openScratch, scratchFolder } from './scratch-store.suite.ts';

const MODES = ['create', 'existing', 'read'] as const;
/** `chmod` proves nothing to root, so media are mounted. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const onMounts = canMount ? '' : ' (skipped: mounting needs root on Linux)';

test('only the mode `create` makes a store', () => {
  const folder = scratchFolder();
  for (const mode of ['existing', 'read'] as const) {
    expect(codeOf(() => openScratch(folder, mode))).toBe('WF7007');
    expect(codeOf(() => openScratch(join(folder, 'none'), mode))).toBe('WF7007');
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('a new store is private and ignored by git, whatever the umask', async () => {
  const folder = join(scratchFolder(), '.whaleflow', 'state');
  const umask = process.umask(0);
  onTestFinished(() => {
    process.umask(umask);
  });
  using store = openScratch(folder);
  await begin(store, 'run-1');
  await store.putBlobs([blobOf(noiseOf(20_000))]);
  store.putLive([
    { run: 'run-1', path: 'a', attempt: 1, kind: '', startedAt: 1, lastActivityAt: 1, text: '' },
  ]);
  await store.release('run-1', 1);
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const open = names.filter(({ name, parentPath }) => {
    const stat = statSync(join(parentPath, name));
    return name !== '.gitignore' && (stat.mode & 0o777) !== (stat.isDirectory() ? 0o700 : 0o600);
  });
  expect(open.map(({ name }) => name)).toEqual([]);
  expect(names.map(({ name }) => name)).toContain('whaleflow.db-wal');
});

test('commits are fsynced, and the log is bounded', () => {
  const db = openDatabase(scratchFolder(), 'create');
  onTestFinished(() => db.close());
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(db.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 50 });
});

test('a newer store is refused before anything is written', async () => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder);
    await begin(store, 'run-1');
  }
  const db = new DatabaseSync(databasePath(folder));
  db.exec('PRAGMA user_version = 99');
  db.close();
  const before = readFileSync(databasePath(folder));
  for (const mode of MODES) expect(codeOf(() => openScratch(folder, mode))).toBe('WF7002');
  expect(readFileSync(databasePath(folder))).toEqual(before);
});

test('a writer whose store was upgraded by another process writes no more', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await begin(store, 'run-1');
  const db = new DatabaseSync(databasePath(folder));
  db.exec('PRAGMA user_version = 99');
  db.close();
  await expect(add(store, 'run-1', 1, 'a')).rejects.toMatchObject({ code: 'WF7002' });
});

test.each([
  ['garbage', (path: string) => writeFileSync(path, noiseOf(10_000))],
  ['text', (path: string) => writeFileSync(path, 'not a database\n'.repeat(100))],
  ['a damaged header', (path: string) => overwrite(path, 0, noiseOf(16))],
  ['a first page of zeros', (path: string) => overwrite(path, 0, new Uint8Array(4096))],
  ['a schema of zeros', (path: string) => overwrite(path, 100, new Uint8Array(3996))],
  ['half of the file', (path: string) => truncateSync(path, statSync(path).size / 2)],
  ['half of a page', (path: string) => truncateSync(path, 2000)],
  ['no bytes at all', (path: string) => truncateSync(path, 0)],
  ['no file', (path: string) => rmSync(path)],
])('a damaged store is one clear error and is left as it is: %s', async (_name, damage) => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder);
    await begin(store, 'run-1');
    for (let after = 1; after < 50; after += 1) await add(store, 'run-1', after, 'x'.repeat(999));
  }
  const path = databasePath(folder);
  damage(path);
  const before = existsSync(path) ? readFileSync(path) : undefined;
  for (const mode of MODES) {
    const code = codeOf(() => {
      using store = openScratch(folder, mode);
      if (store.verify().length > 0) throw Object.assign(new Error(), { code: 'problems' });
    });
    expect(code, mode).toBe('WF7001');
  }
  expect(existsSync(path) ? readFileSync(path) : undefined).toEqual(before);
});

test('another program’s database is left alone', () => {
  const folder = scratchFolder();
  const db = new DatabaseSync(databasePath(folder));
  db.exec('CREATE TABLE theirs (n); INSERT INTO theirs VALUES (1)');
  db.close();
  for (const mode of MODES) expect(codeOf(() => openScratch(folder, mode))).toBe('WF7001');
});

test('a lost log is found by the heads', async () => {
  const folder = scratchFolder();
  const timers = heldTimers();
  using store = openScratch(folder, 'create', { timers });
  await begin(store, 'run-1');
  await store.release('run-1', 1);
  // What stands in the log by now is moved into the store.
  timers.fire();
  await store.acquire(
    'run-1',
    { pid: 1, host: 'h', bootId: 'b' },
    { now: 0, staleMs: 0, isAlive: () => false },
  );
  const row = rowOf('run-1', 3);
  const events = [finished('a'), { type: 'run.finished', at: 1 } as never];
  await store.append({ run: 'run-1', epoch: 2, after: 1, events, row });
  const copy = scratchFolder();
  execFileSync('cp', [join(folder, 'whaleflow.db'), join(folder, 'heads'), copy]);
  using older = openScratch(copy, 'read');
  expect(older.verify()).toMatchObject([{ run: 'run-1', seq: 2 }]);
});

test('a store opened for reading refuses to write', async () => {
  const folder = scratchFolder();
  using store = openScratch(folder);
  await begin(store, 'run-1');
  using reader = openScratch(folder, 'read');
  const refused = { code: 'WF7003' };
  await expect(add(reader, 'run-1', 1, 'a')).rejects.toMatchObject(refused);
  await expect(begin(reader, 'run-2')).rejects.toMatchObject(refused);
  await expect(reader.putBlobs([blobOf(noiseOf(20_000))])).rejects.toMatchObject(refused);
  await expect(reader.send('run-1', 'me', 1, { type: 'pause' })).rejects.toMatchObject(refused);
  await add(store, 'run-1', 1, 'b');
  expect(reader.read('run-1', 1)).toEqual([{ ...finished('b'), seq: 2 }]);
});

test('a store that another process holds is busy after 5 s, and free again after', async () => {
  const folder = scratchFolder();
  // Ten times as fast, so that the test is.
  const clock = { now: () => 0, monotonic: () => performance.now() * 10 };
  using store = openScratch(folder, 'create', { clock });
  await begin(store, 'run-1');
  const other = new DatabaseSync(databasePath(folder));
  other.exec('BEGIN IMMEDIATE');
  let turns = 0;
  const turning = setInterval(() => {
    turns += 1;
  }, 1);
  const start = clock.monotonic();
  await expect(add(store, 'run-1', 1, 'a')).rejects.toMatchObject({ code: 'WF7005' });
  clearInterval(turning);
  expect(clock.monotonic() - start).toBeGreaterThan(4900);
  expect(turns).toBeGreaterThan(3);
  expect(store.read('run-1', 0)).toHaveLength(1);
  const waiting = add(store, 'run-1', 1, 'a');
  other.exec('COMMIT');
  other.close();
  expect(await waiting).toBe(2);
});

test('network file systems are known by number', () => {
  expect(networkFileSystem(0x6969)).toBe('nfs');
  expect(networkFileSystem(statfsSync('/').type)).toBeUndefined();
});

test.skipIf(!canMount)(`a read-only medium can be read, not written${onMounts}`, async () => {
  const folder = mountTmpfs('3m');
  const state = join(folder, 'state');
  {
    using store = openScratch(state);
    await begin(store, 'run-1');
    await store.putBlobs([blobOf(noiseOf(20_000))]);
  }
  execFileSync('/bin/mount', ['-o', 'remount,ro', folder]);
  for (const mode of ['create', 'existing'] as const) {
    expect(codeOf(() => openScratch(state, mode))).toBe('WF7003');
  }
  expect(codeOf(() => openScratch(join(folder, 'new')))).toBe('WF7003');
  using store = openScratch(state, 'read');
  expect(store.read('run-1', 0)).toHaveLength(1);
  expect(store.live('run-1')).toEqual([]);
  expect(store.verify()).toEqual([]);
  await expect(add(store, 'run-1', 1, 'a')).rejects.toMatchObject({ code: 'WF7003' });
});

test.skipIf(!canMount)(
  `a log left behind on a read-only medium is never passed over${onMounts}`,
  async () => {
    const state = join(scratchFolder(), 'state');
    using store = openScratch(state);
    await begin(store, 'run-1');
    await add(store, 'run-1', 1, 'only in the log');
    const copyOf = (...names: string[]): string => {
      const folder = mountTmpfs('3m');
      // By another process: to open these files in this one would drop its locks.
      execFileSync('cp', [...names.map((name) => join(state, `whaleflow.db${name}`)), folder]);
      execFileSync('/bin/mount', ['-o', 'remount,ro', folder]);
      return folder;
    };
    using whole = openScratch(copyOf('', '-wal', '-shm'), 'read');
    expect(whole.read('run-1', 0)).toHaveLength(2);
    const withoutIndex = copyOf('', '-wal');
    expect(() => openScratch(withoutIndex, 'read')).toThrow(
      expect.objectContaining({ code: 'WF7003', message: expect.stringContaining('log') }),
    );
  },
);

test.skipIf(!canMount)(`a full disk loses nothing acknowledged${onMounts}`, async () => {
  const folder = mountTmpfs('3m');
  const state = join(folder, 'state');
  let last = 1;
  {
    using store = openScratch(state);
    await begin(store, 'run-1');
    const failure = await fillUp(async () => {
      const events = [finished('a', Buffer.from(noiseOf(9_000)).toString('base64'))];
      const row = rowOf('run-1', last + 1);
      last = await store.append({ run: 'run-1', epoch: 1, after: last, events, row });
    });
    expect(failure).toMatchObject({ code: 'WF7004' });
    expect(last).toBeGreaterThan(20);
    execFileSync('/bin/mount', ['-o', 'remount,size=8m', folder]);
    await expect(add(store, 'run-1', last, 'small')).rejects.toMatchObject({ code: 'WF7004' });
    expect(store.read('run-1', 0)).toHaveLength(last);
    expect(store.verify()).toEqual([]);
  }
  using store = openScratch(state, 'existing');
  expect(store.read('run-1', 0)).toHaveLength(last);
  expect(await add(store, 'run-1', last, 'small')).toBe(last + 1);
  expect(store.verify()).toEqual([]);
});

test.skipIf(!canMount)(`a disk that contents have filled is full${onMounts}`, async () => {
  const folder = mountTmpfs('3m');
  using store = openScratch(join(folder, 'state'));
  await begin(store, 'run-1');
  const kept: string[] = [];
  const failure = await fillUp(async (n) => {
    const blob = blobOf(noiseOf(100_000 + n));
    await store.putBlobs([blob]);
    kept.push(blob.ref.digest);
  });
  expect(failure).toMatchObject({ code: 'WF7004' });
  expect(kept.length).toBeGreaterThan(5);
  for (const digest of kept) expect(store.blob(digest)).toBeDefined();
  expect(store.verify()).toEqual([]);
});

test.skipIf(!canMount)(`no store is begun on a full disk${onMounts}`, async () => {
  const folder = mountTmpfs('3m');
  await fillUp(async (n) => writeFileSync(join(folder, `${n}`), noiseOf(50_000)));
  const code = await (async () => {
    using store = openScratch(join(folder, 'state'));
    await begin(store, 'run-1');
  })().catch((error: { code?: string }) => error.code);
  expect(code).toBe('WF7004');
});

async function fillUp(write: (n: number) => Promise<void>): Promise<unknown> {
  try {
    for (let n = 0; n < 10_000; n += 1) await write(n);
    return undefined;
  } catch (error) {
    return error;
  }
}

function mountTmpfs(size: string): string {
  const folder = scratchFolder();
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('/bin/umount', ['-l', folder]);
  });
  return folder;
}

function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  const whole = readFileSync(path);
  whole.set(bytes, offset);
  writeFileSync(path, whole);
}
