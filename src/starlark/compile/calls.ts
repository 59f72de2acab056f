import { attributeOf } from '../library/attributes.ts';
import { listMethods } from '../library/list-methods.ts';
import type { Method, MethodTable } from '../library/method.ts';
import { methodsOf } from '../library/method-tables.ts';
import type { CallPosition } from '../position.ts';
import { call, callBuiltin, enter, noKwargs } from '../run/call.ts';
import { charge, slotBytes } from '../run/charge.ts';
import { locate, type Site } from '../run/locate.ts';
import type { CallNode, DotNode } from '../syntax/tree.ts';
import { Builtin, type Frame, type FunctionCode, StarlarkFunction } from '../values/callable.ts';
import { newFrame, newFrameWith } from '../values/frame.ts';
import { List } from '../values/list.ts';
import type { Value } from '../values/object.ts';
import { type CallPlan, planCall } from './call-plan.ts';
import { callMethod } from './method-call.ts';
import { compileSpread } from './spread.ts';
import type { Evaluate, Unit } from './unit.ts';

/** A call without `*args` or `**kwargs`, whose shape is known. */
interface FixedCall {
  readonly site: Site;
  readonly position: CallPosition;
  /** Positional arguments, then named ones. */
  readonly values: readonly Evaluate[];
  readonly positionalCount: number;
  readonly names: readonly string[];
}

export function compileCall(unit: Unit, node: CallNode): Evaluate {
  const position: CallPosition = { ...node.position, callee: node.callee.start };
  const site = unit.site(node.position);
  const isSpread = node.args.some(({ kind }) => kind === 'star' || kind === 'starstar');
  if (isSpread) return compileSpreadCall(unit, node, site, position);
  const positional = node.args.filter(({ kind }) => kind === 'positional');
  const named = node.args.filter(({ kind }) => kind === 'named');
  const fixed: FixedCall = {
    site,
    position,
    values: [...positional, ...named].map(({ value }) => unit.expression(value)),
    positionalCount: positional.length,
    names: named.map(({ name }) => name),
  };
  if (node.callee.kind === 'dot') return compileMethodCall(unit, node.callee, fixed);
  return compileFunctionCall(unit.expression(node.callee), fixed);
}

/** Keeps the plan made for the last callee: at most places it is always the same function. */
function compileFunctionCall(callee: Evaluate, fixed: FixedCall): Evaluate {
  const { site, values, positionalCount, names } = fixed;
  const [first, second] = values;
  const apply = applyFixed(fixed);
  const isPlain = names.length === 0;
  if (isPlain && values.length === 1 && first !== undefined) {
    return (frame) => {
      const target = callee(frame);
      if (!(target instanceof StarlarkFunction)) return apply(frame, target);
      const { code } = target;
      if (!code.isSimple || code.positionalCount !== 1) return apply(frame, target);
      return run(target, newFrameWith(code.frameSize, first(frame)), site);
    };
  }
  if (isPlain && values.length === 2 && first !== undefined && second !== undefined) {
    return (frame) => {
      const target = callee(frame);
      if (!(target instanceof StarlarkFunction)) return apply(frame, target);
      const { code } = target;
      if (!code.isSimple || code.positionalCount !== 2) return apply(frame, target);
      const callFrame = newFrame(code.frameSize);
      callFrame[0] = first(frame);
      callFrame[1] = second(frame);
      return run(target, callFrame, site);
    };
  }
  const fill = slotFiller(values);
  let cached: FunctionCode | undefined;
  let plan: CallPlan | undefined;
  return (frame) => {
    const target = callee(frame);
    if (!(target instanceof StarlarkFunction)) return apply(frame, target);
    if (target.code !== cached) {
      cached = target.code;
      plan = planCall(cached, positionalCount, names);
    }
    if (plan === undefined) return apply(frame, target);
    const callFrame = newFrame(cached.frameSize);
    fill(plan.slots, frame, callFrame);
    plan.complete(target, callFrame);
    return run(target, callFrame, site);
  };
}

/** Evaluates arguments into the slots of a plan; the usual numbers of them are written out. */
function slotFiller(
  values: readonly Evaluate[],
): (slots: readonly number[], frame: Frame, callFrame: Frame) => void {
  const [first, second, third, fourth] = values;
  if (first === undefined) return () => {};
  if (second !== undefined && fourth === undefined) {
    return (slots, frame, callFrame) => {
      callFrame[slots[0] ?? 0] = first(frame);
      callFrame[slots[1] ?? 0] = second(frame);
      if (third !== undefined) callFrame[slots[2] ?? 0] = third(frame);
    };
  }
  return (slots, frame, callFrame) => {
    for (let index = 0; index < values.length; index++) {
      callFrame[slots[index] ?? 0] = values[index]?.(frame);
    }
  };
}

