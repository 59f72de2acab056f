import type { Timers } from '../src/system/clock.ts';
/** A time limit that is over when something has happened, and not before: machines are shared. */
export declare const CONDITION_MS = 100000;
/** Timers in which waits of `CONDITION_MS`, or somewhat less, are for that. */
export declare function overWhen(hasHappened: () => boolean): Timers;
