/** Approximate bytes of what programs make. */
export const weights = {
  list: 96,
  tuple: 104,
  dict: 160,
  /** Of a dict or set. */
  entry: 64,
  function: 160,
  /** One more element of a list. */
  slot: 16,
  string: 32,
} as const;
