/** What every trace store promises. An implementation calls this with a way to make an empty store. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Blob, ContentRef } from './content.ts';
import type { RunRow } from './run-row.ts';
import { SNAPSHOT_EVENTS, type Snapshot } from './snapshot.ts';
import type { LeaseHolder, LiveRow, NewEvent, TraceStore } from './trace-store.ts';

const holder: LeaseHolder = { pid: 41, host: 'here', bootId: 'boot-1' };

const noted = { now: 1000, staleMs: 100, isAlive: () => true };

/** A fact that carries any text and value; `label` is found again in `path`. */
export function finished(label: string, value: Json = true, output?: ContentRef): NewEvent {
  return {
    type: 'leaf.finished',
    path: label,
    attempt: 1,
    at: 1_750_000_000_000,
    result: { status: 'succeeded', output: output ?? blobOf('{}').ref },
    values: { '': value },
  };
}

export function blobOf(data: string | Uint8Array, type: ContentRef['type'] = 'text'): Blob {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { ref: { digest, bytes: bytes.length, type }, data: bytes };
}

/** A row of the right shape; stores do not look into it. */
export function rowOf(run: string, seq: number): RunRow {
  return {
    run,
    workflow: 'demo',
    state: 'running',
    startedAt: 1,
    updatedAt: seq,
    done: seq,
    total: 100,
    inFlight: 1,
    waiting: 0,
    costMicroUsd: 0,
    costStatus: 'exact',
    tokens: 0,
    seq,
  };
}

/** Makes a run `run` with one event, and the content that `finished` refers to. */
export async function begin(
  store: TraceStore,
  run: string,
  by: LeaseHolder = holder,
): Promise<void> {
  const events = [finished('first')];
  await store.create({ run, holder: by, events, row: rowOf(run, 1), blobs: [blobOf('{}')] });
}

/** Appends one event for each label. */
export function add(
  store: TraceStore,
  run: string,
  after: number,
  ...labels: string[]
): Promise<number> {
  const events = labels.map((label) => finished(label));
  return store.append({ run, epoch: 1, after, events, row: rowOf(run, after + labels.length) });
}

export function traceStoreSuite(name: string, open: () => TraceStore): void {
  describe(`${name}: runs and events`, () => eventTests(open));
  describe(`${name}: contents`, () => contentTests(open));
  describe(`${name}: leases and commands`, () => leaseTests(open));
  describe(`${name}: live rows`, () => liveTests(open));
  describe(`${name}: snapshots`, () => snapshotTests(open));
  describe(`${name}: removal`, () => removeTests(open));
}

