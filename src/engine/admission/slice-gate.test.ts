import { describe, expect, test } from 'vitest';
import type { Slice } from '../../trace/events.ts';
import type { NodeDocument } from '../../workflow/document.ts';
import { command, leaf, type TestRun, testRun } from '../test-run.ts';

const OUTPUT = 100;
/** A leaf that asks once: it may write `OUTPUT` tokens, and reads about 200. */
const asking = (id: string, parts = {}): NodeDocument =>
  leaf(id, { modelPolicy: { maxOutputTokens: OUTPUT }, ...parts });
const often = (id: string, parts = {}): NodeDocument =>
  leaf(id, { task: { type: 'agent', prompt: id }, ...parts });
const all = (children: readonly NodeDocument[], parts = {}): NodeDocument =>
  ({ kind: 'branch_set', id: 'b', children, ...parts }) as NodeDocument;
const slices = ({ trace }: TestRun): Readonly<Record<string, Slice | undefined>> =>
  Object.fromEntries(
    trace.flatMap((event) =>
      event.type === 'leaf.requested' ? [[`${event.path}#${event.attempt}`, event.slice]] : [],
    ),
  );
const inFlight = (run: TestRun): readonly string[] => [...run.state.inFlight.keys()];
const short = (run: TestRun, path: string, missing: object): TestRun =>
  run.fail(path, 'budget', { short: missing } as never);

describe('a leaf that asks once', () => {
  test('gets the reservation of its call, so that a tight ceiling holds as many as it can pay', () => {
    const leaves = ['v', 'w', 'x', 'y', 'z'].map((id) => asking(id));
    const run = testRun([all(leaves)], { document: { budget: { maxTokens: 1_200 } } });
    const { tokens = 0 } = slices(run)['b/v#1'] ?? {};
    expect(tokens).toBeGreaterThan(OUTPUT);
    expect(inFlight(run)).toHaveLength(Math.floor(1_200 / tokens));
    expect(run.state.totals.held.tokens).toBe(tokens * inFlight(run).length);
  });

  test('gives back what it did not use, and the next begins with it', () => {
    const run = testRun([all([asking('x'), asking('y')])], {
      document: { budget: { maxTokens: 450 } },
    });
    expect(inFlight(run)).toEqual(['b/x']);
    expect(run.call('b/x', 1).finish('b/x').said()).toContain('ask b/y#1');
  });

  test('reserves what its inputs have in them, as far as it goes into a prompt', () => {
    const reserved = (bytes: number): number => {
      const run = testRun([asking('a'), asking('c', { inputs: ['a'] })]);
      const output = { digest: 'd', bytes, type: 'text' } as const;
      const result = { status: 'succeeded', output } as const;
      run.post({ type: 'leaf.finished', path: 'a', attempt: 1, result });
      return slices(run)['c#1']?.tokens ?? 0;
    };
    expect(reserved(4_000) - reserved(0)).toBe(1_000);
    expect(reserved(4_000_000) - reserved(0)).toBe(8_192);
  });
});

describe('a leaf that asks as often as it likes', () => {
  test('gets a share, with something left for what follows', () => {
    const budget = { maxTokens: 90_000 };
    const one = testRun([often('a')], { document: { budget } });
    expect(slices(one)['a#1']?.tokens).toBe(45_000);
    const two = testRun([all([often('x'), often('y')])], { document: { budget } });
    expect(slices(two)['b/x#1']?.tokens).toBe(30_000);
    expect(slices(two)['b/y#1']?.tokens).toBe(30_000);
  });

  test('gets what its author gave it', () => {
    const own = often('x', { budget: { maxTokens: 50_000 } });
    const budget = { maxTokens: 90_000 };
    const run = testRun([all([own, often('y'), often('z')])], { document: { budget } });
    expect(slices(run)['b/x#1']?.tokens).toBe(50_000);
    expect(slices(run)['b/y#1']?.tokens).toBe(13_333);
  });

  test('that was short begins again with more, and counts as no try', () => {
    const run = testRun([often('a')], { document: { budget: { maxTokens: 90_000 } } });
    short(run, 'a', { tokens: 45_001 });
    expect(run.state.nodes.get('a')).toMatchObject({ attempt: 2, brokenOff: 1 });
    expect(slices(run)['a#2']?.tokens).toBe(90_000);
  });

  test('that no slice is large enough for stops the run, which goes on when it is raised', () => {
    const run = testRun([often('a')], { document: { budget: { maxTokens: 90_000 } } });
    run.said();
    expect(short(run, 'a', { tokens: 90_001 }).said()).toBe(
      'stop budget: a call of up to 90001 tokens does not fit into the 90000 tokens left of 90000',
    );
    expect(run.post({ type: 'budget.raised', budget: { maxTokens: 91_000 } }).said()).toBe(
      'ask a#2 in /@c0',
    );
  });
});

