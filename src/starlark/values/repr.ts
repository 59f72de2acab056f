import { StarlarkError } from '../error.ts';
import { maxElements } from '../limits.ts';
import { StarlarkObject, type Value } from './object.ts';
import { quote } from './quote.ts';

const maxDepth = 500;

/** Is told of text about to be kept, and of a long int about to be written. */
export type ReprCharge = (units: number, int?: bigint) => void;

/**
 * Builds the text of a value. It knows the containers it is inside of, to write `[...]` for a
 * cycle, and stops growing text before it is made: a small value can have an endless text.
 */
export class ReprWriter {
  readonly #open = new Set<StarlarkObject>();
  readonly #charge: ReprCharge;
  #text = '';

  constructor(charge: ReprCharge = () => {}) {
    this.#charge = charge;
  }

  text(text: string): void {
    this.#charge(text.length);
    if (this.#text.length + text.length > maxElements) throw new StarlarkError('excessive text');
    this.#text += text;
  }

  value(value: Value): void {
    if (value instanceof StarlarkObject) {
      value.write(this);
      return;
    }
    if (typeof value === 'bigint') this.#charge(0, value);
    // Its escapes may make it several times as long: what it has now is paid before they do.
    if (typeof value === 'string') this.#charge(value.length);
    this.text(scalarText(value));
  }

  /** Writes a container between brackets, or `[...]` if it is inside itself. */
  container(self: StarlarkObject, open: string, close: string, body: () => void): void {
    if (this.#open.has(self)) {
      this.text(`${open}...${close}`);
      return;
    }
    if (this.#open.size > maxDepth) throw new StarlarkError('value is nested too deeply');
    this.#open.add(self);
    this.text(open);
    body();
    this.text(close);
    this.#open.delete(self);
  }

  sequence(values: Iterable<Value>): void {
    let isFirst = true;
    for (const value of values) {
      if (!isFirst) this.text(', ');
      isFirst = false;
      this.value(value);
    }
  }

  finish(): string {
    return this.#text;
  }
}

/**
 * The value as source text, as `repr` gives it.
 *
 * ```js
 * repr(new Tuple(['a', null])); // → "(\"a\", None)"
 * ```
 */
export function repr(value: Value, charge?: ReprCharge): string {
  if (!(value instanceof StarlarkObject) && charge === undefined) return scalarText(value);
  const writer = new ReprWriter(charge);
  writer.value(value);
  return writer.finish();
}

function scalarText(value: Exclude<Value, StarlarkObject>): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  return typeof value === 'string' ? quote(value) : value.toString();
}