function eventTests(open: () => TraceStore): void {
  test('events come back in order, with seqs from 1 without gaps', async () => {
    using store = open();
    await begin(store, 'run-1');
    expect(await add(store, 'run-1', 1, 'a', 'b')).toBe(3);
    expect(await add(store, 'run-1', 3, 'c')).toBe(4);
    expect(store.read('run-1', 0)).toEqual(
      ['first', 'a', 'b', 'c'].map((label, index) => ({ ...finished(label), seq: index + 1 })),
    );
    expect(store.verify()).toEqual([]);
  });

  test('reads begin after a seq and end at a limit', async () => {
    using store = open();
    await begin(store, 'run-1');
    await add(store, 'run-1', 1, 'a', 'b', 'c');
    const seqs = (after: number, limit?: number): number[] =>
      store.read('run-1', after, limit).map(({ seq }) => seq);
    expect(seqs(2)).toEqual([3, 4]);
    expect(seqs(1, 2)).toEqual([2, 3]);
    expect(seqs(4)).toEqual([]);
    expect(seqs(0, 0)).toEqual([]);
    expect(store.read('nobody', 0)).toEqual([]);
  });

  test('runs are kept apart', async () => {
    using store = open();
    await begin(store, 'run-1');
    await begin(store, 'run-2');
    await add(store, 'run-1', 1, 'a');
    await add(store, 'run-2', 1, 'b', 'c');
    expect(store.read('run-1', 1)).toEqual([{ ...finished('a'), seq: 2 }]);
    expect(store.read('run-2', 2)).toEqual([{ ...finished('c'), seq: 3 }]);
  });

  test('an append that does not follow the last seq is refused and changes nothing', async () => {
    using store = open();
    await begin(store, 'run-1');
    await expect(add(store, 'run-1', 0, 'a')).rejects.toMatchObject({ code: 'WF7008' });
    await expect(add(store, 'run-1', 2, 'a')).rejects.toMatchObject({ code: 'WF7008' });
    await expect(add(store, 'nobody', 0, 'a')).rejects.toMatchObject({ code: 'WF2004' });
    await expect(begin(store, 'run-1')).rejects.toMatchObject({ code: 'WF7008' });
    expect(store.read('run-1', 0)).toHaveLength(1);
    expect(store.verify()).toEqual([]);
  });

  test('an append without events moves only the row', async () => {
    using store = open();
    await begin(store, 'run-1');
    const row: RunRow = { ...rowOf('run-1', 1), state: 'paused' };
    expect(await store.append({ run: 'run-1', epoch: 1, after: 1, events: [], row })).toBe(1);
    expect(store.run('run-1')).toEqual(row);
    expect(store.verify()).toEqual([]);
  });

  test('the rows of runs come newest first and follow each append', async () => {
    using store = open();
    for (const run of ['run-1', 'run-2', 'run-3']) await begin(store, run);
    await add(store, 'run-2', 1, 'a');
    const row = rowOf('run-2', 2);
    expect(store.run('run-2')).toEqual(row);
    expect(store.runs()).toEqual([rowOf('run-3', 1), row, rowOf('run-1', 1)]);
    expect(store.runs({ limit: 2 }).map(({ run }) => run)).toEqual(['run-3', 'run-2']);
    expect(store.run('nobody')).toBeUndefined();
    expect(() => store.verify('nobody')).toThrow(expect.objectContaining({ code: 'WF2004' }));
  });

  test.each([
    ['emoji and combining marks', 'é e\u0301 👩‍🚀 \u202e'],
    ['NUL and other control characters', 'a\u0000b\u0001c\u001b[31m\u007f\u0085'],
    ['line breaks of all kinds', 'a\r\nb\u2028c\u2029'],
    ['lone surrogates', '\ud800 x \udfff'],
    ['what looks like a digest', 'f'.repeat(64)],
    ['what looks like a quoted digest', `"${'0'.repeat(64)}"`],
    ['64 KiB', 'ä'.repeat(32 * 1024)],
  ])('text comes back exactly: %s', async (_name, text) => {
    using store = open();
    await begin(store, 'run-1');
    const value = { [text]: [text, { deep: text }] };
    const events = [finished(text, value), finished('b', text)];
    await store.append({ run: 'run-1', epoch: 1, after: 1, events, row: rowOf('run-1', 3) });
    expect(store.read('run-1', 1)).toEqual([
      { ...finished(text, value), seq: 2 },
      { ...finished('b', text), seq: 3 },
    ]);
    expect(store.verify()).toEqual([]);
  });

  test('a key `__proto__` is only a key', async () => {
    using store = open();
    await begin(store, 'run-1');
    const value: Json = JSON.parse('{"__proto__":{"polluted":true}}');
    const events = [finished('a', value)];
    await store.append({ run: 'run-1', epoch: 1, after: 1, events, row: rowOf('run-1', 2) });
    expect(JSON.stringify(store.read('run-1', 1))).toContain('"__proto__":{"polluted":true}');
    expect({}).not.toHaveProperty('polluted');
  });

  test('what was appended cannot be changed from outside', async () => {
    using store = open();
    await begin(store, 'run-1');
    const value = { n: 1 };
    const events = [finished('a', value)];
    await store.append({ run: 'run-1', epoch: 1, after: 1, events, row: rowOf('run-1', 2) });
    value.n = 2;
    (store.read('run-1', 1)[0] as { at: number }).at = 0;
    expect(store.read('run-1', 1)).toEqual([{ ...finished('a', { n: 1 }), seq: 2 }]);
  });
}

