import { intFromDouble } from './integer.ts';
import { type HashKey, StarlarkObject } from './object.ts';
import type { ReprWriter } from './repr.ts';

/** A float; the box is what tells 1.0 from 1. */
export class Float extends StarlarkObject {
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }

  // A getter, as a field would be stored in each of many values.
  get starlarkType(): 'float' {
    return 'float';
  }

  override isTrue(): boolean {
    return this.value !== 0;
  }

  /** An integral float is the same key as the int; ints are never fractional, so none clash. */
  override hashKey(): HashKey {
    return Number.isInteger(this.value) ? intFromDouble(this.value) : this.value;
  }

  write(writer: ReprWriter): void {
    writer.text(formatFloat(this.value));
  }
}

/** The shortest digits, with an exponent as Go's %g has it: below 1e-4 and from 1e6. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? '+inf' : '-inf';
  const [mantissa = '0', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  const sign = Object.is(value, -0) ? '-' : '';
  if (exponent < -4 || exponent >= 6) {
    return `${sign}${mantissa}e${formatExponent(exponent)}`;
  }
  const text = value.toString().includes('e') ? plain(value) : value.toString();
  return `${sign}${text}${text.includes('.') ? '' : '.0'}`;
}

function plain(value: number): string {
  return value.toFixed(20).replace(/0+$/, '');
}

/** An exponent with its sign and at least two digits. */
export function formatExponent(exponent: number): string {
  const digits = Math.abs(exponent).toString().padStart(2, '0');
  return `${exponent < 0 ? '-' : '+'}${digits}`;
}
