import { expect, test } from 'vitest';
import { concealContent, concealJson } from './conceal.ts';

const conceal = (text: string): string => text.replaceAll('s3cr"et', '[GONE]');

test('a secret goes from values and keys, however JSON writes it', () => {
  const value = { a: ['x s3cr"et y'], 's3cr"et': 1 };
  expect(concealJson(value, conceal)).toEqual({ a: ['x [GONE] y'], '[GONE]': 1 });
});

test('a value without a secret is the value itself', () => {
  const value = { a: ['nothing'], b: 2 };
  expect(concealJson(value, conceal)).toBe(value);
});

test('contents: JSON stays JSON, text and patches lose the value, other bytes stay', () => {
  expect(concealContent(JSON.stringify({ out: 's3cr"et' }), 'json', conceal)).toBe(
    '{"out":"[GONE]"}',
  );
  const text = new TextEncoder().encode('+ key = s3cr"et');
  expect(concealContent(text, 'patch', conceal)).toBe('+ key = [GONE]');
  const bytes = Uint8Array.of(0xff, 0x00, 0x80);
  expect(concealContent(bytes, 'binary', conceal)).toBe(bytes);
});
