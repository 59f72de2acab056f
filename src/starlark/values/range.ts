import { StarlarkError } from '../error.ts';
import { StarlarkObject, type Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

/** An arithmetic progression; its bounds and step have at most 52 bits. */
export class Range extends StarlarkObject {
  readonly starlarkType = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;

  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }

  at(index: number): number {
    return this.start + index * this.step;
  }

  includes(value: number): boolean {
    const index = (value - this.start) / this.step;
    return Number.isInteger(index) && index >= 0 && index < this.length;
  }

  override isTrue(): boolean {
    return this.length > 0;
  }

  override hashKey(): never {
    throw new StarlarkError('unhashable: range');
  }

  /** Equal means the same sequence, whatever made it. */
  override equals(other: StarlarkObject): boolean {
    if (!(other instanceof Range) || other.length !== this.length) return false;
    if (this.length === 0) return true;
    return this.start === other.start && (this.length === 1 || this.step === other.step);
  }

  override get isIterable(): boolean {
    return true;
  }

  override *elements(): Iterable<Value> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  override size(): number {
    return this.length;
  }

  write(writer: ReprWriter): void {
    const { start, stop, step } = this;
    if (step !== 1) writer.text(`range(${start}, ${stop}, ${step})`);
    else writer.text(start === 0 ? `range(${stop})` : `range(${start}, ${stop})`);
  }
}
