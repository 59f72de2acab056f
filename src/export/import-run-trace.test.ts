import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workflowDocuments } from '../../test/arbitrary/workflow-document.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { replay } from '../engine/replay.ts';
import { digestText } from '../workflow/digest.ts';
import { buildRunTrace } from './build-run-trace.ts';
import { exportFormat, exportFormats } from './formats.ts';
import { IMPORT_LIMITS, type ImportedRun, importRunTrace } from './import-run-trace.ts';
import { forgedFields, rebuildRunTrace } from './rebuild-run-trace.ts';
import type { RunTrace } from './run-trace.ts';
import { requestOf, testRun } from './test-run.ts';
import { everything, everythingRules, hello } from './test-workflows.ts';
import { runTraceJsonSchema } from './trace-schema.ts';

function imported(text: string): ImportedRun {
  const result = importRunTrace(text);
  if ('problems' in result) throw new Error(result.problems.join('; '));
  return result;
}

const fileOf = (trace: RunTrace): string =>
  [...(exportFormat('json')?.write(trace) ?? [])].join('');

describe('there and back', () => {
  test.each([true, false])(
    'export, import, export is the same bytes; redacted: %s',
    async (redact) => {
      const run = await testRun(everything, { rules: everythingRules });
      const file = fileOf(buildRunTrace(requestOf(run, { redact })));
      const back = imported(file);
      expect(fileOf(rebuildRunTrace(back))).toBe(file);
      expect(back.events.length).toBe(run.events.length);
    },
  );

  test('replay from the file alone says what replay from the store says', async () => {
    const run = await testRun(everything, { rules: everythingRules });
    const back = imported(fileOf(buildRunTrace(requestOf(run))));
    expect(replay(back.events)).toEqual(replay(run.events));
    expect(replay(back.events).verdict).toBe('identical');
  });

  test('without redaction every content comes back byte for byte', async () => {
    const run = await testRun(everything, { rules: everythingRules });
    const back = imported(fileOf(buildRunTrace(requestOf(run, { redact: false }))));
    let contents = 0;
    for (const [digest, data] of back.blobs) {
      const stored = run.blob(digest);
      if (stored === undefined) continue;
      contents += 1;
      expect(Buffer.compare(stored, data)).toBe(0);
    }
    expect(contents).toBeGreaterThan(20);
  });

  test('a content that the store has lost stays lost, and the rest is read', async () => {
    const run = await testRun(hello);
    const [lost] = run.events.flatMap((event) =>
      event.type === 'model.called' ? [event.request.digest] : [],
    );
    const blob = (digest: string): Uint8Array | undefined =>
      digest === lost ? undefined : run.blob(digest);
    const trace = buildRunTrace(requestOf({ ...run, blob }));
    expect(trace.blobs[`sha256:${lost}`]).toMatchObject({ status: 'unavailable' });
    const call = trace.steps.find(({ kind }) => kind === 'model_call');
    expect(call).toMatchObject({ input: null, messages: null, status: 'succeeded' });
    const back = imported(fileOf(trace));
    expect(back.blob(lost ?? '')).toBeUndefined();
    expect(rebuildRunTrace(back)).toEqual(trace);
  });

  test('a trace without its events can be looked at, and not replayed', async () => {
    const run = await testRun(hello);
    const back = imported(fileOf(buildRunTrace(requestOf(run, { content: 'metadata' }))));
    expect(back.events).toEqual([]);
    expect(back.trace.steps.length).toBe(3);
  });

  test('property: a run of any workflow, cut anywhere, comes back as it was', async () => {
    const validate = new Ajv2020().compile(runTraceJsonSchema());
    const failures = fc.array(
      fc.record({
        path: fc.constantFrom('*1', '*2', '*a*', '*b*', '*/*'),
        fail: fc.record({
          kind: fc.constantFrom('refused', 'exit', 'timeout' as const),
          message: fc.string({ unit: 'binary' }),
        }),
      }),
      { maxLength: 2 },
    );
    const documents = workflowDocuments({ hasApprovals: true });
    await fc.assert(
      fc.asyncProperty(
        documents,
        failures,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (document, rules, share) => {
          const whole = await testRun(document, { rules });
          const { events } = whole;
          for (const count of [events.length, 1 + Math.floor(share * (events.length - 1))]) {
            const run = { ...whole, events: events.slice(0, count) };
            const trace = buildRunTrace(requestOf(run));
            validate(trace);
            expect(validate.errors ?? []).toEqual([]);
            const file = fileOf(trace);
            const back = imported(file);
            expect(fileOf(rebuildRunTrace(back))).toBe(file);
            expect(replay(back.events)).toEqual(replay(run.events));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('keys of later revisions are kept', async () => {
    const trace = buildRunTrace(requestOf(await testRun(hello)));
    const later = { ...trace, schema_revision: 7, mood: 'calm', extensions: { session: 's' } };
    expect(imported(JSON.stringify(later)).trace).toEqual(later);
  });
});

describe('files that are refused', () => {
  type Change = (document: Record<string, Json>) => void;
  const steps = (document: Record<string, Json>): Record<string, Json>[] =>
    document['steps'] as unknown as Record<string, Json>[];
  const blobs = (document: Record<string, Json>): Record<string, Record<string, Json>> =>
    document['blobs'] as unknown as Record<string, Record<string, Json>>;
  const changes: readonly (readonly [string, Change, RegExp])[] = [
    ['a later major', (d) => (d['schema'] = 'whaleflow.trace/v2'), /version/],
    ['another kind of file', (d) => delete d['schema'], /no run trace/],
    ['a wrong type', (d) => (d['run_id'] = 3), /run_id/],
    ['a wrong status', (d) => (d['status'] = 'budget_exhausted'), /status/],
    ['a changed step', (d) => (firstOf(steps(d))['output'] = 'better'), /steps_sha256/],
    ['a step twice', (d) => steps(d).push(firstOf(steps(d))), /two steps/],
    ['a step without its parent', (d) => steps(d).splice(1, 1), /no parent/],
    ['no root', (d) => steps(d).shift(), /0 steps without a parent|no parent/],
    ['a changed content', (d) => (firstOf(Object.values(blobs(d)))['data'] = 'x'), /hash says/],
    ['a content gone', (d) => delete blobs(d)[Object.keys(blobs(d))[0] ?? ''], /missing/],
    ['no events', (d) => (d['events_blob'] = null), /has its events/],
  ];
  const firstOf = (list: readonly Record<string, Json>[]): Record<string, Json> => list[0] ?? {};

  test.each(changes)('%s', async (_name, change, found) => {
    const trace = buildRunTrace(requestOf(await testRun(hello)));
    const document = JSON.parse(JSON.stringify(trace)) as Record<string, Json>;
    change(document);
    expect(JSON.stringify(importRunTrace(JSON.stringify(document)))).toMatch(found);
  });

  const eventChanges: readonly (readonly [string, (lines: string[]) => void, RegExp])[] = [
    ['events out of order', (lines) => lines.reverse(), /has seq/],
    ['an event gone', (lines) => lines.splice(3, 1), /has seq/],
    ['a tail gone', (lines) => lines.pop(), /missing or left over/],
    ['no beginning', (lines) => lines.splice(0, lines.length), /not run.started/],
    ['a line that is none', (lines) => lines.splice(2, 1, '{"seq":3'), /no event/],
    [
      'no spec',
      (lines) => lines.splice(0, 1, '{"seq":1,"at":1,"type":"run.started"}'),
      /do not fit/,
    ],
  ];

  test.each(eventChanges)('%s', async (_name, change, found) => {
    const trace = buildRunTrace(requestOf(await testRun(hello)));
    const { data = '' } = trace.blobs[trace.events_blob ?? ''] ?? {};
    const lines = data.split('\n').slice(0, -1);
    change(lines);
    const text = lines.map((line) => `${line}\n`).join('');
    const events_blob = `sha256:${digestText(text)}`;
    const known = {
      media_type: 'application/jsonl',
      status: 'recorded',
      encoding: 'utf8',
    } as const;
    const blob = { ...known, bytes: Buffer.byteLength(text), data: text };
    const document = { ...trace, events_blob, blobs: { ...trace.blobs, [events_blob]: blob } };
    expect(JSON.stringify(importRunTrace(JSON.stringify(document)))).toMatch(found);
  });

  test('files that are too large or nest too deeply', () => {
    const limits = { ...IMPORT_LIMITS, maxBytes: 10 };
    expect(importRunTrace(' '.repeat(11), limits)).toMatchObject({ problems: [/bytes/] });
    const deep = '['.repeat(100_000);
    expect(importRunTrace(deep)).toEqual({ problems: ['the file nests more than 600 levels'] });
    expect(importRunTrace('{')).toEqual({ problems: ['the file is not JSON'] });
    expect(importRunTrace('null')).toEqual({ problems: ['the file is no run trace'] });
  });

  test('property: no text makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(importRunTrace(text)).toHaveProperty('problems');
      }),
    );
  });

  test('property: no change of a field makes it throw', async () => {
    const trace = buildRunTrace(requestOf(await testRun(hello)));
    const keys = Object.keys(trace);
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        const document = { ...(trace as unknown as JsonObject), [key]: value as Json };
        importRunTrace(JSON.stringify(document));
      }),
    );
  });
});

