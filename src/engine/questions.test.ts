import { expect, test } from 'vitest';
import type { Timers } from '../system/clock.ts';
import type { Fact } from '../trace/events.ts';
import { Questions, type StandingAnswers } from './questions.ts';

/** Timers that fire when the test says so. */
function heldTimers(): Timers & { fire(): void } {
  let pending: (() => void) | undefined;
  return {
    after(_delayMs, action) {
      pending = action;
      return {
        cancel() {
          pending = undefined;
        },
      };
    },
    nextTurn: () => {},
    fire: () => pending?.(),
  };
}

/** A driver that takes every fact, and hears of it at once. */
function driver(standing?: StandingAnswers) {
  const facts: Fact[] = [];
  const timers = heldTimers();
  const post = async (fact: Fact): Promise<void> => {
    facts.push(fact);
    questions.see(fact);
    questions.answerStanding(fact);
  };
  const questions = new Questions({
    post,
    timers,
    ...(standing === undefined ? {} : { standing }),
  });
  return { facts, timers, questions, post };
}

const asked = { type: 'approval.asked', path: 'a', message: 'may I?' } as const;
const yes = { type: 'approval.answered', path: 'a', approved: true, by: 'ada' } as const;
const NEVER = new AbortController().signal;

test('a leaf waits until somebody answers its question', async () => {
  const { questions, facts, post } = driver();
  const answer = questions.ask('a', { message: 'may I?' }, NEVER);
  await post({ ...yes, path: 'b' });
  await post({ ...yes, reason: 'go on' });
  expect(await answer).toEqual({ approved: true, by: 'ada', reason: 'go on' });
  expect(facts[0]).toEqual(asked);
});

test('the clock says no', async () => {
  const { questions, timers } = driver();
  const answer = questions.ask('a', { message: 'may I?', timeoutMs: 5 }, NEVER);
  timers.fire();
  expect(await answer).toEqual({ approved: false, by: 'timeout' });
});

test('an end of the leaf ends the waiting', async () => {
  const { questions } = driver();
  const stop = new AbortController();
  const answer = questions.ask('a', { message: 'may I?' }, stop.signal);
  stop.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
  await expect(questions.ask('a', { message: 'x' }, stop.signal)).rejects.toThrow('enough');
});

test('an answer that nobody was there to hear is served to the same question, once', async () => {
  const { questions, facts, post } = driver();
  for (const event of [asked, yes]) questions.see(event);
  expect(await questions.ask('a', { message: 'may I?' }, NEVER)).toEqual({
    approved: true,
    by: 'ada',
  });
  expect(facts).toEqual([]);
  const again = questions.ask('a', { message: 'may I?' }, NEVER);
  await post({ ...yes, approved: false });
  expect(await again).toMatchObject({ approved: false });
});

test.each([
  ['another question', [asked, yes], 'may I not?'],
  [
    'a leaf that has ended',
    [
      asked,
      yes,
      {
        type: 'leaf.finished',
        path: 'a',
        attempt: 1,
        result: { status: 'failed', failure: { kind: 'exit', message: 'no' } },
      },
    ],
    'may I?',
  ],
] as const)('but not to %s', async (_what, events, message) => {
  const { questions, facts, post } = driver();
  for (const event of events) questions.see(event as Fact);
  const answer = questions.ask('a', { message }, NEVER);
  expect(facts).toEqual([{ ...asked, message }]);
  await post({ ...yes, by: 'bob' });
  expect(await answer).toMatchObject({ by: 'bob' });
});

test('a standing answer is given at once, to nodes and to leaves', async () => {
  const standing: StandingAnswers = ({ message }) =>
    message === 'may I?' ? { approved: true, by: 'rule' } : undefined;
  const { questions, facts, post } = driver(standing);
  expect(await questions.ask('a', { message: 'may I?' }, NEVER)).toMatchObject({ by: 'rule' });
  await post({ ...asked, path: 'b', message: 'something else?' });
  expect(facts.map(({ type }) => type)).toEqual([
    'approval.asked',
    'approval.answered',
    'approval.asked',
  ]);
});

test('what was said to one question is no answer to another, in whatever order they are asked again', async () => {
  const { questions, post } = driver();
  const other = { ...asked, message: 'may I do worse?' };
  for (const event of [asked, yes, other]) questions.see(event);
  const worse = questions.ask('a', { message: 'may I do worse?' }, NEVER);
  await post({ ...yes, approved: false });
  expect(await worse).toMatchObject({ approved: false });
  expect(await questions.ask('a', { message: 'may I?' }, NEVER)).toMatchObject({ approved: true });
});

test('a second answer to one question is none to the next', async () => {
  const { questions, post } = driver();
  const first = questions.ask('a', { message: 'may I?' }, NEVER);
  await post(yes);
  await first;
  await post(yes);
  const second = questions.ask('a', { message: 'may I?' }, NEVER);
  await post({ ...yes, approved: false });
  expect(await second).toMatchObject({ approved: false });
});
