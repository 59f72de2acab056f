import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputCapture } from './output-capture.ts';

test('head and tail are the ends of what came, however it came in pieces', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 0, max: 60 }), (chunks, maxBytes) => {
      const capture = new OutputCapture(maxBytes);
      for (const chunk of chunks) capture.add(chunk);
      const all = Buffer.concat(chunks);
      const { head, tail, totalBytes } = capture.output();
      const inHead = Math.min(all.length, Math.floor(maxBytes / 2));
      const inTail = Math.min(all.length - inHead, maxBytes - Math.floor(maxBytes / 2));
      expect(totalBytes).toBe(all.length);
      expect(Buffer.from(head)).toEqual(all.subarray(0, inHead));
      expect(Buffer.from(tail)).toEqual(all.subarray(all.length - inTail));
    }),
    { numRuns: 300 },
  );
});
