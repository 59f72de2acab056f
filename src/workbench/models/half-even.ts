/** Scale of the integers that prices are reckoned with: a millionth of a micro-dollar. */
const SCALE = 1_000_000n;

/** A number of micro-dollars as an integer; a half goes to the even neighbour, so that sums don’t drift. */
export function roundHalfEven(microUsd: number): number {
  return divideHalfEven(toScaled(microUsd));
}

/** Σ amount × price, exactly, rounded once. Prices in US dollars per million = micro-dollars each. */
export function sumOfProducts(
  parts: readonly (readonly [amount: number, price: number])[],
): number {
  const total = parts.reduce((sum, [amount, price]) => sum + BigInt(amount) * toScaled(price), 0n);
  return divideHalfEven(total);
}

const toScaled = (value: number): bigint => BigInt(Math.round(value * Number(SCALE)));

function divideHalfEven(scaled: bigint): number {
  const whole = scaled / SCALE;
  const twice = (scaled % SCALE) * 2n;
  const isUp = twice > SCALE || (twice === SCALE && whole % 2n === 1n);
  return Number(isUp ? whole + 1n : whole);
}
