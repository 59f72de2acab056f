/** Lanczos's approximation with g = 7 and nine terms. */
const coefficients = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];
const g = 7;

export function gamma(x: number): number {
  if (Number.isInteger(x)) {
    if (x === 0) return Object.is(x, -0) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (x < 0) return Number.NaN;
    if (x <= 171) return factorial(x - 1);
  }
  if (x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x > 171.7) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  const z = x - 1;
  const t = z + g + 0.5;
  const [first = 0, ...others] = coefficients;
  const sum = others.reduce((total, term, index) => total + term / (z + index + 1), first);
  return Math.sqrt(2 * Math.PI) * t ** (z + 0.5) * Math.exp(-t) * sum;
}

function factorial(count: number): number {
  let product = 1n;
  for (let factor = 2n; factor <= count; factor++) product *= factor;
  return Number(product);
}
