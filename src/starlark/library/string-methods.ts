import { StarlarkError } from '../error.ts';
import { elementsOf } from '../operate/iterate.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { positional, signature } from '../signature.ts';
import { isInt } from '../values/integer.ts';
import { List } from '../values/list.ts';
import { typeName, type Value } from '../values/object.ts';
import { StringView, type StringViewKind } from '../values/string-view.ts';
import { Tuple } from '../values/tuple.ts';
import { sliceOf } from './list-methods.ts';
import { type MethodCall, type MethodTable, methodTable } from './method.ts';
import { capitalize, predicates, titleCase } from './string-case.ts';
import { formatString } from './string-format.ts';
import {
  splitAt,
  splitAtRight,
  splitLines,
  splitSpace,
  splitSpaceRight,
  trimLeft,
  trimRight,
} from './string-split.ts';

type StringMethod = MethodCall<string>;

const predicateMethods = Object.entries(predicates).map(
  ([name, test]): readonly [string, StringMethod] => [name, letterwise(name, test)],
);

export const stringMethods: MethodTable = methodTable(
  (value: Value): value is string => typeof value === 'string',
  {
    ...Object.fromEntries(predicateMethods),
    capitalize: plain('capitalize', capitalize),
    codepoint_ords: view('codepoint_ords'),
    codepoints: view('codepoints'),
    count: search('count', countIn),
    elem_ords: view('elem_ords'),
    elems: view('elems'),
    endswith: affix('endswith', (text, suffix) => text.endsWith(suffix)),
    find: search('find', findIn),
    format: (self, thread, args, kwargs) => formatString(self, args, kwargs, thread),
    index: search('index', (...span) => found('index', findIn(...span))),
    join,
    lower: plain('lower', (text) => text.toLowerCase()),
    lstrip: strip('lstrip', trimLeft),
    partition: partition('partition', (text, separator) => text.indexOf(separator)),
    removeprefix: cut('removeprefix', (text, prefix) =>
      text.startsWith(prefix) ? text.slice(prefix.length) : text,
    ),
    removesuffix: cut('removesuffix', (text, suffix) =>
      suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
    ),
    replace,
    rfind: search('rfind', findLastIn),
    rindex: search('rindex', (...span) => found('rindex', findLastIn(...span))),
    rpartition: partition('rpartition', (text, separator) => text.lastIndexOf(separator)),
    rsplit: split('rsplit', splitAtRight, splitSpaceRight),
    rstrip: strip('rstrip', trimRight),
    split: split('split', splitAt, splitSpace),
    splitlines: (self, thread, args, kwargs) => {
      const keepsEnds = signature('splitlines', ['keepends?'])(args, kwargs).bool(0, false);
      thread.work(self.length / 16);
      return toList(splitLines(self, keepsEnds), self, thread);
    },
    startswith: affix('startswith', (text, prefix) => text.startsWith(prefix)),
    strip: strip('strip', (text, cutset) => trimLeft(trimRight(text, cutset), cutset)),
    title: letterwise('title', titleCase),
    upper: plain('upper', (text) => text.toUpperCase()),
  },
);

function plain(name: string, operate: (text: string) => string | boolean): StringMethod {
  const parameters = positional(name, 0);
  return (self, thread, args, kwargs) => {
    parameters(args, kwargs);
    thread.text(self.length);
    return operate(self);
  };
}

/** What looks at each letter by itself takes longer. */
function letterwise(name: string, operate: (text: string) => string | boolean): StringMethod {
  const whole = plain(name, operate);
  return (self, thread, ...given) => {
    thread.work(self.length / 8);
    return whole(self, thread, ...given);
  };
}

function view(kind: StringViewKind): StringMethod {
  const parameters = positional(kind, 0);
  return (self, thread, args, kwargs) => {
    parameters(args, kwargs);
    thread.work(self.length / 64);
    return new StringView(self, kind);
  };
}

type Search = (text: string, wanted: string, start: number, end: number) => number;

function search(name: string, operate: Search): StringMethod {
  const parameters = positional(name, 1, 3);
  return (self, thread, args, kwargs) => {
    const bound = parameters(args, kwargs);
    const { start, end } = sliceOf(bound, 1, self.length);
    thread.search(self.length, bound.string(0).length);
    const place = operate(self, bound.string(0), start, end);
    // Each thing found is a step: a count goes on from there.
    if (name === 'count') thread.work(place / 4);
    return place;
  };
}

function findIn(text: string, wanted: string, start: number, end: number): number {
  const at = text.slice(start, end).indexOf(wanted);
  return at < 0 ? -1 : at + start;
}

function findLastIn(text: string, wanted: string, start: number, end: number): number {
  const at = text.slice(start, end).lastIndexOf(wanted);
  return at < 0 ? -1 : at + start;
}

function countIn(text: string, wanted: string, start: number, end: number): number {
  if (wanted === '') return Math.max(0, end - start) + 1;
  const last = end - wanted.length;
  let count = 0;
  for (let at = text.indexOf(wanted, start); at >= 0 && at <= last; count++) {
    at = text.indexOf(wanted, at + wanted.length);
  }
  return count;
}