function contentTests(open: () => TraceStore): void {
  test.each([
    ['nothing', 0],
    ['a few bytes', 10],
    ['just below the size of files', 16 * 1024 - 1],
    ['just at the size of files', 16 * 1024],
    ['1 MiB', 1024 * 1024],
  ])('a content comes back exactly: %s', async (_name, size) => {
    using store = open();
    const text = blobOf('whale '.repeat(size / 6 + 1).slice(0, size));
    const noise = blobOf(noiseOf(size), 'binary');
    await store.putBlobs([text, noise]);
    await store.putBlobs([text, text]);
    expect(Buffer.from(store.blob(text.ref.digest) ?? 'none')).toEqual(Buffer.from(text.data));
    expect(Buffer.from(store.blob(noise.ref.digest) ?? 'none')).toEqual(Buffer.from(noise.data));
    expect(store.verify()).toEqual([]);
  });

  test('an unknown content is undefined', () => {
    using store = open();
    expect(store.blob('0'.repeat(64))).toBeUndefined();
    expect(store.blob('not a digest')).toBeUndefined();
  });

  test('contents come with events, all or nothing', async () => {
    using store = open();
    await begin(store, 'run-1');
    const blobs = [blobOf('small'), blobOf(noiseOf(20_000))];
    const events = blobs.map(({ ref }) => finished('a', true, ref));
    const request = { run: 'run-1', epoch: 1, events, blobs, row: rowOf('run-1', 3) };
    await expect(store.append({ ...request, after: 0 })).rejects.toMatchObject({ code: 'WF7008' });
    expect(store.blob(blobs[0]?.ref.digest ?? '')).toBeUndefined();
    await store.append({ ...request, after: 1 });
    for (const { ref, data } of blobs) {
      expect(Buffer.from(store.blob(ref.digest) ?? '')).toEqual(Buffer.from(data));
    }
    expect(store.verify()).toEqual([]);
  });

  test('a content under the wrong digest is refused', async () => {
    using store = open();
    const wrong = { ref: blobOf('a').ref, data: blobOf('b').data };
    await expect(store.putBlobs([wrong])).rejects.toMatchObject({ code: 'WF9001' });
    expect(store.blob(wrong.ref.digest)).toBeUndefined();
  });
}

