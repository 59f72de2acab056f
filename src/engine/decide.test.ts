import { describe, expect, test } from 'vitest';
import type { NodeDocument } from '../workflow/document.ts';
import { command, leaf, type TestRun, testRun, writer } from './test-run.ts';

const driven = (epoch: number) =>
  ({ type: 'run.driven', epoch, pid: 1, host: 'h', versions: {} }) as const;
const cancelled = { type: 'run.cancelled', by: 'ada' } as const;

describe('retries', () => {
  const retry = { maxAttempts: 3, on: ['schema'], backoffMs: 100, maxBackoffMs: 150 } as const;
  const flaky = leaf('a', { retry });

  test('wait for timers that double up to their limit, then the leaf fails', () => {
    const run = testRun([flaky]).fail('a', 'schema').fire('a').fail('a', 'schema').fire('a');
    run.fail('a', 'schema');
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      timer a retry 2: 100 ms
      ask a#2
      timer a retry 3: 150 ms
      ask a#3
      end / failed schema: a: schema of a
      run failed schema: a: schema of a"
    `);
  });

  test('are for the kinds of failure that the author named', () => {
    expect(testRun([flaky]).fail('a', 'refused').said()).toContain('end / failed refused');
  });

  test('go on after a crash while their timer was armed', () => {
    const run = testRun([flaky]).fail('a', 'schema').crash().post(driven(2));
    run.said();
    expect(run.fire('a').said()).toBe('ask a#2');
  });

  test('start from the tree as the failed attempt left it', () => {
    const run = testRun([writer('w', { retry })]).fail('w', 'schema', { commit: 'half' });
    expect(run.fire('w').said()).toContain('ask w#2 in /@half');
  });

  test('are not armed for a leaf that is closed meanwhile', () => {
    const run = testRun([flaky]).fail('a', 'schema').post(cancelled);
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      timer a retry 2: 100 ms
      timer a retry 2: off
      end a cancelled person
      end / cancelled person
      run cancelled person"
    `);
  });
});

describe('lost attempts', () => {
  test('do not use up retries; the third loss fails the leaf', () => {
    const retry = { maxAttempts: 2, on: ['schema'], backoffMs: 1 } as const;
    const run = testRun([leaf('a', { retry })])
      .lose('a')
      .fail('a', 'schema')
      .fire('a')
      .lose('a');
    run.lose('a');
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      ask a#2
      timer a retry 3: 1 ms
      ask a#3
      ask a#4
      end / failed lost: a: lost 3 times with its driver
      run failed lost: a: lost 3 times with its driver"
    `);
  });

  test('count their calls that never came back as spent in full', () => {
    const route = { provider: 'p', model: 'm' };
    const call = { path: 'a', attempt: 1, try: 1, digest: 'd', route } as const;
    const reserved = { costMicroUsd: 70, tokens: 9 };
    const run = testRun([leaf('a')]);
    run.post({ type: 'model.requested', ...call, call: 1, reserved });
    run.post({ type: 'model.requested', ...call, call: 2, reserved });
    const content = { digest: 'd', bytes: 1, type: 'json' } as const;
    const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    const usage = { tokens, costMicroUsd: 5, costStatus: 'exact' } as const;
    const { digest: _digest, ...called } = { ...call, call: 1, request: content, usage };
    run
      .post({ type: 'model.called', ...called, memo: 'miss', latencyMs: 1 })
      .crash()
      .lose('a');
    expect(run.state.totals).toMatchObject({
      costMicroUsd: 75,
      costStatus: 'estimated',
      tokens: { uncached: 10 },
      modelCalls: 2,
    });
  });
});

describe('a leaf that is restarted', () => {
  const restarted = { type: 'leaf.restarted', path: 'a', by: 'ada' } as const;

  test('is aborted, and asked again when it has reported; its result counts for nothing', () => {
    const run = testRun([leaf('a'), leaf('b')]).post(restarted);
    run.finish('a', 'late', { late: true }).finish('a').finish('b');
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      abort a (person)
      ask a#2
      ask b#1
      end / succeeded = b
      run succeeded = b"
    `);
  });

  test('twice is as once', () => {
    const run = testRun([leaf('a')]).post(restarted);
    run.said();
    expect(run.post(restarted).said()).toBe('');
    expect(run.fail('a', 'refused', { late: true }).said()).toBe('ask a#2');
  });

  test('and then given up runs once more, whose result counts', () => {
    const run = testRun([leaf('a')])
      .post(restarted)
      .lose('a')
      .finish('a');
    expect(run.said()).toContain('run succeeded = a');
  });

  test('uses up none of its retries', () => {
    const retry = { maxAttempts: 2, on: ['schema'], backoffMs: 7 } as const;
    const run = testRun([leaf('a', { retry })])
      .post(restarted)
      .finish('a', 'late', { late: true });
    expect(run.fail('a', 'schema').said()).toContain('timer a retry 3: 7 ms');
  });

  test('is ended by a second abort, in the fold too', () => {
    const run = testRun([leaf('a')])
      .post(restarted)
      .post(cancelled);
    expect(run.said()).toContain('abort a (person)\nabort a (person)\nend / cancelled person');
    expect(run.crash().state.nodes.get('a')).toMatchObject({ status: 'cancelled' });
  });

  test('leaves its tree as it was', () => {
    const run = testRun([writer('a')]).post(restarted);
    run.finish('a', 'late', { late: true, commit: 'c9' });
    expect(run.said()).toContain('ask a#2 in /@c0');
  });
});

