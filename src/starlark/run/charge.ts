import { passOver } from '../operate/arithmetic.ts';
import { Bytes } from '../values/bytes.ts';
import { Float } from '../values/float.ts';
import type { Value } from '../values/object.ts';
import { Struct } from '../values/struct.ts';
import { Tuple } from '../values/tuple.ts';
import { locate, type Site } from './locate.ts';
import type { Thread } from './thread.ts';
import { weights } from './weights.ts';

/** Charges memory where a program takes it, so that an error shows the place. */
export function charge(site: Site, bytes: number): void {
  const { thread } = site;
  thread.allocated += bytes;
  if (thread.allocated > thread.limits.allocationBytes) overdrawn(site);
}

/** Charges the time to look a key up: one that is long is read to its end. */
export function chargeKey(key: Value, thread: Thread): void {
  if (typeof key === 'string') {
    if (key.length > shortKey) thread.work(key.length / 64);
  } else if (typeof key === 'bigint') {
    passOver(key, thread);
    thread.work(1);
  } else if (key instanceof Tuple || key instanceof Struct) {
    const isNew = !key.isHashed;
    const hash = key.hashKey();
    const length = typeof hash === 'string' ? hash.length : 0;
    if (length <= shortKey) return;
    thread.work(length / 64);
    if (isNew) thread.allocate(length);
  } else if (key instanceof Bytes) {
    thread.work(key.data.length / 16);
  }
}

const shortKey = 64;

/** What a list takes for one more element; most floats are soon gone, unless one is kept. */
export function slotBytes(value: Value): number {
  return value instanceof Float ? weights.slot + weights.float : weights.slot;
}

function overdrawn(site: Site): never {
  try {
    site.thread.allocate(0);
  } catch (error) {
    throw locate(error, site);
  }
  throw new Error('the limit was not passed');
}
