import { StarlarkError } from '../error.ts';
import { StarlarkObject, type Value } from './object.ts';
import { quote } from './quote.ts';
import type { ReprWriter } from './repr.ts';

export type StringViewKind = 'elems' | 'elem_ords' | 'codepoints' | 'codepoint_ords';

/** A string seen as a sequence of its UTF-16 units or its code points. */
export class StringView extends StarlarkObject {
  readonly text: string;
  readonly kind: StringViewKind;

  constructor(text: string, kind: StringViewKind) {
    super();
    this.text = text;
    this.kind = kind;
  }

  get #isOfUnits(): boolean {
    return this.kind === 'elems' || this.kind === 'elem_ords';
  }

  get starlarkType(): string {
    return this.#isOfUnits ? 'string.elems' : 'string.codepoints';
  }

  override get isIterable(): boolean {
    return true;
  }

  override elements(): Iterable<Value> {
    switch (this.kind) {
      case 'elems':
        return this.text.split('');
      case 'elem_ords':
        return Array.from({ length: this.text.length }, (_, index) => this.text.charCodeAt(index));
      case 'codepoints':
        return Array.from(this.text.toWellFormed());
      case 'codepoint_ords':
        return Array.from(this.text.toWellFormed(), (character) => character.codePointAt(0) ?? 0);
    }
  }

  override size(): number | undefined {
    return this.#isOfUnits ? this.text.length : undefined;
  }

  override hashKey(): never {
    throw new StarlarkError(`unhashable: ${this.starlarkType}`);
  }

  override index(key: Value): Value | undefined {
    if (!this.#isOfUnits || typeof key !== 'number') return undefined;
    const at = key < 0 ? key + this.text.length : key;
    if (at < 0 || at >= this.text.length) return undefined;
    return this.kind === 'elems' ? this.text.charAt(at) : this.text.charCodeAt(at);
  }

  write(writer: ReprWriter): void {
    writer.text(`${quote(this.text)}.${this.kind}()`);
  }
}
