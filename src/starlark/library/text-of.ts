import { stepsToWrite } from '../operate/arithmetic.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { Bytes } from '../values/bytes.ts';
import type { Value } from '../values/object.ts';
import { repr } from '../values/repr.ts';
import { decodeUtf8 } from '../values/utf8.ts';

/** `str(value)`. */
export function strIn(value: Value, thread: Thread): string {
  if (typeof value === 'string') return value;
  if (value instanceof Bytes) {
    thread.text(value.data.length);
    thread.allocate(weights.string);
    return decodeUtf8(value.data);
  }
  return reprIn(value, thread);
}

/** `repr(value)`, with the text charged to the thread. */
export function reprIn(value: Value, thread: Thread): string {
  if (typeof value === 'number') {
    thread.allocate(weights.string);
    return `${value}`;
  }
  return repr(value, (units, int) => {
    if (int !== undefined) thread.work(stepsToWrite(int));
    thread.text(units);
    thread.allocate(weights.string);
    thread.work(1);
  });
}
