import { Float } from '../values/float.ts';
import type { Value } from '../values/object.ts';
import { locate, type Site } from './locate.ts';
import { weights } from './weights.ts';

/** Charges memory where a program takes it, so that an error shows the place. */
export function charge(site: Site, bytes: number): void {
  const { thread } = site;
  thread.allocated += bytes;
  if (thread.allocated > thread.limits.allocationBytes) overdrawn(site);
}

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