describe('a leaf that is short of a slice', () => {
  const budget = { maxSteps: 1 };

  test('waits while a leaf in flight below that budget may give one back, and others go on', () => {
    const tight = { kind: 'branch_set', id: 't', budget, children: [asking('x'), asking('y')] };
    const run = testRun([all([tight as NodeDocument, asking('z')])]);
    expect(inFlight(run)).toEqual(['b/t/x', 'b/z']);
    expect(run.finish('b/t/x').said()).toContain('ask b/t/y#1');
  });

  test('fails the node when nothing comes back', () => {
    const tight = { kind: 'branch_set', id: 't', budget, children: [asking('x'), asking('y')] };
    const run = testRun([all([tight as NodeDocument, asking('z')])]);
    run.call('b/t/x', 1).finish('b/t/x');
    expect(run.said()).toContain('end b/t failed budget: t: 1 steps are used up');
    expect(run.state.stopped).toBeUndefined();
  });

  test('is overtaken by nobody of its kind that comes later, however small', () => {
    const large = asking('y', { modelPolicy: { maxOutputTokens: 900 } });
    const leaves = [asking('x'), large, asking('z')];
    const run = testRun([all(leaves)], { document: { budget: { maxTokens: 1_200 } } });
    expect(inFlight(run)).toEqual(['b/x']);
    expect(run.finish('b/x').said()).toContain('ask b/y#1');
    expect(inFlight(run)).toEqual(['b/y']);
  });

  test('holds no leaf up that draws nothing of that budget', () => {
    const run = testRun([all([asking('x'), asking('y'), command('c')])], {
      document: { budget: { maxTokens: 400 } },
    });
    expect(inFlight(run)).toEqual(['b/x', 'b/c']);
  });

  test('may never begin where its own budget is smaller than one call', () => {
    const run = testRun([asking('a', { budget: { maxTokens: 50 } })]);
    expect(run.said()).toContain('end a failed budget: a: a call of up to');
    expect(slices(run)).toEqual({});
  });
});

test('calls that never came back are spent, and the rest of the slice is free', () => {
  const run = testRun([asking('a')], { document: { budget: { maxTokens: 1_000 } } });
  const call = { path: 'a', attempt: 1, call: 1, try: 1, route: { provider: 'p', model: 'm' } };
  const reserved = { costMicroUsd: 3, tokens: 120 };
  run.post({ type: 'model.requested', ...call, digest: 'd', reserved }).lose('a');
  expect(run.state.totals.tokens.uncached).toBe(120);
  expect(run.state.totals.costStatus).toBe('estimated');
  expect(run.state.totals.held.tokens).toBe(slices(run)['a#2']?.tokens);
});

test('what a call used over its slice is spent but was never held', () => {
  const document = { budget: { maxCostMicroUsd: 100 } };
  const run = testRun([asking('a')], { document }).call('a', 400);
  expect(run.state.totals).toMatchObject({ costMicroUsd: 400, held: { costMicroUsd: 0 } });
});

test('a slice has the time that is left, and late leaves wait for nobody', () => {
  const run = testRun([asking('a'), asking('c')], { document: { budget: { maxMs: 1_000 } } });
  expect(slices(run)['a#1']?.ms).toBe(1_000);
  run.wait(600).finish('a');
  expect(slices(run)['c#1']?.ms).toBe(399);
  expect(run.wait(399).finish('c', 'late', { late: true }).said()).toContain('1000 ms are over');
});

test('a driver that comes after a crash admits as the first would have', () => {
  const leaves = ['v', 'w', 'x'].map((id) => asking(id));
  const begin = (): TestRun => testRun([all(leaves)], { document: { budget: { maxTokens: 450 } } });
  const whole = begin().finish('b/v').finish('b/w').finish('b/x');
  const broken = begin().crash().finish('b/v').crash().finish('b/w').crash().finish('b/x');
  expect(broken.trace).toEqual(whole.trace);
});
