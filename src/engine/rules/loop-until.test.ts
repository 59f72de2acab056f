import { describe, expect, test } from 'vitest';
import type { LoopUntilDocument } from '../../workflow/document.ts';
import { command, leaf, testRun } from '../test-run.ts';

function loop(parts: Partial<LoopUntilDocument> = {}): LoopUntilDocument {
  return {
    kind: 'loop_until',
    id: 'fix',
    until: { op: 'succeeded', node: 'test' },
    maxIterations: 2,
    children: [leaf('edit'), command('test')],
    ...parts,
  };
}

describe('loop_until', () => {
  test('runs until its condition holds and gives what its last child gave', () => {
    const run = testRun([loop()]);
    run.finish('fix[1]/edit').fail('fix[1]/test').finish('fix[2]/edit').finish('fix[2]/test');
    expect(run.said()).toMatchInlineSnapshot(`
      "start fix
      ask fix[1]/edit#1
      ask fix[1]/test#1 in /@c0
      ask fix[2]/edit#1
      ask fix[2]/test#1 in /@c0
      end fix succeeded = fix[2]/test
      end / succeeded = fix
      run succeeded = fix"
    `);
  });

  test('a failed child ends its iteration only', () => {
    const run = testRun([loop()]);
    run.fail('fix[1]/edit', 'refused');
    expect(run.said()).toMatchInlineSnapshot(`
      "start fix
      ask fix[1]/edit#1
      ask fix[2]/edit#1"
    `);
  });

  test('fails when its iterations are used up', () => {
    const run = testRun([loop({ maxIterations: 1 })]);
    run.finish('fix[1]/edit').fail('fix[1]/test');
    expect(run.said()).toMatchInlineSnapshot(`
      "start fix
      ask fix[1]/edit#1
      ask fix[1]/test#1 in /@c0
      end fix failed loop_exhausted: the condition of fix did not hold after 1 iterations
      end / failed loop_exhausted: the condition of fix did not hold after 1 iterations
      run failed loop_exhausted: the condition of fix did not hold after 1 iterations"
    `);
  });

  test('goes on degraded where the author says so', () => {
    const run = testRun([loop({ maxIterations: 1, onExhausted: 'continue' }), leaf('after')]);
    run.finish('fix[1]/edit').fail('fix[1]/test').finish('after');
    expect(run.said()).toMatchInlineSnapshot(`
      "start fix
      ask fix[1]/edit#1
      ask fix[1]/test#1 in /@c0
      end fix degraded = fix[1]/test
      ask after#1
      end / degraded = after
      run degraded = after"
    `);
  });

  test('a condition in plain language is answered by a judge in each iteration', () => {
    const run = testRun([loop({ until: 'the work is done', children: [leaf('edit')] })]);
    run.finish('fix[1]/edit').finish('fix[1]/$until', { holds: false, evidence: '' });
    run.finish('fix[2]/edit').finish('fix[2]/$until', { holds: true, evidence: '' });
    expect(run.said()).toMatchInlineSnapshot(`
      "start fix
      ask fix[1]/edit#1
      ask fix[1]/$until#1
      ask fix[2]/edit#1
      ask fix[2]/$until#1
      end fix succeeded = fix[2]/edit
      end / succeeded = fix
      run succeeded = fix"
    `);
  });

  test('fails with its judge', () => {
    const run = testRun([loop({ until: 'the work is done', children: [leaf('edit')] })]);
    run.finish('fix[1]/edit').fail('fix[1]/$until', 'refused');
    expect(run.said()).toMatchInlineSnapshot(`
      "start fix
      ask fix[1]/edit#1
      ask fix[1]/$until#1
      end fix failed refused: $until: refused of fix[1]/$until
      end / failed refused: $until: refused of fix[1]/$until
      run failed refused: $until: refused of fix[1]/$until"
    `);
  });

  test('previous(x) is absent in the first iteration and the last one’s afterwards', () => {
    const inputs = { before: { node: 'edit', previous: true } };
    const run = testRun([loop({ children: [leaf('edit', { inputs }), command('test')] })]);
    run.finish('fix[1]/edit').fail('fix[1]/test');
    const requests = run.trace.filter((event) => event.type === 'leaf.requested');
    expect(requests.map(({ path, inputs }) => [path, inputs])).toEqual([
      ['fix[1]/edit', { before: null }],
      ['fix[1]/test', undefined],
      ['fix[2]/edit', { before: { path: 'fix[1]/edit' } }],
    ]);
  });

  test('a required previous(x) that failed skips its leaf, in nested loops too', () => {
    const inputs = { before: { node: 'edit', previous: true } };
    const inner = loop({
      id: 'inner',
      until: { op: 'failed', node: 'note' },
      children: [leaf('edit', { inputs }), leaf('note', { inputs: ['edit'] })],
    });
    const outer = { until: { op: 'failed', node: 'inner' }, children: [inner] } as const;
    const run = testRun([loop(outer)]);
    run.fail('fix[1]/inner[1]/edit', 'refused');
    expect(run.said()).toMatchInlineSnapshot(`
      "start fix
      start fix[1]/inner
      ask fix[1]/inner[1]/edit#1
      end fix[1]/inner[2]/edit skipped input
      end fix[1]/inner[2]/note skipped input
      end fix[1]/inner failed loop_exhausted: the condition of inner did not hold after 2 iterations
      end fix degraded = fix[1]/inner
      end / degraded = fix
      run degraded = fix"
    `);
  });

  test('is cancelled at the iteration that has begun, not at the one that waits', () => {
    const run = testRun([loop()], { concurrency: { model: 1, command: 1 } });
    run.finish('fix[1]/edit').post({ type: 'run.paused', by: 'ada' }).fail('fix[1]/test');
    run.post({ type: 'run.cancelled', by: 'ada' });
    expect(run.state.nodes.get('fix')).toMatchObject({ iterations: 1 });
  });
});
