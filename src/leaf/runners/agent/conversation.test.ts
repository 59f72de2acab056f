import { expect, test } from 'vitest';
import type { ModelRequest } from '../../../model/model-provider.ts';
import { estimateInputTokens } from '../../../model/model-request.ts';
import { Conversation } from './conversation.ts';

const request = { model: 'm', system: 'Work.', maxOutputTokens: 100 };
const LONG = 'whale '.repeat(100);

function talk(turns: number, windowTokens: number): readonly (ModelRequest | undefined)[] {
  const conversation = new Conversation('The task.');
  const asked: (ModelRequest | undefined)[] = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    asked.push(conversation.fit(request, windowTokens));
    const input = JSON.stringify({ path: 'a.txt', text: LONG, list: [LONG, 'short'] });
    conversation.addTurn(
      `turn ${turn}`,
      [{ id: `${turn}`, name: 'write_file', input }],
      [
        { id: `${turn}`, name: 'write_file', text: LONG, isError: false },
        { id: `${turn}b`, name: 'read_file', text: 'ok', isError: false },
      ],
    );
  }
  return asked;
}

const isCut = (asked: ModelRequest | undefined): readonly boolean[] =>
  (asked?.messages ?? []).flatMap((message) =>
    message.role === 'tool' ? [message.results[0]?.text.startsWith('[left out') === true] : [],
  );

test('every request fits the window, with the task and the last three turns whole', () => {
  for (const [index, asked] of talk(40, 3_000).entries()) {
    expect(asked, `turn ${index + 1}`).toBeDefined();
    if (asked === undefined) continue;
    expect(estimateInputTokens(asked) + request.maxOutputTokens).toBeLessThanOrEqual(3_000);
    expect(asked.messages[0]).toMatchObject({ text: expect.stringMatching(/^The task\./) });
    expect(isCut(asked).slice(-3)).toEqual(
      isCut(asked)
        .slice(-3)
        .map(() => false),
    );
  }
});

test('what is left out says so, short texts stay, and calls stay JSON', () => {
  const last = talk(12, 3_000).at(-1);
  const [, said, told] = last?.messages ?? [];
  expect(told).toMatchObject({
    role: 'tool',
    results: [
      { text: '[left out: 600 bytes; call the tool again if you need them]' },
      { text: 'ok' },
    ],
  });
  const input = said?.role === 'assistant' ? (said.toolCalls?.[0]?.input ?? '') : '';
  expect(JSON.parse(input)).toEqual({
    path: 'a.txt',
    text: '[left out: 600 bytes]',
    list: ['[left out: 600 bytes]', 'short'],
  });
});

test('it is cut seldom, a quarter of the window at once: in between requests only grow', () => {
  const asked = talk(40, 6_000);
  const cuts = asked.map((one) => isCut(one).filter(Boolean).length);
  const times = cuts.filter((count, index) => count !== (cuts[index - 1] ?? 0)).length;
  expect(cuts.at(-1)).toBeGreaterThan(25);
  expect(times).toBeLessThanOrEqual(8);
  for (const [index, one] of asked.entries()) {
    const before = asked[index - 1];
    if (before === undefined || cuts[index] !== cuts[index - 1]) continue;
    expect(one?.messages.slice(0, before.messages.length)).toEqual(before.messages);
  }
});

test('turns go as a whole where their short form is too much, and the task says so', () => {
  const last = talk(200, 3_000).at(-1);
  expect(last?.messages[0]).toMatchObject({
    text: expect.stringMatching(/^The task\.\n\n\[your first 1\d\d turns are left out;/),
  });
  const [, first] = last?.messages ?? [];
  expect(first?.role).toBe('assistant');
});

test('the same conversation is cut at the same places', () => {
  expect(talk(30, 3_000)).toEqual(talk(30, 3_000));
});

test('where even the cut one does not fit there is no request', () => {
  expect(talk(5, 900).at(-1)).toBeUndefined();
  expect(new Conversation('x'.repeat(4_000)).fit(request, 1_000)).toBeUndefined();
});
