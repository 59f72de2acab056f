import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reuseFrom } from '../engine/fork.ts';
import { replay } from '../engine/replay.ts';
import type { CallMemo } from '../leaf/call/call-memo.ts';
import type { ModelAnswer } from '../leaf/call/model-answer.ts';
import type { MockRule } from '../model/mock-rule.ts';
import type { WorkflowDocument } from '../workflow/document.ts';
import { buildRunTrace, type RunTraceRequest } from './build-run-trace.ts';
import type { RunTrace } from './run-trace.ts';
import { requestOf, type TestRun, type TestRunParts, testRun } from './test-run.ts';
import { everything, everythingRules, hello } from './test-workflows.ts';
import { runTraceJsonSchema, runTraceSchema } from './trace-schema.ts';
import type { Step } from './trace-step.ts';

const validate = new Ajv2020({ allErrors: true }).compile(runTraceJsonSchema());

/** Exports and holds the document against the published schema and the code’s own. */
function exported(run: TestRun, parts: Partial<RunTraceRequest> = {}): RunTrace {
  const trace = buildRunTrace(requestOf(run, parts));
  const document: unknown = JSON.parse(JSON.stringify(trace));
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  expect(runTraceSchema.safeParse(document).error).toBeUndefined();
  expect(document).toEqual(trace);
  expect(trace.steps.map(({ seq }) => seq)).toEqual(trace.steps.map((_, index) => index));
  expect(new Set(trace.steps.map(({ id }) => id)).size).toBe(trace.steps.length);
  return trace;
}

const exportOf = async (
  document: WorkflowDocument,
  parts: TestRunParts = {},
  request: Partial<RunTraceRequest> = {},
): Promise<RunTrace> => exported(await testRun(document, parts), request);

const line = (step: Step): string =>
  `${step.kind} ${step.path}${step.attempt === null ? '' : `#${step.attempt}`} ${step.status}` +
  (step.control === undefined ? '' : `: ${step.control.type} ${step.control.decision}`);

test('a run of every kind of node, step by step', async () => {
  const trace = await exportOf(everything, { rules: everythingRules });
  expect(trace.steps.map(line)).toMatchInlineSnapshot(`
    [
      "run  succeeded",
      "branch explore succeeded",
      "leaf explore/bold#1 succeeded",
      "leaf explore/calm#1 succeeded",
      "model_call explore/bold#1 succeeded",
      "model_call explore/calm#1 succeeded",
      "control best succeeded: tournament winner",
      "control front succeeded: pareto kept 1 of 2",
      "branch fix succeeded",
      "leaf fix[1]/try#1 succeeded",
      "model_call fix[1]/try#1 succeeded",
      "leaf fix[1]/test#1 failed",
      "control fix succeeded: loop_until again",
      "leaf fix[2]/try#1 succeeded",
      "model_call fix[2]/try#1 succeeded",
      "leaf fix[2]/test#1 succeeded",
      "control fix succeeded: loop_until done",
      "leaf files#1 failed",
      "model_call files#1 succeeded",
      "model_call files#1 succeeded",
      "control files succeeded: retry attempt 2",
      "leaf files#2 succeeded",
      "model_call files#2 succeeded",
      "branch per-file succeeded",
      "control per-file succeeded: expand 2 instances",
      "leaf per-file[a.ts]/review#1 succeeded",
      "leaf per-file[b%20c.ts]/review#1 succeeded",
      "model_call per-file[a.ts]/review#1 succeeded",
      "model_call per-file[b%20c.ts]/review#1 succeeded",
      "branch choose succeeded",
      "control choose succeeded: cond then",
      "leaf choose/yes#1 succeeded",
      "model_call choose/yes#1 succeeded",
      "control sum succeeded: reduce succeeded",
      "leaf sum/$reduce#1 succeeded",
      "model_call sum/$reduce#1 succeeded",
    ]
  `);
  expect(trace).toMatchObject({ status: 'succeeded', complete: true, model: 'mock-leaf_reasoner' });
  expect(trace.totals).toMatchObject({ cost_microusd: 2000, retries: 1, errors: 2 });
  const best = trace.steps.find(({ path }) => path === 'best');
  expect(best?.control).toEqual({
    type: 'tournament',
    decision: 'winner',
    candidates: ['bold', 'calm'],
    winner: 'bold',
    scores: { bold: 8, calm: 3 },
    reason: 'best by field: 8',
  });
  const bold = trace.steps.find(({ path, kind }) => path === 'explore/bold' && kind === 'leaf');
  expect(best?.links?.[0]).toEqual({ type: 'winner', path: 'explore/bold', step_id: bold?.id });
});

