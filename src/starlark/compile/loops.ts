import { StarlarkError } from '../error.ts';
import { isIterable } from '../operate/iterate.ts';
import { locate, type Site } from '../run/locate.ts';
import type { Thread } from '../run/thread.ts';
import type { ForStatement, WhileStatement } from '../syntax/tree.ts';
import type { Frame } from '../values/callable.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { isTrue, type StarlarkObject, typeName, type Value } from '../values/object.ts';
import { Range } from '../values/range.ts';
import { localSlot } from './names.ts';
import {
  type Assign,
  broken,
  type Completion,
  completed,
  type Execute,
  returned,
  type Unit,
} from './unit.ts';

interface Loop {
  readonly thread: Thread;
  readonly assign: Assign;
  readonly body: Execute;
  readonly site: Site;
}

export function compileFor(unit: Unit, node: ForStatement): Execute {
  const iterable = unit.expression(node.iterable);
  const loop: Loop = {
    thread: unit.thread,
    assign: unit.target(node.target, node.position),
    body: unit.block(node.body),
    site: unit.site(node.position),
  };
  const slot = localSlot(node.target);
  const overRange = slot === undefined ? rangeLoop(loop) : localRangeLoop(loop, slot);
  return (frame) => {
    const values = iterable(frame);
    if (values instanceof Range) return overRange(frame, values);
    if (!isIterable(values)) throw notIterable(values, loop.site);
    values.hold();
    try {
      if (values instanceof Dict) unit.thread.work(values.gaps / 64);
      return values instanceof List
        ? overList(loop, slot, frame, values)
        : overElements(loop, frame, values);
    } finally {
      values.release();
    }
  };
}

function notIterable(value: Value, site: Site): unknown {
  return locate(new StarlarkError(`${typeName(value)} value is not iterable`), site);
}

function localRangeLoop(loop: Loop, slot: number): (frame: Frame, range: Range) => Completion {
  const { thread, body, site } = loop;
  return (frame, range) => {
    const { length, step } = range;
    let value = range.start;
    for (let index = 0; index < length; index++) {
      thread.steps++;
      if (thread.steps > thread.checkpoint) tick(site);
      frame[slot] = value;
      value += step;
      const completion = body(frame);
      if (completion === broken) break;
      if (completion === returned) return returned;
    }
    return completed;
  };
}

function rangeLoop(loop: Loop): (frame: Frame, range: Range) => Completion {
  return (frame, range) => overElements(loop, frame, range);
}

function overList(loop: Loop, slot: number | undefined, frame: Frame, list: List): Completion {
  const { thread, assign, body, site } = loop;
  const { items } = list;
  for (let index = 0; index < items.length; index++) {
    thread.steps++;
    if (thread.steps > thread.checkpoint) tick(site);
    if (slot === undefined) assign(frame, items[index] ?? null);
    else frame[slot] = items[index];
    const completion = body(frame);
    if (completion === broken) break;
    if (completion === returned) return returned;
  }
  return completed;
}

function overElements(loop: Loop, frame: Frame, values: StarlarkObject): Completion {
  const { thread, assign, body, site } = loop;
  for (const value of values.elements()) {
    thread.steps++;
    if (thread.steps > thread.checkpoint) tick(site);
    assign(frame, value);
    const completion = body(frame);
    if (completion === broken) break;
    if (completion === returned) return returned;
  }
  return completed;
}

export function compileWhile(unit: Unit, node: WhileStatement): Execute {
  const { thread } = unit;
  const condition = unit.expression(node.condition);
  const body = unit.block(node.body);
  const site = unit.site(node.position);
  return (frame) => {
    while (isTrue(condition(frame))) {
      thread.steps++;
      if (thread.steps > thread.checkpoint) tick(site);
      const completion = body(frame);
      if (completion === broken) break;
      if (completion === returned) return returned;
    }
    return completed;
  };
}

function tick(site: Site): void {
  try {
    site.thread.tick();
  } catch (error) {
    throw locate(error, site);
  }
}
