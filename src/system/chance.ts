/** Chance as a port: the only source of randomness. */
export interface Chance {
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random id of lower-case Crockford characters, 5 bits each; 12 for a run id. */
export function randomId(chance: Chance, length: number): string {
  return Array.from(chance.bytes(length), (byte) => ALPHABET[byte & 31]).join('');
}