function found(name: string, at: number): number {
  if (at < 0) throw new StarlarkError(`${name}: substring not found`);
  return at;
}

function affix(name: string, test: (text: string, affix: string) => boolean): StringMethod {
  const parameters = positional(name, 1, 3);
  return (self, thread, args, kwargs) => {
    const bound = parameters(args, kwargs);
    const wanted = bound.value(0);
    const { start, end } = sliceOf(bound, 1, self.length);
    const part = start === 0 && end === self.length ? self : self.slice(start, end);
    thread.read(self.length);
    if (typeof wanted === 'string') {
      thread.work(wanted.length / 64);
      return test(part, wanted);
    }
    if (!(wanted instanceof Tuple)) {
      throw new StarlarkError(`${name}: got ${typeName(wanted)}, want string or tuple of string`);
    }
    return wanted.items.some((item, index) => {
      if (typeof item === 'string') {
        thread.work(1 / 4 + item.length / 64);
        return test(part, item);
      }
      throw new StarlarkError(`${name}: want string, got ${typeName(item)}, for element ${index}`);
    });
  };
}

const joinParameters = positional('join', 1);

function join(
  self: string,
  thread: Thread,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
): string {
  const values = elementsOf(joinParameters(args, kwargs).iterable(0), thread);
  let units = 0;
  const parts = values.map((value) => {
    if (typeof value !== 'string') {
      throw new StarlarkError(`join: in list, want string, got ${typeName(value)}`);
    }
    units += value.length + self.length;
    return value;
  });
  thread.work(values.length);
  thread.text(units);
  return parts.join(self);
}

function strip(name: string, trim: (text: string, cutset: string) => string): StringMethod {
  const parameters = signature(name, ['cutset??']);
  return (self, thread, args, kwargs) => {
    const cutset = parameters(args, kwargs).string(0, '');
    thread.read(self.length);
    thread.work(cutset.length / 2);
    const rest = trim(self, cutset);
    thread.work((self.length - rest.length) / 8);
    return rest;
  };
}

function cut(name: string, operate: (text: string, affix: string) => string): StringMethod {
  const parameters = positional(name, 1);
  return (self, thread, args, kwargs) => {
    const affix = parameters(args, kwargs).string(0);
    thread.read(self.length);
    thread.work(affix.length / 64);
    return operate(self, affix);
  };
}

function partition(
  name: 'partition' | 'rpartition',
  find: (text: string, separator: string) => number,
): StringMethod {
  const parameters = positional(name, 1);
  return (self, thread, args, kwargs) => {
    const separator = parameters(args, kwargs).string(0);
    if (separator === '') throw new StarlarkError(`${name}: empty separator`);
    thread.search(self.length, separator.length);
    const at = find(self, separator);
    if (at < 0) return new Tuple(name === 'partition' ? [self, '', ''] : ['', '', self]);
    return new Tuple([self.slice(0, at), separator, self.slice(at + separator.length)]);
  };
}

const replaceParameters = positional('replace', 2, 3);

function replace(
  self: string,
  thread: Thread,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
): string {
  const bound = replaceParameters(args, kwargs);
  const from = bound.string(0);
  const to = bound.string(1);
  const limit = bound.int(2, -1);
  thread.search(self.length, from.length);
  const most = countIn(self, from, 0, self.length);
  thread.work(most / 4);
  const count = limit < 0 ? most : Math.min(limit, most);
  thread.text(Math.max(0, self.length + count * (to.length - from.length)));
  if (count === 0) return self;
  if (count === most) {
    return to.includes('$') ? self.replaceAll(from, () => to) : self.replaceAll(from, to);
  }
  if (from === '') {
    const head = [...self.slice(0, count)];
    return head.map((unit) => to + unit).join('') + self.slice(count);
  }
  return splitAt(self, from, count).join(to);
}

type Split = (text: string, separator: string, limit: number) => string[];

function split(
  name: string,
  atSeparator: Split,
  atSpace: (text: string, limit: number) => string[],
): StringMethod {
  const parameters = signature(name, ['sep?', 'maxsplit?']);
  return (self, thread, args, kwargs) => {
    const bound = parameters(args, kwargs);
    const separator = bound.value(0);
    const limit = isInt(bound.optional(1)) ? bound.int(1) : bound.int(1, -1);
    thread.work(self.length / 64);
    if (separator === null) return toList(atSpace(self, limit), self, thread);
    if (typeof separator !== 'string') {
      throw new StarlarkError(`${name}: got ${typeName(separator)} for separator, want string`);
    }
    if (separator === '') throw new StarlarkError('split: empty separator');
    thread.search(self.length, separator.length);
    thread.allocate(weights.string * countIn(self, separator, 0, self.length));
    return toList(atSeparator(self, separator, limit), self, thread);
  };
}

function toList(parts: string[], source: string, thread: Thread): List {
  thread.allocate(source.length * 2);
  thread.sequence(parts.length);
  return new List(parts);
}
