import { StarlarkError } from '../error.ts';
import { markedKey } from './hash-table.ts';
import { type HashKey, StarlarkObject, type Value } from './object.ts';
import { escapeCharacter, hex } from './quote.ts';
import type { ReprWriter } from './repr.ts';

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
  let quoted = 'b"';
  for (let index = 0; index < data.length; ) {
    const length = sequenceLength(data, index);
    if (length === 0) {
      quoted += `\\x${hex(data[index] ?? 0, 2)}`;
      index++;
    } else {
      quoted += escapeCharacter(new TextDecoder().decode(data.subarray(index, index + length)));
      index += length;
    }
  }
  return `${quoted}"`;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of the character that begins here; 0 if none does. */
function sequenceLength(data: Uint8Array, index: number): number {
  const first = data[index] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    const text = strictDecoder.decode(data.subarray(index, index + length));
    return [...text].length === 1 ? length : 0;
  } catch {
    return 0;
  }
}
