import { describe, expect, test } from 'vitest';
import type { ScriptedMessage, ScriptedRequest, ScriptedTurn } from './dialect.ts';
import { playScenes, type Scene } from './scenes.ts';

const scenes: readonly Scene[] = [
  {
    name: 'reader',
    asked: ['Read', 'the file'],
    turns: [
      { say: 'I look.', calls: [{ name: 'read_file', input: { path: 'a' } }], latencyMs: 5 },
      { told: ['whale', 'exit status 0'], say: 'Done.', faults: ['stall-in-body', 'server-error'] },
    ],
  },
  { name: 'dear reader', model: 'dear', asked: ['Sum up'], turns: [{ say: 'For money.' }] },
  {
    name: 'sum',
    asked: ['Sum up'],
    finds: { winner: /"winner": "(\w+)"/ },
    collects: { fruit: /"title": "(\w+)"/ },
    turns: [
      { answer: { won: 'by {{winner}}', kept: ['{{*fruit}}', 'x'], n: 1, odd: '{{other}}' } },
    ],
  },
];

const user = (text: string): ScriptedMessage => ({ role: 'user', text });
const said: ScriptedMessage = { role: 'assistant', text: '' };
const tool = (text: string): ScriptedMessage => ({ role: 'tool', text });

type Play = (request: ScriptedRequest) => ScriptedTurn;
const begin = (): Play => playScenes({ scenes, hint: 'ask another' });
const ask = (play: Play, messages: readonly ScriptedMessage[], model = 'm'): ScriptedTurn =>
  play({
    dialect: 'd',
    model,
    system: '',
    messages,
    tools: [],
    isStream: true,
    path: '/v1/chat/completions',
    number: 1,
    body: {},
  });

const QUESTION = user('Read, please,\nthe file.');
const TOLD = [QUESTION, said, tool('a whale'), tool('exit status 0')];

test('a scene goes on from what has been said, in any process', () => {
  const call = { name: 'read_file', input: { path: 'a' } };
  expect(ask(begin(), [QUESTION])).toEqual({ text: 'I look.', toolCalls: [call], latencyMs: 5 });
  const other = begin();
  ask(other, TOLD);
  ask(other, TOLD);
  expect(ask(other, TOLD)).toEqual({ text: 'Done.' });
});

test('faults strike one a sending, then the turn is given', () => {
  const play = begin();
  expect([1, 2, 3].map(() => ask(play, TOLD).fault)).toEqual([
    'stall-in-body',
    'server-error',
    undefined,
  ]);
});

test('answers are filled from the question: what is one, and all of what are many', () => {
  const texts = '"winner": "b" "title": "t1" "title": "t2"';
  expect(JSON.parse(ask(begin(), [user(`Sum up ${texts}`)]).text ?? '')).toEqual({
    won: 'by b',
    kept: ['t1', 't2', 'x'],
    n: 1,
    odd: '{{other}}',
  });
  const none = ask(begin(), [user('Sum up "winner": "b"')]);
  expect(JSON.parse(none.text ?? '')).toMatchObject({ kept: ['x'] });
  expect(ask(begin(), [user('Sum up')], 'dear')).toEqual({ text: 'For money.' });
});

describe('what a script does not know it refuses, saying why', () => {
  test.each<[string, readonly ScriptedMessage[], string]>([
    ['another question', [user('Sing!\nLoud.')], 'no script answers `Sing!`; ask another'],
    ['half of the question', [user('Read')], 'no script answers `Read`; ask another'],
    [
      'another answer of a tool',
      [QUESTION, said, tool('a whale'), tool('exit status 1')],
      'script "reader" expects `exit status 0` before turn 2, and was told `a whale`; ask another',
    ],
    [
      'an answer to an earlier turn only',
      [QUESTION, said, tool('a whale, exit status 0'), said],
      'script "reader" has ended, and the conversation goes on; ask another',
    ],
    ['nothing to go by', [user('Sum up')], 'script "sum" finds no winner to go by; ask another'],
  ])('%s', (_name, messages, refusal) => {
    expect(ask(begin(), messages)).toEqual({ refusal });
  });
});