test('without our own keys the trace is exactly what the seed wrote', async () => {
  const trace = await exportOf(everything, { rules: everythingRules });
  const { run_id, model, workflow, steps, final_output } = trace;
  const seed = {
    run_id,
    model,
    workflow,
    steps: steps.map(({ node, input, output }) => ({ node, input, output })),
    final_output,
  };
  const isText = { anyOf: [{ type: 'string' }, { type: 'null' }] };
  const check = new Ajv2020().compile({
    type: 'object',
    properties: {
      run_id: { type: 'string' },
      model: { type: 'string' },
      workflow: { const: 'whaleflow' },
      steps: {
        type: 'array',
        items: {
          type: 'object',
          properties: { node: { type: 'string' }, input: isText, output: isText },
          required: ['node', 'input', 'output'],
          additionalProperties: false,
        },
      },
      final_output: isText,
    },
    required: ['run_id', 'model', 'workflow', 'steps', 'final_output'],
    additionalProperties: false,
  });
  expect(check(seed)).toBe(true);
  expect(final_output).toMatch(/^Mock answer/);
});

test('the same run exports to the same bytes, and the same workflow to the same ids', async () => {
  const run = await testRun(everything, { rules: everythingRules });
  expect(JSON.stringify(exported(run))).toBe(JSON.stringify(exported(run)));
  const again = await exportOf(everything, { rules: everythingRules });
  const ids = (trace: RunTrace): readonly string[] => trace.steps.map(({ id }) => id).sort();
  expect(ids(again)).toEqual(ids(exported(run)));
});

describe('runs that did not go well', () => {
  test('a failed run says why, and has no output', async () => {
    const rules: readonly MockRule[] = [
      { path: 'greet', fail: { kind: 'refused', message: 'no thanks' } },
    ];
    const trace = await exportOf(hello, { rules });
    expect(trace).toMatchObject({ status: 'failed', complete: true, final_output: null });
    expect(trace.status_reason).toContain('no thanks');
    const [leaf] = trace.steps.filter(({ kind }) => kind === 'leaf');
    expect(leaf?.error).toEqual({ type: 'refused', message: 'no thanks' });
  });

  const ask: WorkflowDocument = {
    id: 'ask',
    goal: 'wait for a person',
    nodes: [{ id: 'ok', kind: 'approve', message: 'Ship it?' }],
  };

  test('a run that waits is not complete, and says who is asked what', async () => {
    const trace = await exportOf(ask);
    expect(trace).toMatchObject({ status: 'running', complete: false, ended_at: null });
    expect(trace.approvals).toMatchObject([
      { path: 'ok', message: 'Ship it?', approved: null, answered_at: null },
    ]);
    const again = await exportOf(ask, {}, { isLost: true });
    expect(again.status).toBe('lost');
  });

  test('an answer, and the driver that took the run over', async () => {
    const { store } = await testRun(ask);
    const answer = { type: 'approval.answered', path: 'ok', approved: true, by: 'ada' } as const;
    const trace = await exportOf(ask, { store, first: [answer] });
    expect(trace.approvals).toMatchObject([{ approved: true, by: 'ada' }]);
    expect(trace).toMatchObject({ status: 'succeeded', lineage: { mode: 'resume', resumes: 1 } });
    expect(trace.steps.find(({ path }) => path === 'ok')?.control?.decision).toBe('approved');
  });

  test('a cut anywhere in the events still makes a valid trace', async () => {
    const run = await testRun(everything, { rules: everythingRules });
    for (let count = 1; count < run.events.length; count += 1) {
      const trace = exported({ ...run, events: run.events.slice(0, count) });
      expect(trace.complete).toBe(false);
    }
  });

  test('a call without a recorded answer has unknown tokens and cost, and the sums say so', async () => {
    const run = await testRun(hello);
    const cut = run.events.findIndex(({ type }) => type === 'model.called');
    const trace = exported({ ...run, events: run.events.slice(0, cut) });
    const call = trace.steps.find(({ kind }) => kind === 'model_call');
    expect(call).toMatchObject({
      status: 'running',
      tokens: null,
      tokens_status: 'unavailable',
      cost_microusd: null,
      cost_status: 'unavailable',
      memo: null,
      memo_status: 'unavailable',
    });
    expect(trace.totals).toMatchObject({ tokens: null, tokens_status: 'unavailable' });
    expect(trace.totals).toMatchObject({ cost_microusd: null, cost_status: 'unknown' });
  });
});

