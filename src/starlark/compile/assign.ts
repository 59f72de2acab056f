import { StarlarkError } from '../error.ts';
import { attributeOf, setAttributeOf } from '../library/attributes.ts';
import { addInPlace, mergeInPlace } from '../operate/in-place.ts';
import { isIterable } from '../operate/iterate.ts';
import { assignSubscript, subscript } from '../operate/subscript.ts';
import type { Position } from '../position.ts';
import { locate, type Site } from '../run/locate.ts';
import type {
  AssignStatement,
  DotNode,
  Expression,
  IndexNode,
  SequenceNode,
} from '../syntax/tree.ts';
import { typeName, type Value } from '../values/object.ts';
import { compileDotTarget, compileIndexTarget } from './access.ts';
import { slowBinary } from './binary.ts';
import { compileNameTarget, localSlot } from './names.ts';
import { type Assign, completed, type Evaluate, type Execute, type Unit } from './unit.ts';

const maxSafe = Number.MAX_SAFE_INTEGER;

/** Code that binds a target; what can't be unpacked is reported at the `=` or `for`. */
export function compileTarget(unit: Unit, node: Expression, position: Position): Assign {
  switch (node.kind) {
    case 'name':
      return compileNameTarget(unit, node);
    case 'dot':
      return compileDotTarget(unit, node);
    case 'index':
      return compileIndexTarget(unit, node);
    case 'list':
    case 'tuple':
      return compileUnpacking(unit, node, position);
    default:
      throw new Error(`the resolver let a ${node.kind} be assigned to`);
  }
}

function compileUnpacking(unit: Unit, node: SequenceNode, position: Position): Assign {
  const targets = node.items.map((item) => compileTarget(unit, item, position));
  const site = unit.site(position);
  return (frame, value) => {
    const values = unpack(value, targets.length, site);
    for (let index = 0; index < targets.length; index++) {
      targets[index]?.(frame, values[index] ?? null);
    }
  };
}

/** Exactly `wanted` elements, taken before any is assigned. */
function unpack(value: Value, wanted: number, site: Site): readonly Value[] {
  const fail = (message: string): never => {
    throw locate(new StarlarkError(message), site);
  };
  if (!isIterable(value)) return fail(`got ${typeName(value)} in sequence assignment`);
  const values: Value[] = [];
  for (const element of value.elements()) {
    // An endless iterable is not read to its end.
    if (values.length > wanted && value.size() === undefined) break;
    values.push(element);
    if (values.length > wanted && value.size() !== undefined) break;
  }
  const got = value.size() ?? values.length;
  if (values.length > wanted) {
    return fail(`too many values to unpack (got ${got}, want ${wanted})`);
  }
  if (values.length < wanted) {
    return fail(`too few values to unpack (got ${got}, want ${wanted})`);
  }
  return values;
}

/** The right side of an assignment is evaluated first; of an augmented one, the left. */
export function compileAssign(unit: Unit, statement: AssignStatement): Execute {
  const { target, operator } = statement;
  if (operator !== '=') return compileAugmented(unit, statement, operator.slice(0, -1));
  const value = unit.expression(statement.value);
  const slot = localSlot(target);
  if (slot !== undefined) {
    return (frame) => {
      frame[slot] = value(frame);
      return completed;
    };
  }
  const assign = compileTarget(unit, target, statement.position);
  return (frame) => {
    assign(frame, value(frame));
    return completed;
  };
}

/** Nothing is kept there. */
const noSlot = -1;

type Combine = (x: Value, y: Value) => Value;

function compileAugmented(unit: Unit, statement: AssignStatement, operator: string): Execute {
  const { target } = statement;
  const site = unit.site(statement.position);
  const value = unit.expression(statement.value);
  const combine = combiner(operator, site);
  switch (target.kind) {
    case 'dot':
      return augmentedDot(unit, target, value, combine);
    case 'index':
      return augmentedIndex(unit, target, value, combine);
    default: {
      const read = unit.expression(target);
      const slot = localSlot(target);
      const other = localSlot(statement.value) ?? noSlot;
      const change = slot === undefined ? undefined : localChange(operator, slot, other);
      if (change !== undefined) return change(read, value, combine);
      const assign = compileTarget(unit, target, statement.position);
      return (frame) => {
        const x = read(frame);
        assign(frame, combine(x, value(frame)));
        return completed;
      };
    }
  }
}

type LocalChange = (read: Evaluate, value: Evaluate, combine: Combine) => Execute;

/** `local += y` and the like, quick where both are small ints. */
function localChange(operator: string, slot: number, other: number): LocalChange | undefined {
  switch (operator) {
    case '+':
      return (read, value, combine) => (frame) => {
        const x = frame[slot] ?? read(frame);
        const y = other < 0 ? value(frame) : (frame[other] ?? value(frame));
        const sum = typeof x === 'number' && typeof y === 'number' ? x + y : Number.NaN;
        frame[slot] = sum <= maxSafe && sum >= -maxSafe ? sum : combine(x, y);
        return completed;
      };
    case '-':
      return (read, value, combine) => (frame) => {
        const x = frame[slot] ?? read(frame);
        const y = other < 0 ? value(frame) : (frame[other] ?? value(frame));
        const rest = typeof x === 'number' && typeof y === 'number' ? x - y : Number.NaN;
        frame[slot] = rest <= maxSafe && rest >= -maxSafe ? rest : combine(x, y);
        return completed;
      };
    case '*':
      return (read, value, combine) => (frame) => {
        const x = frame[slot] ?? read(frame);
        const y = other < 0 ? value(frame) : (frame[other] ?? value(frame));
        const product = typeof x === 'number' && typeof y === 'number' ? x * y : Number.NaN;
        frame[slot] = product <= maxSafe && product >= -maxSafe ? product + 0 : combine(x, y);
        return completed;
      };
    default:
      return undefined;
  }
}

/** `+=` extends a list in place, `|=` a dict. */
function combiner(operator: string, site: Site): Combine {
  const plain = slowBinary(operator, site);
  if (operator !== '+' && operator !== '|') return plain;
  const change = operator === '+' ? addInPlace : mergeInPlace;
  return (x, y) => {
    try {
      if (change(x, y, site.thread)) return x;
    } catch (error) {
      throw locate(error, site);
    }
    return plain(x, y);
  };
}

function augmentedDot(unit: Unit, node: DotNode, value: Evaluate, combine: Combine): Execute {
  const object = unit.expression(node.object);
  const site = unit.site(node.position);
  const { name } = node;
  return (frame) => {
    const holder = object(frame);
    const x = located(site, () => attributeOf(holder, name));
    const result = combine(x, value(frame));
    located(site, () => setAttributeOf(holder, name, result));
    return completed;
  };
}

function augmentedIndex(unit: Unit, node: IndexNode, value: Evaluate, combine: Combine): Execute {
  const object = unit.expression(node.object);
  const index = unit.expression(node.index);
  const site = unit.site(node.position);
  return (frame) => {
    const holder = object(frame);
    const key = index(frame);
    const x = located(site, () => subscript(holder, key, site.thread));
    const result = combine(x, value(frame));
    located(site, () => assignSubscript(holder, key, result, site.thread));
    return completed;
  };
}

function located<T>(site: Site, operate: () => T): T {
  try {
    return operate();
  } catch (error) {
    throw locate(error, site);
  }
}
