/**
 * Pieces of JSON that events are mostly made of; each is stored as one control byte, which JSON text
 * never holds itself. Part of the format of the store: an entry never changes its place or text, and
 * new ones go to the end, up to byte 31.
 */
const FIRST_BYTE = 3;

const PHRASES: readonly string[] = [
  '{"type":"leaf.requested","path":"',
  '{"type":"leaf.started","path":"',
  '{"type":"leaf.finished","path":"',
  '{"type":"node.started","path":"',
  '{"type":"node.finished","path":"',
  '{"type":"model.requested","path":"',
  '{"type":"model.called","path":"',
  '{"type":"tool.called","path":"',
  '","attempt":1,"',
  'result":{"status":"succeeded","output":{"digest":',
  '"outcome":{"status":"succeeded","output":{"type":"',
  ',"type":"json"}',
  ',"type":"text"}',
  ',"bytes":',
  '{"digest":',
  '"slice":{"costMicroUsd":',
  ',"tokens":',
  '"call":1,"try":1,"',
  'route":{"provider":"',
  '","model":"',
  '"usage":{"tokens":{"uncached":',
  ',"cacheRead":0,"cacheWrite":0,"output":',
  ',"reasoning":0},"costMicroUsd":',
  ',"costStatus":"exact"},"memo":"',
  'sandbox":"strict"',
  ',"latencyMs":',
  '"inputs":{"',
  '"reserved":{"costMicroUsd":',
  '"values":{"',
];

const BYTE_OF: ReadonlyMap<string, string> = new Map(
  PHRASES.map((phrase, index) => [phrase, String.fromCharCode(FIRST_BYTE + index)]),
);
const LONGEST_FIRST = PHRASES.toSorted((one, other) => other.length - one.length);
const ANY_PHRASE = new RegExp(LONGEST_FIRST.map(literally).join('|'), 'g');

export function shortenPhrases(json: string): string {
  return json.replace(ANY_PHRASE, (phrase) => BYTE_OF.get(phrase) ?? phrase);
}

/** What a byte stands for; undefined for one that stands for nothing. */
export function phraseOf(byte: string): string | undefined {
  return PHRASES[byte.charCodeAt(0) - FIRST_BYTE];
}

/** As a pattern that matches just this text. */
export function literally(text: string): string {
  return text.replace(/[{}[\].]/g, '\\$&');
}