test('a leaf that ended late with its driver is asked again', () => {
  const run = testRun([leaf('a')]).post({ type: 'run.stopped', because: 'interrupted' });
  run.fail('a', 'internal', { late: true }).crash().post(driven(2)).finish('a');
  expect(run.said()).toMatchInlineSnapshot(`
    "ask a#1
    ask a#2
    end / succeeded = a
    run succeeded = a"
  `);
});

describe('cancel', () => {
  const race: NodeDocument = {
    kind: 'branch_set',
    id: 'race',
    children: [leaf('x'), { kind: 'sequence', id: 's', children: [leaf('y'), leaf('z')] }],
  };

  test('of the run aborts what is in flight and ends when all have reported', () => {
    const run = testRun([race, leaf('after')]).post(cancelled);
    expect(run.said()).toMatchInlineSnapshot(`
      "start race
      start race/s
      ask race/x#1
      ask race/s/y#1
      abort race/x (person)
      abort race/s/y (person)
      end race/s cancelled person
      end race cancelled person
      end / cancelled person"
    `);
    run.finish('race/x', 'late', { late: true }).lose('race/s/y');
    expect(run.said()).toBe('run cancelled person');
  });

  test('of a leaf in flight ends it, and what follows from that', () => {
    const run = testRun([race, leaf('after')]);
    run.post({ type: 'leaf.cancelled', path: 'race/s/y', by: 'ada' });
    expect(run.said()).toMatchInlineSnapshot(`
      "start race
      start race/s
      ask race/x#1
      ask race/s/y#1
      abort race/s/y (person)
      end race/s cancelled person"
    `);
  });

  test('of a leaf that waits for admission ends it for good', () => {
    const run = testRun([race], { concurrency: { model: 1, command: 1 } });
    run.post({ type: 'leaf.cancelled', path: 'race/s/y', by: 'ada' });
    expect(run.said()).toMatchInlineSnapshot(`
      "start race
      start race/s
      ask race/x#1
      end race/s/y cancelled person
      end race/s cancelled person"
    `);
    expect(run.crash().finish('race/x').said()).toContain('run degraded');
  });

  test('of a node ends all of it', () => {
    const run = testRun([race, leaf('after')]);
    run.post({ type: 'leaf.cancelled', path: 'race', by: 'ada' });
    expect(run.said()).toMatchInlineSnapshot(`
      "start race
      start race/s
      ask race/x#1
      ask race/s/y#1
      abort race/x (person)
      abort race/s/y (person)
      end race/s cancelled person
      end race cancelled person
      end / cancelled person"
    `);
  });

  test('of what has ended changes nothing', () => {
    const run = testRun([leaf('a'), leaf('b')]).finish('a');
    run.said();
    expect(run.post({ type: 'leaf.cancelled', path: 'a', by: 'ada' }).said()).toBe('');
  });
});

