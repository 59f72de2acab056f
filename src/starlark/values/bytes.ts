import { StarlarkError } from '../error.ts';
import { markedKey } from './hash-table.ts';
import { type HashKey, StarlarkObject, type Value } from './object.ts';
import { escapeCharacter, hex } from './quote.ts';
import type { ReprWriter } from './repr.ts';
import { decodeUtf8, sequenceLength } from './utf8.ts';

export class Bytes extends StarlarkObject {
  readonly starlarkType = 'bytes';
  readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    super();
    this.data = data;
  }

  override isTrue(): boolean {
    return this.data.length > 0;
  }

  override hashKey(): HashKey {
    return markedKey(`b${this.data.length}:${latin1(this.data)}`, 'bytes');
  }

  override equals(other: StarlarkObject): boolean {
    return other instanceof Bytes && compareBytes(this.data, other.data) === 0;
  }

  override size(): number {
    return this.data.length;
  }

  write(writer: ReprWriter): void {
    writer.text(quoteBytes(this.data));
  }
}

/** The numbers of a bytes value, as `elems()` gives them. */
export class BytesElements extends StarlarkObject {
  readonly starlarkType = 'bytes.elems';
  readonly bytes: Bytes;

  constructor(bytes: Bytes) {
    super();
    this.bytes = bytes;
  }

  override get isIterable(): boolean {
    return true;
  }

  override elements(): Iterable<Value> {
    return this.bytes.data;
  }

  override hashKey(): never {
    throw new StarlarkError('unhashable: bytes.elems');
  }

  override size(): number {
    return this.bytes.data.length;
  }

  write(writer: ReprWriter): void {
    this.bytes.write(writer);
    writer.text('.elems()');
  }
}

export function compareBytes(x: Uint8Array, y: Uint8Array): number {
  const shared = Math.min(x.length, y.length);
  for (let index = 0; index < shared; index++) {
    const difference = (x[index] ?? 0) - (y[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

function latin1(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += String.fromCharCode(byte);
  return text;
}

/** Well-formed UTF-8 is shown as characters, any other byte as an escape. */
function quoteBytes(data: Uint8Array): string {
  // Joined at once: a long text put together bit by bit would be a rope of letters.
  const parts = ['b"'];
  for (let index = 0; index < data.length; ) {
    const start = index;
    while (isPlain(data[index])) index++;
    if (index > start) parts.push(decodeUtf8(data.subarray(start, index)));
    if (index === data.length) break;
    const length = sequenceLength(data, index);
    parts.push(
      length === 0
        ? `\\x${hex(data[index] ?? 0, 2)}`
        : escapeCharacter(decodeUtf8(data.subarray(index, index + length))),
    );
    index += Math.max(length, 1);
  }
  parts.push('"');
  return parts.join('');
}

/** Printable ASCII that needs no escape. */
function isPlain(byte = 0): boolean {
  return byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
}
