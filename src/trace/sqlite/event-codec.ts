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
import { type BodyText, formText } from './event-forms.ts';
import { phraseOf, shortenPhrases } from './event-phrases.ts';
import { LONG_MARK, SHORT_MARK } from './form-pieces.ts';
import { formEvent } from './read-form.ts';

const END_OF_TEXT = 0;
/** The space. */
const FIRST_CHARACTER = 0x20;
const HEX_STRING = /"(?:[0-9a-f]{64}|[0-9a-f]{32})"/g;
/** Every byte that stands for something else: JSON text holds no other below a space. */
const ANY_MARK = new RegExp(`[${LONG_MARK}-${String.fromCharCode(FIRST_CHARACTER - 1)}]`, 'g');
const LONG_BYTES = 32;
const SHORT_BYTES = 16;
/** Below, a zstd frame saves little and costs 30 µs. */
const MIN_ZSTD_BYTES = 1024;
/** JSON text of so many characters is kept as it is but for its digests. */
const MIN_PLAIN_LENGTH = 64 * 1024;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const ZSTD_MAGIC = 0x28;
const MIN_CHUNK_BYTES = 16 * 1024;
const MAX_CHUNK_BYTES = 512 * 1024;

const UINT64_BYTES = 8;
/** Of one UTF-16 unit. */
const MAX_UTF8_BYTES = 3;
/** What a hash is taken over: the hash before, seq, time, body. */
const BODY_START = LONG_BYTES + 2 * UINT64_BYTES;
/** Nearly every event is packed and hashed in here, which saves most of what it would allocate. */
const scratch: Buffer = Buffer.alloc(16 * 1024);

export const FIRST_PREV: Uint8Array = new Uint8Array(LONG_BYTES);

/** The stored form of an event. What it gives holds until the next event is packed or hashed. */
export function packBody(event: NewEvent): Uint8Array {
  const form = formText(event);
  const packed = (form === undefined ? undefined : packText(form)) ?? packText(bodyText(event));
  if (packed === undefined) throw new Error('a digest that is none');
  if (packed.length < MIN_ZSTD_BYTES) return packed;
  const shorter = zstdCompressSync(packed);
  return shorter.length < packed.length ? shorter : packed;
}

/** Undefined when what a mark stands for is not hex. */
function packText({ text, digests }: BodyText): Uint8Array | undefined {
  const room = BODY_START + text.length * MAX_UTF8_BYTES + 1 + digests.length * LONG_BYTES;
  const into = room <= scratch.length ? scratch : Buffer.allocUnsafe(room);
  let end = BODY_START + into.write(text, BODY_START);
  if (digests.length > 0) into[end++] = END_OF_TEXT;
  for (const digest of digests) {
    const bytes = into.write(digest, end, 'hex');
    if (bytes * 2 !== digest.length) return undefined;
    end += bytes;
  }
  return into.subarray(BODY_START, end);
}

/** Any event: its JSON with marks and phrases in it, and the digests that its marks stand for. */
export function bodyText(event: NewEvent): BodyText {
  const { at: _, ...body } = event;
  const digests: string[] = [];
  const marked = JSON.stringify(body).replace(HEX_STRING, (quoted) => {
    digests.push(quoted.slice(1, -1));
    return quoted.length === LONG_BYTES * 2 + 2 ? LONG_MARK : SHORT_MARK;
  });
  // Long ones become zstd frames, which find what is repeated by themselves.
  const text = marked.length < MIN_PLAIN_LENGTH ? shortenPhrases(marked) : marked;
  return { text, digests };
}

/** @throws {Error} when the bytes are no packed body. */
export function unpackBody(stored: Uint8Array, seq: number, at: number): TraceEvent {
  const packed =
    stored[0] === ZSTD_MAGIC
      ? zstdDecompressSync(stored, { maxOutputLength: MAX_BODY_BYTES, chunkSize: roomFor(stored) })
      : stored;
  return formEvent(packed, { seq, at }) ?? anyEvent(packed, seq, at);
}

/** A workflow of many equal nodes is a hundred times as long as its frame; taken in one piece it comes sooner. */
function roomFor({ length }: Uint8Array): number {
  return Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, length * 128));
}

/** Any event from its packed text; those of the frequent forms, too. */
export function anyEvent(packed: Uint8Array, seq: number, at: number): TraceEvent {
  const { buffer, byteOffset, byteLength } = packed;
  const body: unknown = JSON.parse(unpackText(Buffer.from(buffer, byteOffset, byteLength)));
  if (typeof body !== 'object' || body === null || !('type' in body)) {
    throw new Error('the body is no event');
  }
  return Object.assign(body, { seq, at }) as unknown as TraceEvent;
}

function unpackText(packed: Buffer): string {
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
  const isSmall = body.length <= scratch.length - BODY_START;
  const length = BODY_START + body.length;
  const hashed = isSmall ? scratch.subarray(0, length) : Buffer.allocUnsafe(length);
  hashed.set(prev);
  writeUint64(hashed, seq, LONG_BYTES);
  writeUint64(hashed, at, LONG_BYTES + UINT64_BYTES);
  hashed.set(body, BODY_START);
  return Buffer.from(hash('sha256', hashed), 'hex');
}

function writeUint64(into: Uint8Array, value: number, offset: number): void {
  writeUint32(into, Math.floor(value / 2 ** 32), offset);
  writeUint32(into, value, offset + 4);
}

/** The low 32 bits; several times as fast as `Buffer`’s own until much of it was written. */
function writeUint32(into: Uint8Array, value: number, offset: number): void {
  into[offset] = value >>> 24;
  into[offset + 1] = value >>> 16;
  into[offset + 2] = value >>> 8;
  into[offset + 3] = value;
}
