/** Programs made from a seed: mostly well formed, mostly running into some error, never large. */

export interface Chance {
  /** A whole number from 0 up to below the bound. */
  below(bound: number): number;
  pick<T>(values: readonly T[]): T;
}

/** The same seed gives the same numbers (mulberry32). */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
  return {
    below,
    pick: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('nothing to pick from');
      return value;
    },
  };
}

const names = ['a', 'b', 'c', 'f', 'g', 'x', 'y', '_p', 'items', 'ß'];
const binaryOperators =
  '+ - * / // % == != < <= > >= in |not in| & | ^ << >> and or'.match(/\|not in\||\S+/g) ?? [];
const builtins = (
  'abs all any bool bytes chr dict dir enumerate fail float getattr hasattr hash int len list max ' +
  'min ord print range repr reversed set sorted str tuple type zip struct json.encode json.decode ' +
  'json.indent math.floor math.sqrt math.pow'
).split(' ');
const methods = (
  'append clear extend index insert pop remove get items keys popitem setdefault update values add ' +
  'discard union difference intersection issubset symmetric_difference capitalize count elems ' +
  'endswith find format isalnum join lower lstrip partition removeprefix replace rfind rsplit split ' +
  'splitlines startswith strip title upper codepoints codepoint_ords elem_ords'
).split(' ');
const numbers = (
  '0 1 -1 2 3 7 10 255 1000 1000000 2147483647 2147483648 9007199254740991 9007199254740992 ' +
  '18446744073709551616 0x7f 0o17 0b101 1.5 1e300 1e-7'
).split(' ');
const strings = [
  '""',
  "'a'",
  '"ab\\n"',
  '"%s %d"',
  '"{}"',
  '"{0!r}"',
  '"\\u00df"',
  '"\\U0001F63F"',
  'b"xy"',
  'r"\\d"',
  '"""a\nb"""',
  'f"{a}"',
  'f"{x!r}:{1 + 2}"',
  '"%"',
  '"{"',
  '"%c"',
  '"1.5"',
  '"[1, {}]"',
];

/** Every name means something, or most programs would end before they begin. */
const given = [
  'a, b, c = 1, "text", [3, 1, 2]',
  'def f(*args, **kwargs): return args',
  'g = lambda x: x',
  'x, y, _p, items, ß = {1: "one", "k": [2]}, (1, 2.5), None, [[1, "a"], [2, "b"]], set([1, 2])',
];

/** A program of a few statements. */
export function randomProgram(chance: Chance): string {
  const lines = [...given];
  const count = 1 + chance.below(8);
  for (let index = 0; index < count; index++) statement(chance, '', 2, lines);
  return `${lines.join('\n')}\n`;
}

function block(chance: Chance, indent: string, depth: number, lines: string[]): void {
  const count = 1 + chance.below(3);
  for (let index = 0; index < count; index++) statement(chance, `${indent}  `, depth - 1, lines);
}

function statement(chance: Chance, indent: string, depth: number, lines: string[]): void {
  const say = (text: string): void => {
    lines.push(indent + text + (chance.below(12) === 0 ? '  # said' : ''));
  };
  const value = (): string => expression(chance, 3);
  const kind = chance.below(depth > 0 ? 16 : 10);
  if (kind < 4) say(`${target(chance)} = ${value()}`);
  else if (kind < 6)
    say(`${chance.pick(names)} ${chance.pick(['+', '-', '*', '|', '%'])}= ${value()}`);
  else if (kind < 8) say(value());
  else if (kind === 8) say(indent === '' ? 'pass' : chance.pick(['pass', `return ${value()}`]));
  else if (kind === 9) say(`${expression(chance, 1)}.${chance.pick(methods)}(${value()})`);
  else if (kind < 12) {
    say(`if ${value()}:`);
    block(chance, indent, depth, lines);
    if (chance.below(2) === 0) {
      lines.push(`${indent}else:`);
      block(chance, indent, depth, lines);
    }
  } else if (kind < 14) {
    say(`for ${target(chance)} in ${value()}:`);
    block(chance, indent, depth, lines);
  } else {
    say(`def ${chance.pick(names)}(${parameters(chance)}):`);
    block(chance, indent, depth, lines);
  }
}

function target(chance: Chance): string {
  const kind = chance.below(12);
  if (kind === 0) return `${chance.pick(names)}, ${chance.pick(names)}`;
  if (kind === 1) return `${chance.pick(names)}[${expression(chance, 1)}]`;
  if (kind === 2) return `${chance.pick(names)}.${chance.pick(names)}`;
  if (kind === 3) return `[${chance.pick(names)}, (${chance.pick(names)}, ${chance.pick(names)})]`;
  return chance.pick(names);
}

function parameters(chance: Chance): string {
  return chance.pick(['', 'a', 'a, b = 1', '*a', 'a, *, b', '**x', 'a, *b, **c', 'x = [], y = {}']);
}

function expression(chance: Chance, depth: number): string {
  const inner = (): string => expression(chance, depth - 1);
  const kind = chance.below(depth > 0 ? 24 : 8);
  if (kind < 3) return chance.pick(names);
  if (kind < 6) return chance.pick(numbers);
  if (kind < 8) return chance.pick(strings);
  if (kind < 11) {
    const operator = chance.pick(binaryOperators).replaceAll('|not', 'not').replaceAll('in|', 'in');
    return `(${inner()} ${operator} ${inner()})`;
  }
  if (kind === 11) return `(${inner()})`;
  if (kind === 12) return `[${inner()}, ${inner()}]`;
  if (kind === 13) return `(${inner()}, ${inner()},)`;
  if (kind === 14) return `{${inner()}: ${inner()}, ${inner()}: ${inner()}}`;
  if (kind === 15) return `[${inner()} for ${target(chance)} in ${inner()}]`;
  if (kind === 16)
    return `{${inner()}: ${inner()} for ${target(chance)} in ${inner()} if ${inner()}}`;
  if (kind === 17) return `(${inner()} if ${inner()} else ${inner()})`;
  if (kind === 18) return `(${chance.pick(['-', '+', '~', 'not '])}${inner()})`;
  if (kind === 19)
    return `(${inner()})[${chance.pick(['', inner()])}:${inner()}${chance.pick(['', ':-1', ':2'])}]`;
  if (kind === 20) return `(${inner()}).${chance.pick(methods)}(${chance.pick(['', inner()])})`;
  if (kind === 21) return `(lambda ${parameters(chance)}: ${inner()})(${inner()})`;
  const extra = chance.pick([
    '',
    `, ${inner()}`,
    `, key = ${inner()}`,
    `, *${inner()}`,
    `, **${inner()}`,
  ]);
  return `${chance.pick([...builtins, ...names])}(${inner()}${extra})`;
}

/** Damages a program as a careless editor, or somebody with bad intent, would. */
export function mutated(program: string, other: string, chance: Chance): string {
  let text = program;
  const count = 1 + chance.below(3);
  for (let index = 0; index < count; index++) {
    const at = chance.below(text.length + 1);
    const length = chance.below(6);
    const piece = chance.pick([
      '',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '\\',
      '\n',
      '\t',
      ' ',
      ':',
      ',',
      '=',
      '0',
      'not ',
      'in ',
      'lambda',
      'load(',
      '\u0000',
      '\ud83d',
      '#',
      '"""',
      'f"{',
      '**',
      '1e999',
      '08',
      'while ',
      other.slice(chance.below(other.length), chance.below(other.length + 1)),
    ]);
    text = text.slice(0, at) + piece + text.slice(chance.below(2) === 0 ? at : at + length);
  }
  return text;
}
