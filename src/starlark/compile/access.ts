import { attributeOf, setAttributeOf } from '../library/attributes.ts';
import { assignSubscript, slice, subscript } from '../operate/subscript.ts';
import { locate } from '../run/locate.ts';
import { weights } from '../run/weights.ts';
import type { DotNode, IndexNode, SliceNode } from '../syntax/tree.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import type { Value } from '../values/object.ts';
import { localSlot } from './names.ts';
import type { Assign, Evaluate, Unit } from './unit.ts';

export function compileDot(unit: Unit, node: DotNode): Evaluate {
  const object = unit.expression(node.object);
  const { name } = node;
  const site = unit.site(node.position);
  return (frame) => {
    const value = object(frame);
    try {
      return attributeOf(value, name);
    } catch (error) {
      throw locate(error, site);
    }
  };
}

export function compileDotTarget(unit: Unit, node: DotNode): Assign {
  const object = unit.expression(node.object);
  const { name } = node;
  const site = unit.site(node.position);
  return (frame, value) => {
    const holder = object(frame);
    try {
      setAttributeOf(holder, name, value);
    } catch (error) {
      throw locate(error, site);
    }
  };
}

export function compileIndex(unit: Unit, node: IndexNode): Evaluate {
  const object = unit.expression(node.object);
  const index = unit.expression(node.index);
  const site = unit.site(node.position);
  const slow = (holder: Value, key: Value): Value => {
    try {
      return subscript(holder, key, site.thread);
    } catch (error) {
      throw locate(error, site);
    }
  };
  const [objectSlot, indexSlot] = [localSlot(node.object) ?? -1, localSlot(node.index) ?? -1];
  return (frame) => {
    const holder = objectSlot < 0 ? object(frame) : (frame[objectSlot] ?? object(frame));
    const key = indexSlot < 0 ? index(frame) : (frame[indexSlot] ?? index(frame));
    if (holder instanceof List && typeof key === 'number') {
      const value = holder.items[key];
      if (value !== undefined) return value;
    }
    return slow(holder, key);
  };
}

export function compileIndexTarget(unit: Unit, node: IndexNode): Assign {
  const object = unit.expression(node.object);
  const index = unit.expression(node.index);
  const site = unit.site(node.position);
  return (frame, value) => {
    const holder = object(frame);
    const key = index(frame);
    if (holder instanceof List && typeof key === 'number' && holder.isMutable) {
      if (key >= 0 && key < holder.items.length) {
        holder.items[key] = value;
        return;
      }
    }
    try {
      const size = holder instanceof Dict ? holder.size() : 0;
      assignSubscript(holder, key, value, unit.thread);
      if (holder instanceof Dict && holder.size() > size) unit.thread.allocate(weights.entry);
    } catch (error) {
      throw locate(error, site);
    }
  };
}

export function compileSlice(unit: Unit, node: SliceNode): Evaluate {
  const none: Evaluate = () => null;
  const object = unit.expression(node.object);
  const low = node.low === undefined ? none : unit.expression(node.low);
  const high = node.high === undefined ? none : unit.expression(node.high);
  const step = node.step === undefined ? none : unit.expression(node.step);
  const site = unit.site(node.position);
  return (frame) => {
    const holder = object(frame);
    const bounds = { low: low(frame), high: high(frame), step: step(frame) };
    try {
      return slice(holder, bounds, unit.thread);
    } catch (error) {
      throw locate(error, site);
    }
  };
}