function leaseTests(open: () => TraceStore): void {
  test('who makes a run holds its lease at epoch 1', async () => {
    using store = open();
    await begin(store, 'run-1');
    const { at } = finished('first');
    expect(store.lease('run-1')).toEqual({ run: 'run-1', epoch: 1, ...holder, heartbeatAt: at });
    expect(store.lease('nobody')).toBeUndefined();
  });

  test('a living holder keeps its lease, a dead one loses it to a new epoch', async () => {
    using store = open();
    await begin(store, 'run-1');
    const other = { ...holder, pid: 42 };
    await expect(store.acquire('run-1', other, noted)).rejects.toMatchObject({
      code: 'WF5005',
      message: expect.stringMatching(/process 41 on here/),
    });
    const dead = { ...noted, isAlive: ({ pid }: { readonly pid: number }) => pid !== 41 };
    const lease = await store.acquire('run-1', other, dead);
    expect(lease).toEqual({ run: 'run-1', epoch: 2, ...other, heartbeatAt: 1000 });
    expect(store.lease('run-1')).toEqual(lease);
    await expect(store.acquire('nobody', other, noted)).rejects.toMatchObject({ code: 'WF2004' });
  });

  test('a holder is told by its start from whoever has its pid now', async () => {
    using store = open();
    const first = { ...holder, start: '100' };
    await begin(store, 'run-1', first);
    expect(store.lease('run-1')).toMatchObject(first);
    const now = { ...noted, isAlive: ({ start }: { readonly start?: string }) => start === '200' };
    const second = { ...holder, start: '200' };
    expect(await store.acquire('run-1', second, now)).toMatchObject({ epoch: 2, ...second });
    expect(store.lease('run-1')).toMatchObject(second);
    await expect(store.acquire('run-1', first, now)).rejects.toMatchObject({ code: 'WF5005' });
  });

  test.each([
    ['another host', { host: 'there' }],
    ['another boot', { bootId: 'boot-2' }],
  ])('of a holder on %s only the heartbeat counts', async (_name, elsewhere) => {
    using store = open();
    await begin(store, 'run-1');
    await store.heartbeat('run-1', 1, 1000);
    const asking = { ...holder, ...elsewhere };
    const isAlive = (): boolean => {
      throw new Error('that pid means nothing here');
    };
    for (const now of [1000, 1100, 900]) {
      const options = { now, staleMs: 100, isAlive };
      await expect(store.acquire('run-1', asking, options)).rejects.toMatchObject({
        code: 'WF5005',
      });
    }
    const late = { now: 1101, staleMs: 100, isAlive };
    expect((await store.acquire('run-1', asking, late)).epoch).toBe(2);
  });

  test('a driver of an older epoch is fenced', async () => {
    using store = open();
    await begin(store, 'run-1');
    const dead = { ...noted, isAlive: () => false };
    await store.acquire('run-1', { ...holder, pid: 42 }, dead);
    await expect(add(store, 'run-1', 1, 'a')).rejects.toMatchObject({ code: 'WF7006' });
    expect(await store.heartbeat('run-1', 1, 2000)).toBe(false);
    await store.release('run-1', 1);
    expect(store.lease('run-1')?.epoch).toBe(2);
    expect(await store.heartbeat('run-1', 2, 2000)).toBe(true);
    expect(store.lease('run-1')?.heartbeatAt).toBe(2000);
    expect(store.read('run-1', 0)).toHaveLength(1);
  });

  test('a released lease is free, and its epoch does not come back', async () => {
    using store = open();
    await begin(store, 'run-1');
    await store.release('run-1', 1);
    expect(store.lease('run-1')).toBeUndefined();
    await expect(add(store, 'run-1', 1, 'a')).rejects.toMatchObject({ code: 'WF7006' });
    expect(await store.heartbeat('run-1', 1, 2000)).toBe(false);
    expect((await store.acquire('run-1', holder, noted)).epoch).toBe(2);
  });

  test('an append consumes commands in its own transaction', async () => {
    using store = open();
    await begin(store, 'run-1');
    await begin(store, 'run-2');
    const pause = await store.send('run-1', 'me\u0000', 5, { type: 'pause' });
    const retry = await store.send('run-1', 'you', 6, { type: 'retry', path: 'a' });
    const other = await store.send('run-2', 'you', 7, { type: 'resume' });
    expect(store.commands('run-1')).toEqual([
      { id: pause, run: 'run-1', by: 'me\u0000', at: 5, command: { type: 'pause' } },
      { id: retry, run: 'run-1', by: 'you', at: 6, command: { type: 'retry', path: 'a' } },
    ]);
    const request = { run: 'run-1', epoch: 1, events: [finished('a')], row: rowOf('run-1', 2) };
    const refused = store.append({ ...request, after: 0, consumes: [pause] });
    await expect(refused).rejects.toMatchObject({ code: 'WF7008' });
    expect(store.commands('run-1')).toHaveLength(2);
    await store.append({ ...request, after: 1, consumes: [pause] });
    expect(store.commands('run-1').map(({ id }) => id)).toEqual([retry]);
    for (const consumes of [[pause], [retry, other]]) {
      const twice = store.append({ ...request, after: 2, consumes });
      await expect(twice).rejects.toMatchObject({ code: 'WF7008' });
    }
    expect(store.read('run-1', 0)).toHaveLength(2);
    expect(store.commands('run-1')).toHaveLength(1);
    expect(store.commands('run-2')).toHaveLength(1);
  });

  test('the id of a consumed command is not used again', async () => {
    using store = open();
    await begin(store, 'run-1');
    const id = await store.send('run-1', 'me', 5, { type: 'pause' });
    const row = rowOf('run-1', 1);
    await store.append({ run: 'run-1', epoch: 1, after: 1, events: [], consumes: [id], row });
    expect(await store.send('run-1', 'me', 5, { type: 'pause' })).toBeGreaterThan(id);
    const nobody = store.send('nobody', 'me', 5, { type: 'pause' });
    await expect(nobody).rejects.toMatchObject({ code: 'WF2004' });
  });
}

