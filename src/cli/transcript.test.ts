import { expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import type { CallView, ToolView } from '../trace/attempt-view.ts';
import type { ContentRef } from '../trace/content.ts';
import { NO_USAGE } from '../trace/usage.ts';
import { styleOf } from './style.ts';
import { transcriptLines } from './transcript.ts';

const START = Date.UTC(2026, 10, 21, 10, 3, 12);
const contents = new Map<string, Json>();
const keep = (value: Json): ContentRef => {
  const digest = String(contents.size);
  contents.set(digest, value);
  return { digest, type: 'json', bytes: 0 } as ContentRef;
};
const call = (seconds: number, parts: Partial<CallView>): CallView => ({
  at: START + seconds * 1000,
  call: 1,
  try: 1,
  request: keep({}),
  route: { provider: 'p', model: 'm' },
  usage: NO_USAGE,
  memo: 'miss',
  latencyMs: 1200,
  ...parts,
});
const tool = (seconds: number, name: string, input: Json, parts: Partial<ToolView>): ToolView => ({
  at: START + seconds * 1000,
  tool: name,
  input: keep(input),
  latencyMs: 40,
  ...parts,
});

const long = Array.from({ length: 12 }, (_, at) => `line ${at + 1}`).join('\n');
const finish = { name: 'finish', input: '{"status": "succeeded", "summary": "Mended."}' };
const attempt = {
  calls: [
    call(0, { failure: { kind: 'timeout', message: 'p stopped sending content for 60 s' } }),
    call(2, { response: keep({ text: 'I look.\nThen I act.', toolCalls: [] }) }),
    call(9, { response: keep({ text: '', toolCalls: [finish] }) }),
  ],
  tools: [
    tool(3, 'read_file', { path: 'src/a.ts' }, { output: keep(long) }),
    tool(
      4,
      'edit_file',
      { path: 'src/a.ts', old: 'a - b\n', new: 'a + b\n' },
      { output: keep('replaced 1') },
    ),
    tool(5, 'run_command', { command: 'npm test' }, { output: keep(long), exitCode: 1 }),
    tool(6, 'git_diff', {}, { output: keep('\x1b[2J\n') }),
  ],
};

const drawn = (width: number | undefined, isFull = false): string => {
  const stream = { isTerminal: false } as never;
  const style = styleOf({ env: { LANG: 'C.UTF-8' }, stream, color: 'never' });
  const read = ({ digest }: ContentRef): Json => contents.get(digest) ?? null;
  const lines = transcriptLines(attempt, { style, width, isFull, read });
  return lines.join('\n').replaceAll(/\d\d:\d\d:\d\d/g, 'HH:MM:SS');
};

test('calls and tools stand in the order in which they were; of a file the beginning, of a command the end', () => {
  expect(drawn(80)).toMatchInlineSnapshot(`
    "  HH:MM:SS  model        1.2s  timeout: p stopped sending content for 60 s
      HH:MM:SS  model        1.2s  I look. Then I act.
      HH:MM:SS  read_file    0.0s  src/a.ts
                 line 1
                 line 2
                 line 3
                 line 4
                 line 5
                 line 6
                 line 7
                 line 8
                 … 4 more lines: --full
      HH:MM:SS  edit_file    0.0s  src/a.ts
                 − a - b
                 + a + b
                 replaced 1
      HH:MM:SS  run_command  0.0s  npm test exit 1
                 … 4 more lines: --full
                 line 5
                 line 6
                 line 7
                 line 8
                 line 9
                 line 10
                 line 11
                 line 12
      HH:MM:SS  git_diff     0.0s
                 \\x1b[2J
      HH:MM:SS  model        1.2s  calls finish
                 succeeded: Mended."
  `);
});

test('whole answers where they are wanted, and nothing wider than the terminal', () => {
  expect(drawn(undefined, true)).not.toContain('more lines');
  expect(drawn(undefined, true).match(/line 12/g)).toHaveLength(2);
  for (const line of drawn(50).split('\n')) expect(line.length).toBeLessThanOrEqual(50);
});
