import type { JsonObject } from '../../base/json.ts';
import { samplePattern } from './sample-pattern.ts';

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2025-01-01T00:00:00Z',
  date: '2025-01-01',
  time: '00:00:00Z',
  duration: 'P1D',
  email: 'mock@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/mock',
  'uri-reference': '/mock',
  uuid: '00000000-0000-4000-8000-000000000000',
  'json-pointer': '/mock',
  regex: 'mock',
};
const MAX_LENGTH = 10_000;

/** A text for a string schema: its format, its pattern, or `text`, brought to the length it asks for. */
export function sampleText(schema: JsonObject, text: string): string {
  const { format, pattern } = schema;
  if (typeof pattern === 'string') return samplePattern(pattern);
  const known = typeof format === 'string' ? FORMATS[format] : undefined;
  if (known !== undefined) return known;
  const least = Math.min(Number(schema['minLength'] ?? 0), MAX_LENGTH);
  const most = Number(schema['maxLength'] ?? Number.POSITIVE_INFINITY);
  return Array.from(text.padEnd(least, '.')).slice(0, most).join('');
}