test('a fork names its parent and the leaves that it did not run again', async () => {
  const parent = await testRun(everything, { rules: everythingRules });
  const trace = await exportOf(everything, {
    run: 'fork0fork0fo',
    rules: everythingRules,
    started: { lineage: { mode: 'fork', parent: parent.run } },
    reuse: reuseFrom(parent.run, parent.events),
  });
  expect(trace.lineage).toMatchObject({ mode: 'fork', parent_run_id: parent.run });
  expect(trace.lineage.reused_leaves).toBe(trace.totals.attempts);
  expect(trace.totals).toMatchObject({ model_calls: 0, cost_microusd: 0, cost_status: 'exact' });
  const [leaf] = trace.steps.filter(({ kind }) => kind === 'leaf');
  expect(leaf?.reused_from).toEqual({ run_id: parent.run, path: 'explore/bold', attempt: 1 });
});

test('an answer of the memo names the call that it came from and what it saved', async () => {
  const kept = new Map<string, ModelAnswer>();
  const memo: CallMemo = {
    find: async ({ digest }) => {
      const answer = kept.get(digest);
      if (answer !== undefined) return { outcome: 'hit', answer };
      return { outcome: 'miss', settle: (made) => made && kept.set(digest, made) };
    },
  };
  const twice: WorkflowDocument = {
    id: 'twice',
    goal: 'ask twice',
    nodes: ['one', 'two'].map((id) => ({
      id,
      kind: 'leaf',
      task: { type: 'model', prompt: 'The same.' },
    })),
  };
  const rules: readonly MockRule[] = [{ path: 'one', costMicroUsd: 70 }];
  const trace = await exportOf(twice, { memo, rules });
  const [first, second] = trace.steps.filter(({ kind }) => kind === 'model_call');
  expect(second?.memo).toMatchObject({
    outcome: 'hit',
    source_step_id: first?.id,
    saved_cost_microusd: 70,
  });
  expect(trace.totals).toMatchObject({
    model_calls: 1,
    memo: { hit: 1, joined: 0, miss: 1, bypass: 0 },
    saved_cost_microusd: 70,
  });
});

test('a command is verified by having run; what nobody checked is unavailable', async () => {
  const trace = await exportOf(everything, { rules: everythingRules });
  const tests = trace.steps.filter(({ node }) => node === 'test');
  expect(tests.map(({ verified, verified_by }) => [verified, verified_by])).toEqual([
    [false, 'exit_status'],
    [true, 'exit_status'],
  ]);
  expect(trace.totals.verified).toEqual({ passed: 1, failed: 1, unavailable: 10 });
});

describe('how much of the contents goes along', () => {
  const long = 'x'.repeat(40_000);
  const rules: readonly MockRule[] = [{ path: 'greet', answer: `begin ${long}` }];

  test('full: cut at 32 KiB where it is read, whole among the blobs', async () => {
    const trace = await exportOf(hello, { rules });
    const meta = trace.final_output_meta;
    expect(trace.final_output?.length).toBe(32 * 1024);
    expect(meta).toMatchObject({ truncated: true, bytes: 40_006 });
    expect(trace.blobs[meta?.blob ?? '']?.data).toBe(`begin ${long}`);
  });

  test('preview: 2 KiB, no blobs, no events, not replayable', async () => {
    const trace = await exportOf(hello, { rules }, { content: 'preview' });
    expect(trace.final_output?.length).toBe(2 * 1024);
    expect(trace.final_output_meta).toMatchObject({ truncated: true, blob: null });
    expect(trace).toMatchObject({ blobs: {}, events_blob: null });
    expect(trace.redaction).toMatchObject({ content: 'preview', replayable: false });
  });

  test('metadata: no text of the run and no hash of one', async () => {
    const run = await testRun(everything, {
      rules: everythingRules,
      started: { params: { who: 'the whale' } },
    });
    const trace = exported(run, { content: 'metadata' });
    const text = JSON.stringify(trace);
    for (const content of ['the whale', 'Be bold', 'Mock answer', 'one test fails', 'Summ']) {
      expect(text).not.toContain(content);
    }
    const hashes = text.match(/sha256:[0-9a-f]{64}/g);
    const { integrity, redaction } = trace;
    expect(hashes).toEqual([redaction.policy_sha256, integrity.steps_sha256]);
    expect(redaction).toMatchObject({ level: 'metadata_only', replayable: false });
  });
});