describe('a node that a person skips', () => {
  const skip = (path: string) => ({ type: 'leaf.skipped', path, by: 'ada' }) as const;
  const chain: readonly NodeDocument[] = [leaf('a'), leaf('b', { inputs: ['a'] }), leaf('c')];

  test('in flight is aborted; what needs it is skipped, what does not goes on', () => {
    const run = testRun(chain).post(skip('a'));
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      abort a (skip)
      end b skipped input
      ask c#1"
    `);
    run.finish('a', 'late', { late: true }).finish('c');
    expect(run.said()).toMatchInlineSnapshot(`
      "end / degraded = c
      run degraded = c"
    `);
  });

  test('keeps its slot until it has reported', () => {
    const run = testRun(chain, { concurrency: { model: 1, command: 1 } }).post(skip('a'));
    expect(run.said()).not.toContain('ask c');
    expect(run.lose('a').said()).toContain('ask c#1');
  });

  test('waiting for admission ends for good', () => {
    const both: NodeDocument = { kind: 'branch_set', id: 'b', children: [leaf('x'), leaf('y')] };
    const run = testRun([both], { concurrency: { model: 1, command: 1 } }).post(skip('b/y'));
    expect(run.crash().finish('b/x').said()).toMatchInlineSnapshot(`
      "start b
      ask b/x#1
      end b/y skipped person
      end b degraded = {b/x}
      end / degraded = b
      run degraded = b"
    `);
  });

  test('waiting for its retry ends, and its timer is off', () => {
    const retry = { maxAttempts: 2, on: ['schema'], backoffMs: 9 } as const;
    const run = testRun([leaf('a', { retry }), leaf('b')])
      .fail('a', 'schema')
      .post(skip('a'));
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      timer a retry 2: 9 ms
      timer a retry 2: off
      end a skipped person
      ask b#1"
    `);
  });

  test('waiting for a person ends without an answer', () => {
    const ask: NodeDocument = { kind: 'approve', id: 'ok', message: 'Go on?' };
    const run = testRun([ask, leaf('b')]).post(skip('ok'));
    expect(run.said()).toMatchInlineSnapshot(`
      "start ok
      person ok: Go on?
      end ok skipped person
      ask b#1"
    `);
    expect(run.state.waiting.size).toBe(0);
  });

  test('while it is restarted is not asked again', () => {
    const run = testRun([leaf('a'), leaf('b')]);
    run.post({ type: 'leaf.restarted', path: 'a', by: 'ada' }).post(skip('a'));
    expect(run.finish('a', 'late', { late: true }).said()).not.toContain('ask a#2');
  });

  test('with others below it ends all of them', () => {
    const both: NodeDocument = { kind: 'branch_set', id: 'b', children: [leaf('x'), leaf('y')] };
    expect(
      testRun([both, leaf('c')])
        .post(skip('b'))
        .said(),
    ).toMatchInlineSnapshot(`
      "start b
      ask b/x#1
      ask b/y#1
      abort b/x (person)
      abort b/y (person)
      end b skipped person
      ask c#1"
    `);
  });

  test.each([
    ['the run itself', ''],
    ['what has ended', 'a'],
    ['what has not begun', 'c'],
    ['what is not there', 'nothing'],
  ])('is not %s', (_what, path) => {
    const run = testRun(chain).finish('a');
    run.said();
    expect(run.post(skip(path)).said()).toBe('');
  });

  test('under a pause: ends now, and nothing new begins', () => {
    const run = testRun(chain).post({ type: 'run.paused', by: 'ada' }).post(skip('a'));
    run.finish('a', 'late', { late: true });
    expect(run.said()).not.toContain('ask c');
    expect(run.post({ type: 'run.resumed', by: 'ada' }).said()).toBe('ask c#1');
  });
});

describe('slots', () => {
  const many: NodeDocument = {
    kind: 'branch_set',
    id: 'b',
    children: [leaf('m1'), command('c1'), leaf('m2'), command('c2')],
  };
  const narrow = { concurrency: { model: 1, command: 1 } };

  test('models and commands are limited apart, and asked as written', () => {
    const run = testRun([many], narrow);
    expect(run.said()).toMatchInlineSnapshot(`
      "start b
      ask b/m1#1
      ask b/c1#1 in /@c0"
    `);
    expect(run.finish('b/c1').said()).toBe('ask b/c2#1 in /@c0');
  });

  test('an aborted leaf keeps its slot until it reports', () => {
    const race: NodeDocument = {
      kind: 'branch_set',
      id: 'b',
      join: 'first_success',
      children: [command('x'), command('y')],
    };
    const two = { concurrency: { model: 1, command: 2 } };
    const wide = ['p', 'q'].map((id) => command(id));
    const run = testRun([race, { kind: 'branch_set', id: 'next', children: wide }], two);
    run.finish('b/x');
    run.said();
    expect(run.state.busy.command).toBe(2);
    expect(run.finish('b/y', 'late', { late: true }).said()).toBe('ask next/q#1 in /@c0');
  });

  test('leaves that wait are asked as written, after a resume too', () => {
    const run = testRun([many], narrow).crash().post(driven(2)).lose('b/c1').lose('b/m1');
    expect(run.said()).toMatchInlineSnapshot(`
      "start b
      ask b/m1#1
      ask b/c1#1 in /@c0
      ask b/c1#2 in /@c0
      ask b/m1#2"
    `);
  });

  test('a paused run asks for nothing, and goes on when it is resumed', () => {
    const run = testRun([leaf('a'), leaf('b')]).post({ type: 'run.paused', by: 'ada' });
    run.said();
    expect(run.finish('a').said()).toBe('');
    expect(run.post({ type: 'run.resumed', by: 'ada' }).said()).toBe('ask b#1');
  });
});

