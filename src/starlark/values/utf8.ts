const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

const replacement: Uint8Array = new TextEncoder().encode('\ufffd');
const blockLength = 65_536;

/** The text of UTF-8; each byte that is no part of a well-formed sequence becomes U+FFFD. */
export function decodeUtf8(data: Uint8Array): string {
  try {
    return strictDecoder.decode(data);
  } catch {
    return decodeReplacing(data);
  }
}

function decodeReplacing(data: Uint8Array): string {
  const parts: string[] = [];
  const block = new Uint8Array(blockLength);
  let size = 0;
  for (let index = 0; index < data.length; ) {
    const length = sequenceLength(data, index);
    const sequence = length === 0 ? replacement : data.subarray(index, index + length);
    if (size + sequence.length > blockLength) {
      parts.push(decoder.decode(block.subarray(0, size)));
      size = 0;
    }
    block.set(sequence, size);
    size += sequence.length;
    index += Math.max(length, 1);
  }
  parts.push(decoder.decode(block.subarray(0, size)));
  return parts.join('');
}

/** The bytes of the character that begins here; 0 if none does. */
export function sequenceLength(data: Uint8Array, index: number): number {
  const first = data[index] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = data[index + 1] ?? 0;
  const [least, most] = secondBytes.get(first) ?? [0x80, 0xbf];
  if (second < least || second > most) return 0;
  if (first < 0xe0) return 2;
  if (!isContinuation(data[index + 2])) return 0;
  if (first < 0xf0) return 3;
  return isContinuation(data[index + 3]) ? 4 : 0;
}

function isContinuation(byte = 0): boolean {
  return byte >= 0x80 && byte <= 0xbf;
}

/** First bytes after which not every continuation may come: too long, a surrogate, too large. */
const secondBytes: ReadonlyMap<number, readonly [number, number]> = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);
