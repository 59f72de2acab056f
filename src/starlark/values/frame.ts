import type { Frame } from './callable.ts';
import type { Value } from './object.ts';

/** A frame with nothing in it. Written out, since an array literal is made quickest. */
export function newFrame(size: number): Frame {
  switch (size) {
    case 1:
      return [undefined];
    case 2:
      return [undefined, undefined];
    case 3:
      return [undefined, undefined, undefined];
    case 4:
      return [undefined, undefined, undefined, undefined];
    case 5:
      return [undefined, undefined, undefined, undefined, undefined];
    case 6:
      return [undefined, undefined, undefined, undefined, undefined, undefined];
    default:
      return new Array<Value | undefined>(size).fill(undefined);
  }
}

/** A frame whose first slot is set. */
export function newFrameWith(size: number, first: Value): Frame {
  if (size === 1) return [first];
  if (size === 2) return [first, undefined];
  const frame = newFrame(size);
  frame[0] = first;
  return frame;
}
