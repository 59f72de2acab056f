import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { Dict } from '../values/dict.ts';
import { isInt } from '../values/integer.ts';
import { typeName, type Value } from '../values/object.ts';
import { Tuple } from '../values/tuple.ts';
import { formatFloatVerb, toInteger } from './format-number.ts';
import { reprIn, strIn } from './text-of.ts';

/** `format % operand`, with the verbs of the specification. */
export function formatPercent(format: string, operand: Value, thread: Thread): string {
  const operands = operand instanceof Tuple ? operand.items : [operand];
  thread.allocate(weights.string);
  let used = 0;
  let text = '';
  const append = (part: string): void => {
    thread.text(part.length);
    text += part;
  };
  for (let index = 0; index < format.length; ) {
    const percent = format.indexOf('%', index);
    if (percent !== index) append(format.slice(index, percent < 0 ? format.length : percent));
    if (percent < 0) break;
    index = percent + 1;
    if (format.charAt(index) === '%') {
      append('%');
      index++;
      continue;
    }
    let value: Value;
    if (format.charAt(index) === '(') {
      const close = format.indexOf(')', index);
      if (close < 0) throw new StarlarkError('incomplete format key');
      value = mapped(operand, format.slice(index + 1, close));
      index = close + 1;
    } else {
      const next = operands[used];
      if (next === undefined) throw new StarlarkError('not enough arguments for format string');
      value = next;
      used++;
    }
    append(formatVerb(format.charAt(index), value, thread));
    index++;
  }
  if (used < operands.length && !(operand instanceof Dict)) {
    throw new StarlarkError('too many arguments for format string');
  }
  return text;
}

function mapped(operand: Value, key: string): Value {
  if (!(operand instanceof Dict)) throw new StarlarkError('format requires a mapping');
  const value = operand.table.get(key);
  if (value === undefined) throw new StarlarkError(`key not found: ${key}`);
  return value;
}

function formatVerb(verb: string, value: Value, thread: Thread): string {
  switch (verb) {
    case 's':
      return strIn(value, thread);
    case 'r':
      return reprIn(value, thread);
    case 'd':
    case 'i':
      return integerVerb(verb, value, 10);
    case 'o':
      return integerVerb(verb, value, 8);
    case 'x':
      return integerVerb(verb, value, 16);
    case 'X':
      return integerVerb(verb, value, 16).toUpperCase();
    case 'e':
    case 'f':
    case 'g':
    case 'E':
    case 'F':
    case 'G':
      return formatFloatVerb(verb, value);
    case 'c':
      return character(value);
    case '':
      throw new StarlarkError('incomplete format');
    default:
      throw new StarlarkError(`unknown conversion %${verb}`);
  }
}

function integerVerb(verb: string, value: Value, radix: number): string {
  try {
    return toInteger(value).toString(radix);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    throw new StarlarkError(`%${verb} format requires integer: ${error.message}`);
  }
}

function character(value: Value): string {
  if (typeof value === 'string') {
    if ([...value].length !== 1) {
      throw new StarlarkError('%c format requires a single-character string');
    }
    return value;
  }
  if (!isInt(value)) {
    const got = typeName(value);
    throw new StarlarkError(`%c format requires int or single-character string, not ${got}`);
  }
  if (value < 0 || value > 0x10ffff) {
    throw new StarlarkError(`%c format requires a valid Unicode code point, got ${value}`);
  }
  return String.fromCodePoint(Number(value)).toWellFormed();
}
