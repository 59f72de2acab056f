import { StarlarkError } from '../error.ts';
import { reprIn, strIn } from '../library/text-of.ts';
import { charge, chargeKey } from '../run/charge.ts';
import { locate } from '../run/locate.ts';
import { weights } from '../run/weights.ts';
import type { DictEntryNode, DictNode, FormatNode, SequenceNode } from '../syntax/tree.ts';
import type { Frame } from '../values/callable.ts';
import { Dict } from '../values/dict.ts';
import { maxSmall } from '../values/hash-table.ts';
import { List } from '../values/list.ts';
import { isTrue, type Value } from '../values/object.ts';
import { repr } from '../values/repr.ts';
import { Tuple } from '../values/tuple.ts';
import type { Evaluate, Unit } from './unit.ts';

export function compileSequence(unit: Unit, node: SequenceNode): Evaluate {
  const items = node.items.map((item) => unit.expression(item));
  const evaluate = compileItems(items);
  const site = unit.site(node.position);
  const isList = node.kind === 'list';
  const bytes = (isList ? weights.list : weights.tuple) + 8 * items.length;
  return (frame) => {
    charge(site, bytes);
    return isList ? new List(evaluate(frame)) : new Tuple(evaluate(frame));
  };
}

function compileItems(items: readonly Evaluate[]): (frame: Frame) => Value[] {
  const [first, second, third, fourth] = items;
  if (first === undefined) return () => [];
  if (second === undefined) return (frame) => [first(frame)];
  if (third === undefined) return (frame) => [first(frame), second(frame)];
  if (fourth === undefined) return (frame) => [first(frame), second(frame), third(frame)];
  if (items.length === 4) {
    return (frame) => [first(frame), second(frame), third(frame), fourth(frame)];
  }
  return (frame) => {
    const values: Value[] = [];
    for (const item of items) values.push(item(frame));
    return values;
  };
}

export function compileDict(unit: Unit, node: DictNode): Evaluate {
  const site = unit.site(node.position);
  const names = distinctNames(node);
  if (names !== undefined) {
    const values = compileItems(node.entries.map(({ value }) => unit.expression(value)));
    const bytes = weights.dict + 8 * names.length;
    return (frame) => {
      charge(site, bytes);
      return new Dict(names, values(frame));
    };
  }
  const entries = node.entries.map((entry) => compileEntry(unit, entry, true));
  return (frame) => {
    charge(site, weights.dict);
    const dict = new Dict();
    for (const entry of entries) entry(frame, dict);
    return dict;
  };
}

/** The keys of a small literal, if all are different strings known beforehand. */
function distinctNames(node: DictNode): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { key } of node.entries) {
    if (key.kind !== 'literal' || typeof key.value !== 'string') return undefined;
    if (key.value.startsWith('\0')) return undefined;
    names.add(key.value);
  }
  return names.size === node.entries.length && names.size <= maxSmall ? [...names] : undefined;
}

/** Puts one entry; a literal may not repeat a key, a comprehension may. */
export function compileEntry(
  unit: Unit,
  entry: DictEntryNode,
  isUnique: boolean,
): (frame: Frame, dict: Dict) => void {
  const key = unit.expression(entry.key);
  const value = unit.expression(entry.value);
  const site = unit.site(entry.position);
  const { thread } = unit;
  return (frame, dict) => {
    const entryKey = key(frame);
    const entryValue = value(frame);
    try {
      const size = dict.size();
      thread.allocate(weights.entry);
      chargeKey(entryKey, thread);
      dict.put(entryKey, entryValue);
      if (isUnique && dict.size() === size) {
        throw new StarlarkError(`duplicate key: ${repr(entryKey)}`);
      }
    } catch (error) {
      throw locate(error, site);
    }
  };
}

export function compileFormat(unit: Unit, node: FormatNode): Evaluate {
  const { thread } = unit;
  const site = unit.site(node.position);
  const parts = node.parts.map((part): ((frame: Frame) => string) => {
    if ('text' in part) return () => part.text;
    const value = unit.expression(part.expression);
    const { isRepr } = part;
    return (frame) => {
      const shown = value(frame);
      return isRepr ? reprIn(shown, thread) : strIn(shown, thread);
    };
  });
  return (frame) => {
    charge(site, weights.string);
    let text = '';
    for (const part of parts) {
      const next = part(frame);
      try {
        thread.text(text.length === 0 ? 0 : next.length);
      } catch (error) {
        throw locate(error, site);
      }
      text += next;
    }
    return text;
  };
}

export function compileConditional(
  condition: Evaluate,
  whenTrue: Evaluate,
  whenFalse: Evaluate,
): Evaluate {
  return (frame) => (isTrue(condition(frame)) ? whenTrue(frame) : whenFalse(frame));
}
