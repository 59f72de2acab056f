import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { Bytes } from '../values/bytes.ts';
import type { Value } from '../values/object.ts';
import { quote } from '../values/quote.ts';
import { reprIn, strIn } from './text-of.ts';

/** `template.format(*args, **kwargs)`. */
export function formatString(
  template: string,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  thread: Thread,
): string {
  const numbering = new Numbering(args, kwargs);
  thread.allocate(weights.string);
  let text = '';
  const append = (part: string): void => {
    thread.text(part.length);
    text += part;
  };
  for (let index = 0; index < template.length; ) {
    const at = nextBrace(template, index);
    if (at > index) append(template.slice(index, at));
    if (at === template.length) break;
    index = at;
    const brace = template.charAt(index);
    if (template.charAt(index + 1) === brace) {
      append(brace);
      index += 2;
      continue;
    }
    if (brace === '}') throw new StarlarkError("format: single '}' in format");
    const close = template.indexOf('}', index);
    if (close < 0) throw new StarlarkError("format: unmatched '{' in format");
    append(formatField(template.slice(index + 1, close), numbering, thread));
    index = close + 1;
  }
  return text;
}

function nextBrace(template: string, start: number): number {
  for (let index = start; index < template.length; index++) {
    const code = template.charCodeAt(index);
    if (code === 123 || code === 125) return index;
  }
  return template.length;
}

function formatField(field: string, numbering: Numbering, thread: Thread): string {
  if (field.includes('{')) {
    throw new StarlarkError('format: nested replacement fields not supported');
  }
  if (field === '') return plainText(numbering.value(''), thread);
  const bang = field.indexOf('!');
  const colon = field.indexOf(':', Math.max(bang, 0));
  const head = colon < 0 ? field : field.slice(0, colon);
  const spec = colon < 0 ? '' : field.slice(colon + 1);
  const name = bang < 0 ? head : head.slice(0, bang);
  const conversion = bang < 0 ? 's' : head.slice(bang + 1);
  const value = numbering.value(name);
  if (spec !== '') {
    throw new StarlarkError(`format spec features not supported in replacement fields: ${spec}`);
  }
  if (conversion === 's') return plainText(value, thread);
  if (conversion === 'r') return reprIn(value, thread);
  throw new StarlarkError(`format: unknown conversion ${quote(conversion)}`);
}

/** Finds arguments by name or number, and keeps automatic and manual numbers apart. */
class Numbering {
  readonly #args: readonly Value[];
  readonly #kwargs: ReadonlyMap<string, Value>;
  #next = 0;
  #mode: 'unknown' | 'automatic' | 'manual' = 'unknown';

  constructor(args: readonly Value[], kwargs: ReadonlyMap<string, Value>) {
    this.#args = args;
    this.#kwargs = kwargs;
  }

  value(name: string): Value {
    if (name === '') {
      this.#enter('automatic');
      this.#next++;
      return this.#at(this.#next - 1);
    }
    if (/^[0-9]+$/.test(name)) {
      this.#enter('manual');
      return this.#at(Number(name));
    }
    const value = this.#kwargs.get(name);
    if (value !== undefined) return value;
    const where = 'is not supported in replacement fields';
    if (name.includes('.')) {
      throw new StarlarkError(`format: attribute syntax x.y ${where}: ${name}`);
    }
    if (name.includes('[')) {
      throw new StarlarkError(`format: element syntax a[i] ${where}: ${name}`);
    }
    throw new StarlarkError(`format: keyword ${name} not found`);
  }

  #enter(mode: 'automatic' | 'manual'): void {
    if (this.#mode !== 'unknown' && this.#mode !== mode) {
      const change =
        mode === 'manual'
          ? 'automatic field numbering to manual field specification'
          : 'manual field specification to automatic field numbering';
      throw new StarlarkError(`format: cannot switch from ${change}`);
    }
    this.#mode = mode;
  }

  #at(index: number): Value {
    const value = this.#args[index];
    if (value === undefined) throw new StarlarkError('format: tuple index out of range');
    return value;
  }
}

/** Here, unlike in `str`, bytes are shown as they are written. */
function plainText(value: Value, thread: Thread): string {
  return value instanceof Bytes ? reprIn(value, thread) : strIn(value, thread);
}
