import { StarlarkError } from '../error.ts';
import { stepsToWrite } from '../operate/arithmetic.ts';
import { chargeKey } from '../run/charge.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { Dict } from '../values/dict.ts';
import { type Int, isInt } from '../values/integer.ts';
import { typeName, type Value } from '../values/object.ts';
import { Tuple } from '../values/tuple.ts';
import { formatFloatVerb, toInteger } from './format-number.ts';
import { reprIn, strIn } from './text-of.ts';

/** `format % operand`, with the verbs of the specification. */
export function formatPercent(format: string, operand: Value, thread: Thread): string {
  thread.work(format.length / 64);
  return fillIn(percentParts(format), operand, thread);
}

/** Text as it stands, a value to be put in, or a mistake, told when its turn comes. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly verb: string; readonly key: string | undefined }
  | { readonly kind: 'mistake'; readonly message: string };

/** What a format comes down to; made one by one, as a hostile format has very many. */
export function* percentParts(format: string): Generator<Part> {
  for (let index = 0; index < format.length; ) {
    const percent = format.indexOf('%', index);
    const end = percent < 0 ? format.length : percent;
    if (end > index) yield { kind: 'text', text: format.slice(index, end) };
    if (percent < 0) return;
    index = percent + 1;
    let key: string | undefined;
    if (format.charAt(index) === '(') {
      const close = format.indexOf(')', index);
      if (close < 0) {
        yield { kind: 'mistake', message: 'incomplete format key' };
        return;
      }
      key = format.slice(index + 1, close);
      index = close + 1;
    }
    const verb = format.charAt(index);
    index++;
    if (verb === '%' && key === undefined) yield { kind: 'text', text: '%' };
    else yield { kind: 'value', verb, key };
  }
}

/** Puts the values into a format whose parts are known. */
export function fillIn(parts: Iterable<Part>, operand: Value, thread: Thread): string {
  thread.allocate(weights.string);
  let used = 0;
  let text = '';
  for (const part of parts) {
    let next: string;
    if (part.kind === 'text') next = part.text;
    else if (part.kind === 'mistake') throw new StarlarkError(part.message);
    else {
      const { verb, key } = part;
      let value: Value;
      if (key === undefined) {
        value = operandAt(operand, used);
        used++;
      } else {
        value = mapped(operand, key, thread);
      }
      next =
        typeof value === 'number' && verb === 'd' ? `${value}` : formatVerb(verb, value, thread);
    }
    thread.text(next.length);
    text += next;
  }
  const given = operand instanceof Tuple ? operand.items.length : 1;
  if (used < given && !(operand instanceof Dict)) {
    throw new StarlarkError('too many arguments for format string');
  }
  return text;
}

function operandAt(operand: Value, index: number): Value {
  const value = operand instanceof Tuple ? operand.items[index] : operand;
  if (value === undefined || (index > 0 && !(operand instanceof Tuple))) {
    throw new StarlarkError('not enough arguments for format string');
  }
  return value;
}

function mapped(operand: Value, key: string, thread: Thread): Value {
  if (!(operand instanceof Dict)) throw new StarlarkError('format requires a mapping');
  chargeKey(key, thread);
  const value = operand.get(key);
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
      return integerVerb(verb, value, 10, thread);
    case 'o':
      return integerVerb(verb, value, 8, thread);
    case 'x':
      return integerVerb(verb, value, 16, thread);
    case 'X':
      return integerVerb(verb, value, 16, thread).toUpperCase();
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

function integerVerb(verb: string, value: Value, radix: number, thread: Thread): string {
  let integer: Int;
  try {
    integer = toInteger(value);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    throw new StarlarkError(`%${verb} format requires integer: ${error.message}`);
  }
  if (typeof integer === 'bigint') thread.work(stepsToWrite(integer));
  return integer.toString(radix);
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
