/** Approximate bytes of what programs make. */
export const weights = {
  list: 96,
  tuple: 104,
  dict: 224,
  /** Of a dict or set. */
  entry: 112,
  function: 184,
  /** One more element of a list. */
  slot: 24,
  string: 48,
  float: 64,
  /** Its buffer too, but for what is in it. */
  bytes: 224,
  range: 72,
} as const;
