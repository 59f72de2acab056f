import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OWN_WORDS } from './own-words.ts';

test('every field of an event is a word of ours', () => {
  const source = readFileSync(new URL('../../trace/events.ts', import.meta.url), 'utf8');
  const fields = Array.from(source.matchAll(/readonly (\w+)\??:/g), ([, name]) => name ?? '');
  expect(fields.length).toBeGreaterThan(100);
  expect(fields.filter((name) => !OWN_WORDS.has(name))).toEqual([]);
});

test('fields of workflows are words of ours, names that authors give are not', () => {
  expect(['candidates', 'maxIterations', 'until'].every((name) => OWN_WORDS.has(name))).toBe(true);
  expect(OWN_WORDS.has('my-leaf')).toBe(false);
});