describe('budgets', () => {
  const document = { budget: { maxSteps: 1 } };
  const raised = (more: Readonly<Record<string, number>>) =>
    ({ type: 'budget.raised', budget: more }) as const;

  test('of the run stop it when nothing is in flight, and it goes on when they are raised', () => {
    const run = testRun([leaf('a'), leaf('b')], { document })
      .call('a', 1)
      .finish('a');
    expect(run.said()).toMatchInlineSnapshot(`
      "ask a#1
      stop budget: 1 steps are used up"
    `);
    run.crash().post(driven(2));
    expect(run.said()).toBe('stop budget: 1 steps are used up');
    expect(run.post(raised({ maxSteps: 2 })).said()).toBe('ask b#1');
  });

  test('of the run wait for what is in flight', () => {
    const both: NodeDocument = { kind: 'branch_set', id: 'b', children: [leaf('x'), leaf('y')] };
    const run = testRun([both, leaf('z')], { document, concurrency: { model: 1, command: 1 } });
    run.call('b/x', 1);
    run.said();
    expect(run.finish('b/x').said()).toContain('stop budget');
    const line: NodeDocument = { kind: 'sequence', id: 's', children: [leaf('v'), leaf('w')] };
    const wide = testRun([{ kind: 'branch_set', id: 'b', children: [leaf('u'), line] }], {
      document,
    });
    wide.call('b/s/v', 1).finish('b/s/v');
    expect(wide.said()).not.toContain('stop');
    expect(wide.finish('b/u').said()).toContain('stop budget');
  });

  test('of a branch fail the branch only', () => {
    const branch: NodeDocument = {
      kind: 'sequence',
      id: 's',
      budget: { maxLeaves: 2 },
      children: [leaf('x'), leaf('y'), leaf('z')],
    };
    const both: NodeDocument = { kind: 'branch_set', id: 'b', children: [branch, leaf('w')] };
    const run = testRun([both], { document: { budget: { maxLeaves: 9 } } });
    run.finish('b/s/x').finish('b/s/y').finish('b/w');
    expect(run.said()).toMatchInlineSnapshot(`
      "start b
      start b/s
      ask b/s/x#1
      ask b/w#1
      ask b/s/y#1
      end b/s failed budget: s: 2 leaves are used up
      end b degraded = {b/w}
      end / degraded = b
      run degraded = b"
    `);
  });

  test('of time count what was driven and not paused', () => {
    const timed = { document: { budget: { maxMs: 1000 } } };
    const run = testRun([leaf('a'), leaf('b'), leaf('c')], timed).wait(600);
    run.post({ type: 'run.paused', by: 'ada' }).wait(5000);
    run.post({ type: 'run.resumed', by: 'ada' }).finish('a').crash().wait(5000).post(driven(2));
    expect(run.said()).toContain('ask b#1');
    expect(run.wait(500).finish('b').said()).toContain('stop budget: 1000 ms are over');
  });
});

test('a report of an attempt that holds no slot changes nothing', () => {
  const run = testRun([writer('a'), leaf('b')]).lose('a');
  run.said();
  const extras = { attempt: 1, commit: 'c9', fruit: [{ type: 'note', title: 'n', evidence: [] }] };
  expect(run.finish('a', 'late', extras as never).said()).toBe('');
  expect(run.state).toMatchObject({ fruitful: [], busy: { model: 1 } });
  expect(run.state.trees.get('')?.at).toBe('c0');
});

test('what began when is the same after a resume', () => {
  const started = (run: TestRun) => run.state.nodes.get('b/y')?.startedAt;
  const both: NodeDocument = { kind: 'branch_set', id: 'b', children: [leaf('x'), leaf('y')] };
  const run = testRun([both], { concurrency: { model: 1, command: 1 } })
    .wait(100)
    .finish('b/x');
  run.finish('b/y');
  expect(started(run)).toBe(102);
  expect(started(run.crash())).toBe(102);
});

test('a tree of its own is forked when the leaf is asked, not when it begins to wait', () => {
  const both: NodeDocument = {
    kind: 'branch_set',
    id: 'b',
    children: [writer('x'), writer('y', { isolation: 'worktree' })],
  };
  const run = testRun([both], { concurrency: { model: 1, command: 1 } });
  run.finish('b/x', 'done', { commit: 'c1' });
  expect(run.said()).toContain('ask b/y#1 in /b/y@c1');
  expect(run.crash().state.trees.get('b/y')?.from).toBe('c1');
});