describe('what is published', () => {
  const root = new URL('../../', import.meta.url);

  test('the JSON Schema is the one in schemas/', async () => {
    const text = `${JSON.stringify(runTraceJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../schemas/run-trace.schema.json');
  });

  // One file a revision, for ever: what was exported once can always be read.
  test.each([0])('a trace of revision %i is read, and exported as it is', (revision) => {
    const file = readFileSync(new URL(`test/golden/run-trace-r${revision}.json`, root), 'utf8');
    const back = imported(file);
    expect(back.trace.schema_revision).toBe(revision);
    expect(replay(back.events).verdict).toBe('identical');
    expect(rebuildRunTrace(back)).toEqual(back.trace);
  });

  test('formats have names of their own', () => {
    expect(exportFormats.map(({ name, extension }) => `${name} ${extension}`)).toEqual([
      'json .trace.json',
    ]);
    expect(exportFormat('xml')).toBeUndefined();
  });
});

describe('a file that says other than its events', () => {
  test('as it was exported, nothing is forged', async () => {
    const run = await testRun(everything, { rules: everythingRules });
    expect(forgedFields(imported(fileOf(buildRunTrace(requestOf(run)))))).toEqual([]);
  });

  test.each<[field: string, forged: Json]>([
    ['status', 'cancelled'],
    ['final_output', 'all is well'],
    ['models', []],
    ['started_at', '2001-01-01T00:00:00.000Z'],
  ])('%s', async (field, forged) => {
    const run = await testRun(everything, { rules: everythingRules });
    const trace = { ...buildRunTrace(requestOf(run)), [field]: forged } as RunTrace;
    const result = importRunTrace(fileOf(trace));
    if ('problems' in result) return;
    expect(forgedFields(result)).toContain(field);
  });

  test('the cost', async () => {
    const run = await testRun(everything, { rules: everythingRules });
    const made = buildRunTrace(requestOf(run));
    const trace = { ...made, totals: { ...made.totals, cost_microusd: 123_456 } } as RunTrace;
    expect(forgedFields(imported(fileOf(trace)))).toEqual(['totals']);
  });
});
