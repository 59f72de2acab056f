import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../base/json.ts';
import { readOpenCode } from './opencode.ts';
import type { FormatSink } from './report.ts';

/** What a reader tells, in the order in which it does. */
function told(lines: readonly JsonObject[]): readonly (readonly [string, unknown])[] {
  const all: [string, unknown][] = [];
  const names = ['says', 'ends', 'tool', 'usage', 'uses', 'model', 'fails'] as const;
  const sink = Object.fromEntries(
    names.map((name) => [name, (value: unknown) => void all.push([name, value])]),
  ) as unknown as FormatSink;
  for (const line of lines) readOpenCode(line, sink);
  return all;
}

/** As OpenCode 1.18.33 printed it, but for ids and times. */
const call = {
  type: 'tool_use',
  part: {
    type: 'tool',
    tool: 'bash',
    callID: 'call-1',
    state: { status: 'completed', input: { command: 'ls' }, output: '(no output)', title: 'ls' },
  },
};
const step = {
  type: 'step_finish',
  part: {
    type: 'step-finish',
    reason: 'tool-calls',
    tokens: { total: 1035, input: 900, output: 30, reasoning: 5, cache: { write: 0, read: 100 } },
    cost: 0,
  },
};

test('words, calls of tools and the figures of each step; a cost of nothing is not known', () => {
  expect(
    told([{ type: 'step_start' }, { type: 'text', part: { text: 'Let me.' } }, call, step]),
  ).toEqual([
    ['says', 'Let me.'],
    ['ends', 'Let me.'],
    ['tool', { id: 'call-1', name: 'bash', input: { command: 'ls' }, output: '(no output)' }],
    ['uses', { input: 1000, cacheRead: 100, cacheWrite: 0, output: 35, reasoning: 5 }],
  ]);
});

test('a tool that was refused has failed, and so has what ends with an error', () => {
  const state = { status: 'error', input: {}, error: 'The user rejected permission.' };
  const error = { name: 'APIError', data: { message: 'no such model' } };
  expect(
    told([
      { type: 'tool_use', part: { ...call.part, state } },
      { type: 'error', error },
    ]),
  ).toEqual([
    [
      'tool',
      {
        id: 'call-1',
        name: 'bash',
        input: {},
        output: 'The user rejected permission.',
        failed: true,
      },
    ],
    ['fails', 'no such model'],
  ]);
});
