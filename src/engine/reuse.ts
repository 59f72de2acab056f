/** Answers of leaves from the record of another run. */
import type { Fact } from '../trace/events.ts';
import type { LeafRequested } from './leaf-work.ts';

/**
 * Answers a requested attempt from the record of another run, or says undefined. `nth` counts the
 * attempts of the leaf that were neither lost nor broken off, from 1.
 */
export type Reuse = (request: LeafRequested, nth: number) => ReusedLeaf | undefined;

export type ReusedLeaf = Extract<Fact, { readonly type: 'leaf.finished' }>;
