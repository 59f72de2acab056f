export type Int = number | bigint;

/** The one form of an int: a number wherever a double is exact to the unit. */
export function normalize(value: bigint): Int {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  return value;
}

/** An integral double as an int; the caller has checked that it is integral. */
export function intFromDouble(value: number): Int {
  return Number.isSafeInteger(value) ? value + 0 : normalize(BigInt(value));
}

export function isInt(value: unknown): value is Int {
  return typeof value === 'number' || typeof value === 'bigint';
}

const digitPatterns: readonly (readonly [RegExp, number])[] = [
  [/^0[xX]/, 16],
  [/^0[oO]/, 8],
  [/^0[bB]/, 2],
];

/** Parses what `int(text, base)` takes; `undefined` if it isn't a number in that base. */
export function parseInteger(text: string, base: number): Int | undefined {
  const sign = /^[+-]/.test(text) ? text[0] : '';
  let digits = sign === '' ? text : text.slice(1);
  let radix = base;
  const prefix = digitPatterns.find(([pattern]) => pattern.test(digits));
  if (prefix !== undefined && (base === 0 || base === prefix[1])) {
    radix = prefix[1];
    digits = digits.slice(2);
  } else if (base === 0) {
    if (/^0+[1-9]/.test(digits)) return undefined;
    radix = 10;
  }
  const magnitude = parseDigits(digits, radix);
  if (magnitude === undefined) return undefined;
  return normalize(sign === '-' ? -magnitude : magnitude);
}

function parseDigits(digits: string, radix: number): bigint | undefined {
  if (digits === '') return undefined;
  for (const digit of digits) {
    if (!/[0-9a-zA-Z]/.test(digit) || Number.parseInt(digit, 36) >= radix) return undefined;
  }
  if (radix === 10) return BigInt(digits);
  if (radix === 16) return BigInt(`0x${digits}`);
  if (radix === 8) return BigInt(`0o${digits}`);
  if (radix === 2) return BigInt(`0b${digits}`);
  let value = 0n;
  for (const digit of digits) value = value * BigInt(radix) + BigInt(Number.parseInt(digit, 36));
  return value;
}