function removeTests(open: () => TraceStore): void {
  const options = { now: 1000, staleMs: 100, isAlive: () => false };
  const shared = blobOf('shared');
  const own = blobOf('own');
  const large = blobOf(noiseOf(40_000), 'binary');

  const isThere = (store: TraceStore, { ref, data }: Blob): boolean =>
    Buffer.compare(store.blob(ref.digest) ?? Buffer.of(), data) === 0;

  /** A run that refers to some contents, and whose driver has gone. */
  const beginWith = async (store: TraceStore, run: string, blobs: readonly Blob[]) => {
    const events = blobs.map(({ ref }, at) => finished(`leaf${at}`, true, ref));
    await store.create({ run, holder, events, row: rowOf(run, events.length), blobs });
    await store.release(run, 1);
  };

  test('a removed run leaves nothing, and the others stay whole', async () => {
    using store = open();
    await beginWith(store, 'run-1', [own, shared, large]);
    await beginWith(store, 'run-2', [shared]);
    await store.send('run-1', 'me', 5, { type: 'pause' });
    await store.remove(['run-1'], holder, options);
    expect(store.run('run-1')).toBeUndefined();
    expect(store.read('run-1', 0)).toEqual([]);
    expect(store.commands('run-1')).toEqual([]);
    expect(store.lease('run-1')).toBeUndefined();
    expect(store.blob(own.ref.digest)).toBeUndefined();
    expect(store.blob(large.ref.digest)).toBeUndefined();
    expect(isThere(store, shared)).toBe(true);
    expect(store.runs().map(({ run }) => run)).toEqual(['run-2']);
    expect(store.verify()).toEqual([]);
    expect(() => store.verify('run-1')).toThrow(expect.objectContaining({ code: 'WF2004' }));
  });

  test('a removed content can come again', async () => {
    using store = open();
    await beginWith(store, 'run-1', [own, large]);
    await store.remove(['run-1'], holder, options);
    await beginWith(store, 'run-2', [own, large]);
    expect(isThere(store, large)).toBe(true);
    expect(store.verify()).toEqual([]);
  });

  test('runs are removed all or none', async () => {
    using store = open();
    await beginWith(store, 'run-1', [own]);
    const removal = store.remove(['run-1', 'nobody'], holder, options);
    await expect(removal).rejects.toMatchObject({ code: 'WF2004' });
    expect(store.read('run-1', 0)).toHaveLength(1);
    await store.remove([], holder, options);
    expect(store.verify()).toEqual([]);
  });

  test('a run that somebody drives stays', async () => {
    using store = open();
    await begin(store, 'run-1');
    const removal = store.remove(['run-1'], holder, noted);
    await expect(removal).rejects.toMatchObject({ code: 'WF5005' });
    expect(store.run('run-1')).toBeDefined();
  });

  test('contents stay while any other run is driven, and go with the next removal', async () => {
    using store = open();
    await beginWith(store, 'run-1', [own]);
    await beginWith(store, 'run-2', [shared]);
    await begin(store, 'run-3');
    await store.remove(['run-1'], holder, noted);
    expect(isThere(store, own)).toBe(true);
    await store.release('run-3', 1);
    await store.remove(['run-2'], holder, noted);
    expect(store.blob(own.ref.digest)).toBeUndefined();
    expect(store.blob(blobOf('{}').ref.digest)).toBeDefined();
    expect(store.verify()).toEqual([]);
  });
}