function run(callee: StarlarkFunction, frame: Frame, site: Site): Value {
  try {
    return enter(callee, frame, site.thread);
  } catch (error) {
    throw locate(error, site);
  }
}

/** The general way: collects the arguments, then calls whatever it is. */
function applyFixed(fixed: FixedCall): (frame: Frame, callee: Value) => Value {
  const { site, position } = fixed;
  const { thread } = site;
  const collectArgs = positionalValues(fixed);
  const collectKwargs = namedValues(fixed);
  return (frame, callee) => {
    const args = collectArgs(frame);
    const kwargs = collectKwargs(frame);
    try {
      return callee instanceof Builtin
        ? callBuiltin(callee, args, kwargs, thread, position)
        : call(callee, args, kwargs, thread, position);
    } catch (error) {
      throw locate(error, site);
    }
  };
}

function positionalValues({ values, positionalCount }: FixedCall): (frame: Frame) => Value[] {
  const [first, second] = values;
  if (positionalCount === 1 && first !== undefined) return (frame) => [first(frame)];
  if (positionalCount === 2 && first !== undefined && second !== undefined) {
    return (frame) => [first(frame), second(frame)];
  }
  const positional = values.slice(0, positionalCount);
  return (frame) => {
    const args: Value[] = [];
    for (const value of positional) args.push(value(frame));
    return args;
  };
}

function namedValues(fixed: FixedCall): (frame: Frame) => ReadonlyMap<string, Value> {
  const { names } = fixed;
  if (names.length === 0) return () => noKwargs;
  const named = fixed.values.slice(fixed.positionalCount);
  return (frame) => {
    const kwargs = new Map<string, Value>();
    for (let index = 0; index < named.length; index++) {
      kwargs.set(names[index] ?? '', named[index]?.(frame) ?? null);
    }
    return kwargs;
  };
}

/** Methods of built-in types are called without making a bound method first. */
function compileMethodCall(unit: Unit, callee: DotNode, fixed: FixedCall): Evaluate {
  const { site, position, values, positionalCount } = fixed;
  const object = unit.expression(callee.object);
  const { name } = callee;
  const collectArgs = positionalValues(fixed);
  const collectKwargs = namedValues(fixed);
  const applyAttribute = compileAttributeCall(unit, callee, fixed);
  const [first] = values;
  if (name === 'append' && values.length === 1 && positionalCount === 1 && first !== undefined) {
    return compileAppend(object, first, site, position, applyAttribute);
  }
  let cachedTable: MethodTable | undefined;
  let cachedMethod: Method | undefined;
  return (frame) => {
    const self = object(frame);
    const table = methodsOf(self);
    if (table !== cachedTable) {
      cachedTable = table;
      cachedMethod = table?.get(name);
    }
    const method = cachedMethod;
    if (method === undefined) return applyAttribute(frame, self);
    return callMethod(method, self, collectArgs(frame), collectKwargs(frame), site, position);
  };
}

type ApplyAttribute = (frame: Frame, self: Value) => Value;

function compileAttributeCall(unit: Unit, callee: DotNode, fixed: FixedCall): ApplyAttribute {
  const { name } = callee;
  const dotSite = unit.site(callee.position);
  let attribute: Value = null;
  const apply = compileFunctionCall(() => attribute, fixed);
  return (frame, self) => {
    try {
      attribute = attributeOf(self, name);
    } catch (error) {
      throw locate(error, dotSite);
    }
    return apply(frame);
  };
}

/** The most frequent method call of all. */
function compileAppend(
  object: Evaluate,
  item: Evaluate,
  site: Site,
  position: CallPosition,
  applyAttribute: ApplyAttribute,
): Evaluate {
  const { thread } = site;
  const append = listMethods.get('append');
  return (frame) => {
    const self = object(frame);
    if (!(self instanceof List) || append === undefined) return applyAttribute(frame, self);
    const value = item(frame);
    thread.steps++;
    if (!self.isMutable || thread.steps > thread.checkpoint) {
      return callMethod(append, self, [value], noKwargs, site, position);
    }
    charge(site, slotBytes(value));
    self.items.push(value);
    return null;
  };
}

function compileSpreadCall(
  unit: Unit,
  node: CallNode,
  site: Site,
  position: CallPosition,
): Evaluate {
  const callee = unit.expression(node.callee);
  const collect = compileSpread(unit, node.args, site);
  return (frame) => {
    const target = callee(frame);
    const { args, kwargs } = collect(frame, target);
    try {
      return call(target, args, kwargs, site.thread, position);
    } catch (error) {
      throw locate(error, site);
    }
  };
}
