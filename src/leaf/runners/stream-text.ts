/** Output of processes as text: invalid UTF-8 is replaced, and what is left out is said in place. */
import type { StreamOutput } from '../../sandbox/sandbox.ts';

/** Everything that was kept. */
export function fullText({ head, tail, totalBytes }: StreamOutput): string {
  const missing = totalBytes - head.length - tail.length;
  if (missing === 0) return new TextDecoder().decode(Buffer.concat([head, tail]));
  const decoder = new TextDecoder();
  return `${decoder.decode(head)}\n[… ${missing} bytes left out …]\n${decoder.decode(tail)}`;
}

/** Whether something was left out of its middle. */
export function isCut({ head, tail, totalBytes }: StreamOutput): boolean {
  return totalBytes > head.length + tail.length;
}

/** The end of it, at most `maxBytes` of the stream. */
export function tailText(stream: StreamOutput, maxBytes: number): string {
  const { head, tail, totalBytes } = stream;
  if (totalBytes <= maxBytes) return fullText(stream);
  const kept = tail.length >= maxBytes ? tail : Buffer.concat([head, tail]);
  const end = afterBrokenCharacter(kept.subarray(Math.max(0, kept.length - maxBytes)));
  return `[… ${totalBytes - end.length} bytes before this]\n${new TextDecoder().decode(end)}`;
}

/** The end of what has just arrived, for people who watch: at most `maxBytes` of it. */
export function latestText(chunk: Uint8Array, maxBytes: number): string {
  return new TextDecoder().decode(afterBrokenCharacter(chunk.subarray(-maxBytes)));
}

/** Drops what is left of a character that the cut went through. */
function afterBrokenCharacter(bytes: Uint8Array): Uint8Array {
  const MAX_CONTINUATION = 3;
  let start = 0;
  while (start < MAX_CONTINUATION && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}
