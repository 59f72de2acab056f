/**
 * How an event’s body is stored, and what its hash is. A body is its JSON text, in which common pieces
 * are one byte each (`event-phrases.ts`), each string of 64 hex digits is the byte 1, and of 32 the
 * byte 2; the 32 or 16 bytes that these stand for follow the text after a byte 0. JSON itself holds none
 * of these bytes. Long bodies are zstd frames of that. The hash is taken over what is stored, so
 * verifying needs no canonical form.
 */
import { hash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { TraceEvent } from '../events.ts';
import type { NewEvent } from '../trace-store.ts';
import { phraseOf, shortenPhrases } from './event-phrases.ts';

const END_OF_TEXT = 0;
/** The space. */
const FIRST_CHARACTER = 0x20;
const HEX_STRING = /"(?:[0-9a-f]{64}|[0-9a-f]{32})"/g;
const LONG_MARK = '\u0001';
const SHORT_MARK = '\u0002';
/** Every byte that stands for something else: JSON text holds no other below a space. */
const ANY_MARK = new RegExp(`[${LONG_MARK}-${String.fromCharCode(FIRST_CHARACTER - 1)}]`, 'g');
const LONG_BYTES = 32;
const SHORT_BYTES = 16;
/** Below, a zstd frame saves little and costs 30 µs. */
const MIN_ZSTD_BYTES = 1024;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const ZSTD_MAGIC = 0x28;

export const FIRST_PREV: Uint8Array = new Uint8Array(LONG_BYTES);

export function packBody(event: NewEvent): Uint8Array {
  const { at: _, ...body } = event;
  const digests: Buffer[] = [];
  const marked = JSON.stringify(body).replace(HEX_STRING, (quoted) => {
    const digest = Buffer.from(quoted.slice(1, -1), 'hex');
    digests.push(digest);
    return digest.length === LONG_BYTES ? LONG_MARK : SHORT_MARK;
  });
  const text = shortenPhrases(marked);
  const packed =
    digests.length === 0
      ? Buffer.from(text)
      : Buffer.concat([Buffer.from(text), Buffer.of(END_OF_TEXT), ...digests]);
  if (packed.length < MIN_ZSTD_BYTES) return packed;
  const shorter = zstdCompressSync(packed);
  return shorter.length < packed.length ? shorter : packed;
}

/** @throws {Error} when the bytes are no packed body. */
export function unpackBody(stored: Uint8Array, seq: number, at: number): TraceEvent {
  const body: unknown = JSON.parse(unpackText(stored));
  if (typeof body !== 'object' || body === null || !('type' in body)) {
    throw new Error('the body is no event');
  }
  return Object.assign(body, { seq, at }) as unknown as TraceEvent;
}

function unpackText(stored: Uint8Array): string {
  const packed =
    stored[0] === ZSTD_MAGIC
      ? zstdDecompressSync(stored, { maxOutputLength: MAX_BODY_BYTES })
      : Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const mark = packed.indexOf(END_OF_TEXT);
  const end = mark < 0 ? packed.length : mark;
  let next = mark < 0 ? end : end + 1;
  const text = packed.toString('utf8', 0, end).replace(ANY_MARK, (byte) => {
    if (byte > SHORT_MARK) return phraseOf(byte) ?? byte;
    const start = next;
    next += byte === LONG_MARK ? LONG_BYTES : SHORT_BYTES;
    return `"${packed.toString('hex', start, next)}"`;
  });
  if (next !== packed.length) throw new Error('digests are missing or left over');
  return text;
}

/** sha256(prev, seq, at, stored body); seq and at as 8 bytes, most significant first. */
export function chainHash(prev: Uint8Array, seq: number, at: number, body: Uint8Array): Uint8Array {
  const numbers = Buffer.alloc(16);
  writeUint64(numbers, seq, 0);
  writeUint64(numbers, at, 8);
  return hash('sha256', Buffer.concat([prev, numbers, body]), 'buffer');
}

function writeUint64(into: Buffer, value: number, offset: number): void {
  into.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)), offset);
}
