import { fillIn, percentParts } from '../library/percent-format.ts';
import { binaryOperation, concatenate } from '../operate/binary.ts';
import { locate, type Site } from '../run/locate.ts';
import type { BinaryNode } from '../syntax/tree.ts';
import { Float } from '../values/float.ts';
import { isTrue, type Value } from '../values/object.ts';
import { localSlot } from './names.ts';
import type { Evaluate, Unit } from './unit.ts';

const maxSafe = Number.MAX_SAFE_INTEGER;

type Slow = (x: Value, y: Value) => Value;

/** A closure for each operator and common shape of operands; the rest goes the general way. */
export function compileBinary(unit: Unit, node: BinaryNode): Evaluate {
  const { operator } = node;
  if (operator === 'and' || operator === 'or') return compileLogical(unit, node);
  const slow = slowBinary(operator, unit.site(node.position));
  const slot = localSlot(node.left);
  const { right: rightNode } = node;
  if (slot !== undefined && rightNode.kind === 'literal') {
    const { value } = rightNode;
    const special = typeof value === 'number' ? localWithInt(operator, slot, value) : undefined;
    // An unbound variable is not a number; the general closure tells it.
    if (special !== undefined) return special(compileGeneral(unit, node, slow));
  }
  return compileGeneral(unit, node, slow);
}

export function slowBinary(operator: string, site: Site): Slow {
  const { thread } = site;
  const operate = binaryOperation(operator);
  return (x, y) => {
    try {
      return operate(x, y, thread);
    } catch (error) {
      throw locate(error, site);
    }
  };
}

function compileLogical(unit: Unit, node: BinaryNode): Evaluate {
  const left = unit.expression(node.left);
  const right = unit.expression(node.right);
  if (node.operator === 'and') {
    return (frame) => {
      const value = left(frame);
      return isTrue(value) ? right(frame) : value;
    };
  }
  return (frame) => {
    const value = left(frame);
    return isTrue(value) ? value : right(frame);
  };
}

/** `local OP constant`, the usual form of loop counters and tests. */
function localWithInt(
  operator: string,
  slot: number,
  y: number,
): ((general: Evaluate) => Evaluate) | undefined {
  switch (operator) {
    case '+':
      return (general) => (frame) => {
        const x = frame[slot];
        const sum = typeof x === 'number' ? x + y : Number.NaN;
        return sum <= maxSafe && sum >= -maxSafe ? sum : general(frame);
      };
    case '-':
      return (general) => (frame) => {
        const x = frame[slot];
        const difference = typeof x === 'number' ? x - y : Number.NaN;
        return difference <= maxSafe && difference >= -maxSafe ? difference : general(frame);
      };
    case '<':
      return (general) => (frame) => {
        const x = frame[slot];
        return typeof x === 'number' ? x < y : general(frame);
      };
    case '>':
      return (general) => (frame) => {
        const x = frame[slot];
        return typeof x === 'number' ? x > y : general(frame);
      };
    case '==':
      return (general) => (frame) => {
        const x = frame[slot];
        return typeof x === 'number' ? x === y : general(frame);
      };
    case '%':
      if (y <= 0) return undefined;
      return (general) => (frame) => {
        const x = frame[slot];
        return typeof x === 'number' && x >= 0 ? x % y : general(frame);
      };
    default:
      return undefined;
  }
}

function compileGeneral(unit: Unit, node: BinaryNode, slow: Slow): Evaluate {
  const left = unit.expression(node.left);
  const right = unit.expression(node.right);
  const { thread } = unit;
  switch (node.operator) {
    case '+':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        if (typeof x === 'number' && typeof y === 'number') {
          const sum = x + y;
          if (sum <= maxSafe && sum >= -maxSafe) return sum;
        } else if (typeof x === 'string' && typeof y === 'string') {
          if (x.length + y.length < 1024) return concatenate(x, y, thread);
        } else if (x instanceof Float && y instanceof Float) {
          return new Float(x.value + y.value);
        }
        return slow(x, y);
      };
    case '-':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        if (typeof x === 'number' && typeof y === 'number') {
          const difference = x - y;
          if (difference <= maxSafe && difference >= -maxSafe) return difference;
        } else if (x instanceof Float && y instanceof Float) {
          return new Float(x.value - y.value);
        }
        return slow(x, y);
      };
    case '*':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        if (typeof x === 'number' && typeof y === 'number') {
          const product = x * y;
          if (product <= maxSafe && product >= -maxSafe) return product + 0;
        } else if (x instanceof Float && y instanceof Float) {
          return new Float(x.value * y.value);
        }
        return slow(x, y);
      };
    case '%':
      if (node.left.kind === 'literal' && typeof node.left.value === 'string') {
        return compilePercent(unit, node.left.value, right, unit.site(node.position));
      }
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        if (typeof x === 'number' && typeof y === 'number' && x >= 0 && y > 0) return x % y;
        return slow(x, y);
      };
    default:
      return compileComparison(node.operator, left, right, slow);
  }
}

/** A format that is written out is read once. */
function compilePercent(unit: Unit, format: string, operand: Evaluate, site: Site): Evaluate {
  const { thread } = unit;
  const parts = [...percentParts(format)];
  return (frame) => {
    const value = operand(frame);
    try {
      return fillIn(parts, value, thread);
    } catch (error) {
      throw locate(error, site);
    }
  };
}

function compileComparison(
  operator: string,
  left: Evaluate,
  right: Evaluate,
  slow: Slow,
): Evaluate {
  switch (operator) {
    case '==':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        return isShort(x) && isShort(y) ? x === y : slow(x, y);
      };
    case '!=':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        return isShort(x) && isShort(y) ? x !== y : slow(x, y);
      };
    case '<':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        return typeof x === 'number' && typeof y === 'number' ? x < y : slow(x, y);
      };
    case '<=':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        return typeof x === 'number' && typeof y === 'number' ? x <= y : slow(x, y);
      };
    case '>':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        return typeof x === 'number' && typeof y === 'number' ? x > y : slow(x, y);
      };
    case '>=':
      return (frame) => {
        const x = left(frame);
        const y = right(frame);
        return typeof x === 'number' && typeof y === 'number' ? x >= y : slow(x, y);
      };
    default:
      return (frame) => {
        const x = left(frame);
        return slow(x, right(frame));
      };
  }
}

/** A scalar that is compared in no time. */
function isShort(value: Value): boolean {
  if (typeof value === 'string') return value.length <= 64;
  return (typeof value !== 'object' && typeof value !== 'bigint') || value === null;
}
