/** Any text at all comes back from the store, and from an exported file, as it went in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { buildRunTrace } from '../../src/export/build-run-trace.ts';
import { exportFormat } from '../../src/export/formats.ts';
import { importRunTrace } from '../../src/export/import-run-trace.ts';
import { rebuildRunTrace } from '../../src/export/rebuild-run-trace.ts';
import { requestOf, testRun } from '../../src/export/test-run.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { begin, blobOf, finished, rowOf } from '../../src/trace/trace-store.suite.ts';
import type { NewEvent, TraceStore } from '../../src/trace/trace-store.ts';
import { hostileText } from '../arbitrary/hostile-texts.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const BATCH = 50;

const text = fc.oneof(
  hostileText,
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\0', 'a\0b', '\ud800', '\udc00x', 'é', 'e\u0301', '\u{1f469}\u200d\u{1f4bb}'),
  // What the store itself writes in short.
  fc.constantFrom('\u0001', '\u001b', '\x80\x81', '{"type":"leaf.finished"', '"}', '\\u0000'),
);
const value = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
})).value;

const event = fc.oneof(
  fc.tuple(text, value).map(([label, one]): NewEvent => finished(label, one)),
  fc.tuple(text, text, text).map(
    ([path, by, reason]): NewEvent => ({
      type: 'approval.answered',
      path,
      approved: true,
      by,
      reason,
      at: 1,
    }),
  ),
);

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-unicode-'));
afterAll(() => rmSync(folder, { recursive: true }));
const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
const stores: readonly (readonly [name: string, open: () => TraceStore])[] = [
  ['memory', memoryStore],
  ['SQLite', () => openStore({ stateFolder: join(folder, 'state'), mode: 'create', ...world })],
];

test.each(stores)('events and contents through the store in %s', async (name, open) => {
  const asJson = ({ at, ...body }: NewEvent): string =>
    JSON.stringify({ ...body, seq: undefined, at });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: BATCH, maxLength: BATCH }),
      fc.array(fc.oneof(text, fc.uint8Array()), { maxLength: 5 }),
      async (events, contents) => {
        run += 1;
        const id = `${name}${run}`;
        using store = open();
        await begin(store, id);
        const blobs = contents.map((one) => blobOf(one));
        const row = { ...rowOf(id, 1 + events.length), workflow: contents.join('') };
        await store.append({ run: id, epoch: 1, after: 1, events, row, blobs });
        const back = store.read(id, 1);
        expect(back.map(asJson)).toEqual(events.map(asJson));
        for (const { ref, data } of blobs) {
          expect(Buffer.compare(store.blob(ref.digest) ?? Buffer.alloc(0), data)).toBe(0);
        }
        expect(store.run(id)?.workflow).toBe(row.workflow);
      },
    ),
    { numRuns: (isSoak ? 10_000 : 500) / BATCH },
  );
});

const echo = {
  id: 'echo',
  goal: 'say it again',
  nodes: [
    { kind: 'leaf', id: 'a', task: { type: 'model', prompt: 'Say it' } },
    {
      kind: 'leaf',
      id: 'b',
      inputs: ['a'],
      task: { type: 'model', prompt: 'Again: {{inputs.a}}' },
    },
  ],
} as const;

test('an export that is read back is the same file, whatever the models said', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, text, async (answer, message, name) => {
      const run = await testRun(echo, {
        rules: [
          { path: 'a', answer },
          { path: 'b', fail: { kind: 'refused', message } },
        ],
        started: { name },
      });
      const json = exportFormat('json');
      const file = [...(json?.write(buildRunTrace(requestOf(run, { redact: false }))) ?? [])];
      const back = importRunTrace(file.join(''));
      if ('problems' in back) throw new Error(back.problems.join('; '));
      expect([...(json?.write(rebuildRunTrace(back)) ?? [])].join('')).toBe(file.join(''));
      expect(back.events.length).toBe(run.events.length);
    }),
    { numRuns: isSoak ? 1_000 : 30 },
  );
});
