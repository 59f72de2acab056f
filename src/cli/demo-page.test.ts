import { expect, test } from 'vitest';
import { countedText } from './demo-page.ts';

test('processes that tried the sandbox before a demo from the record are none of its own', () => {
  const none = { reused: 10, providerCalls: 0, processes: 0, tries: 0 };
  expect(countedText(none)).toBe('10 leaves from the record, 0 model calls, 0 processes');
  expect(countedText({ ...none, tries: 2 })).toBe(
    '10 leaves from the record, 0 model calls, 0 processes (before it, 2 tried whether the sandbox still works)',
  );
});
