import { StarlarkError } from '../error.ts';
import { stepsToWrite } from '../operate/arithmetic.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { Dict } from '../values/dict.ts';
import { Float, formatFloat } from '../values/float.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { repr } from '../values/repr.ts';

const maxDepth = 200;

/** JSON text of a value, keys sorted, without spaces; errors begin with the built-in's name. */
export function encodeJson(name: string, value: Value, thread: Thread): string {
  const encoder = new Encoder(name, thread);
  encoder.emit(value, '');
  return encoder.text;
}

class Encoder {
  readonly #name: string;
  readonly #thread: Thread;
  readonly #open = new Set<StarlarkObject>();
  text = '';

  constructor(name: string, thread: Thread) {
    this.#name = name;
    this.#thread = thread;
  }

  /** The path says where the value is, for messages. */
  emit(value: Value, path: string): void {
    if (!(value instanceof StarlarkObject)) {
      if (typeof value === 'bigint') this.#thread.work(stepsToWrite(value));
      this.#write(scalarText(value));
    } else if (value instanceof Float) {
      if (!Number.isFinite(value.value)) {
        this.#fail(path, `cannot encode non-finite float ${formatFloat(value.value)}`);
      }
      this.#write(formatFloat(value.value));
    } else {
      this.#container(value, path);
    }
  }

  #container(value: StarlarkObject, path: string): void {
    if (this.#open.has(value)) this.#fail(path, 'cycle in JSON structure');
    if (this.#open.size > maxDepth) this.#fail(path, 'nesting depth limit exceeded');
    this.#open.add(value);
    if (value instanceof Dict) this.#dict(value, path);
    else if (value.isIterable) this.#list(value, path);
    else if (value.attributeNames().length > 0 || typeName(value) === 'struct') {
      this.#fields(value, path);
    } else this.#fail(path, `cannot encode ${typeName(value)} as JSON`);
    this.#open.delete(value);
  }

  #dict(dict: Dict, path: string): void {
    const entries: [string, Value][] = [];
    for (const { key, value } of dict.entries()) {
      if (typeof key !== 'string') {
        this.#fail(path, `dict has ${typeName(key)} key, want string`);
      }
      entries.push([key, value]);
    }
    entries.sort(([x], [y]) => (x < y ? -1 : 1));
    this.#object(entries, (key) => `${path}in dict key ${repr(key)}: `);
  }

  #fields(value: StarlarkObject, path: string): void {
    const names = value.attributeNames().toSorted();
    const entries = names.map((name): [string, Value] => [name, value.attribute(name) ?? null]);
    this.#object(entries, (name) => `${path}in field .${name}: `);
  }

  #object(entries: readonly [string, Value][], pathOf: (key: string) => string): void {
    this.#write('{');
    entries.forEach(([key, value], index) => {
      this.#write(`${index === 0 ? '' : ','}${scalarText(key)}:`);
      this.emit(value, pathOf(key));
    });
    this.#write('}');
  }

  #list(value: StarlarkObject, path: string): void {
    const kind = typeName(value);
    this.#write('[');
    let index = 0;
    for (const element of value.elements()) {
      if (index > 0) this.#write(',');
      this.emit(element, `${path}at ${kind} index ${index}: `);
      index++;
    }
    this.#write(']');
  }

  #write(text: string): void {
    this.#thread.text(text.length);
    this.#thread.allocate(weights.string);
    this.#thread.work(1);
    this.text += text;
  }

  #fail(path: string, problem: string): never {
    throw new StarlarkError(`${this.#name}: ${path}${problem}`);
  }
}

/** Half a character becomes an escape of U+FFFD, as a character that is U+FFFD does not. */
function scalarText(value: Exclude<Value, StarlarkObject>): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'string' || value.isWellFormed()) return JSON.stringify(value);
  const parts = value.split(/\p{Cs}/u).map((part) => JSON.stringify(part).slice(1, -1));
  return `"${parts.join('\\ufffd')}"`;
}