function snapshotTests(open: () => TraceStore): void {
  const every = SNAPSHOT_EVENTS;
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const snapshot = (seq: number): Snapshot => {
    const parts = { ended: bytes(`ended ${seq}`), open: bytes('open'), attempts: bytes('rest') };
    return { seq, version: 1, ...parts };
  };

  test('a snapshot is kept behind the one before it, and where there is such an event', async () => {
    using store = open();
    await begin(store, 'run-1');
    const labels = Array.from({ length: 2 * every }, (_, n) => `${n}`);
    const last = await add(store, 'run-1', 1, ...labels);
    await store.putSnapshot('run-1', snapshot(2 * every));
    expect(store.snapshots('run-1', 1)).toEqual([]);
    for (const count of [1, 2, 3]) await store.putSnapshot('run-1', snapshot(count * every));
    expect(last).toBeLessThan(3 * every);
    const kept = store.snapshots('run-1', 1);
    expect(kept.map(({ seq, ended }) => [seq, new TextDecoder().decode(ended)])).toEqual([
      [every, `ended ${every}`],
      [2 * every, `ended ${2 * every}`],
    ]);
    expect(store.snapshotPart('run-1', 2 * every, 'open')).toEqual(bytes('open'));
    expect(store.snapshotPart('run-1', every, 'attempts')).toEqual(bytes('rest'));
    expect(store.snapshotPart('run-1', 3 * every, 'open')).toBeUndefined();
    expect(store.snapshots('run-1', 2)).toEqual([]);
    expect(store.snapshots('nobody', 1)).toEqual([]);
  });

  test('one without what is open is a link to those behind it', async () => {
    using store = open();
    await begin(store, 'run-1');
    const labels = Array.from({ length: 3 * every }, (_, n) => `${n}`);
    await add(store, 'run-1', 1, ...labels);
    for (const count of [1, 2, 3]) {
      const made = snapshot(count * every);
      await store.putSnapshot('run-1', count === 2 ? { ...made, open: bytes('') } : made);
    }
    const kept = store.snapshots('run-1', 1);
    expect(kept.map(({ isWhole }) => isWhole)).toEqual([true, false, true]);
  });
}

function liveTests(open: () => TraceStore): void {
  const row: LiveRow = {
    run: 'run-1',
    path: 'a',
    attempt: 1,
    kind: 'agent',
    startedAt: 1,
    lastActivityAt: 2,
    text: 'thinking \ud83d',
  };

  test('live rows are replaced, cleared, and kept apart by run', () => {
    using store = open();
    store.putLive([row, { ...row, path: 'b' }, { ...row, run: 'run-2' }]);
    store.putLive([{ ...row, text: 'done' }]);
    expect(store.live('run-1')).toEqual([
      { ...row, text: 'done' },
      { ...row, path: 'b' },
    ]);
    store.clearLive('run-1', 'a');
    expect(store.live('run-1')).toEqual([{ ...row, path: 'b' }]);
    expect(store.live('run-2')).toHaveLength(1);
    expect(store.live('nobody')).toEqual([]);
  });

  test('of a long text the end is kept', () => {
    using store = open();
    store.putLive([{ ...row, text: `${'x'.repeat(20_000)}end` }]);
    const text = store.live('run-1')[0]?.text ?? '';
    expect(text.length).toBe(8192);
    expect(text.endsWith('xend')).toBe(true);
  });
}

/** Bytes that no compressor makes smaller, the same each time. */
export function noiseOf(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = 0x9e3779b9;
  for (let index = 0; index < size; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 0xff;
  }
  return bytes;
}
