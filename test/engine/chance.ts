/** Seeded chance: the same seed gives the same world on every machine. */
export interface Dice {
  /** 0 ≤ x < 1. */
  next(): number;
  below(limit: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  of<T>(values: readonly T[]): T;
}

/** mulberry32 (Tommy Ettinger): 32 bits of state, good enough to choose what happens next. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    once: (times) => below(times) === 0,
    of: (values) => values[below(values.length)] as never,
  };
}

/** A number from words: what a world answers depends on nothing else. */
export function seedOf(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of words.join('\n')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}