test('texts with NUL, lone surrogates and every alphabet come through', async () => {
  const answer = 'NUL \u0000, lone \ud800 and \udc00, 鯨, 🐋, \u202e, "quotes"\\';
  const trace = await exportOf(hello, { rules: [{ path: 'greet', answer }] });
  expect(trace.final_output).toBe(answer.toWellFormed());
});

test('the head of the chain goes along, unless secrets were taken from what it is a hash of', async () => {
  const chain = { seq: 9, hash: 'a'.repeat(64) };
  const run = await testRun(hello);
  expect(exported(run, { chain }).integrity).toMatchObject({
    chain_head: `sha256:${chain.hash}`,
    chain_seq: 9,
    chain_status: 'recorded',
  });
  const secrets = [{ name: 'KEY', value: 'Say hello.' }];
  const { integrity } = exported(run, { chain, secrets });
  expect(integrity).toMatchObject({ chain_head: null, chain_seq: 9, chain_status: 'withheld' });
});

test('a run of 5,000 steps is exported', async () => {
  const count = 1_250;
  const wide: WorkflowDocument = {
    id: 'wide',
    goal: 'many leaves',
    budget: { maxLeaves: 5_000 },
    nodes: [
      {
        id: 'list',
        kind: 'leaf',
        task: { type: 'model', prompt: 'List.' },
        output: { type: 'array', items: { type: 'string' } },
      },
      {
        id: 'each',
        kind: 'expand',
        source: { node: 'list' },
        template: {
          id: 'pair',
          kind: 'sequence',
          children: [
            { id: 'one', kind: 'leaf', task: { type: 'model', prompt: 'Do {{item}}.' } },
            { id: 'two', kind: 'leaf', task: { type: 'search', query: 'x' } },
          ],
        },
        maxChildren: count,
      },
    ],
  };
  const items = Array.from({ length: count }, (_, index) => `item ${index}`);
  const run = await testRun(wide, { rules: [{ path: 'list', json: items }] });
  const request = requestOf(run, { secrets: [{ name: 'A_TOKEN', value: 'not in here at all' }] });
  const trace = buildRunTrace(request);
  expect(trace.steps.length).toBeGreaterThanOrEqual(5_000);
});

test('property: whatever the leaves do, the export validates and its events replay', async () => {
  const fail = fc.constantFrom('refused', 'schema', 'exit', 'timeout', 'sandbox' as const);
  const rule = fc.record({
    path: fc.constantFrom('*', 'explore/*', 'fix/test', 'fix/*', 'files', 'per-file/*', 'sum/*'),
    attempt: fc.constantFrom(1, 2),
    end: fc.oneof(
      fc.record({ fail: fc.record({ kind: fail, message: fc.string() }) }),
      fc.record({ answer: fc.string({ unit: 'binary' }) }),
      fc.record({ json: fc.jsonValue() }),
      fc.record({ exit: fc.constantFrom(0, 1) }),
    ),
  });
  const made = fc.array(rule, { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(made, async (rules) => {
      const flat = rules.map(({ end, ...rest }) => ({ ...rest, ...end }) as MockRule);
      const run = await testRun(everything, { rules: [...flat, ...everythingRules] });
      const trace = exported(run);
      expect(trace.complete).toBe(true);
      expect(trace.redaction.replayable).toBe(true);
      expect(replay(run.events).verdict).toBe('identical');
    }),
    { numRuns: 60 },
  );
});
