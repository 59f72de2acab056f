import { StarlarkError } from '../error.ts';
import { isIterable } from '../operate/iterate.ts';
import { charge, slotBytes } from '../run/charge.ts';
import { locate } from '../run/locate.ts';
import { weights } from '../run/weights.ts';
import type { ComprehensionClause, ComprehensionNode } from '../syntax/tree.ts';
import type { Frame } from '../values/callable.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { isTrue, typeName, type Value } from '../values/object.ts';
import { Range } from '../values/range.ts';
import { compileEntry } from './collections.ts';
import type { Evaluate, Unit } from './unit.ts';

type Collect<Target> = (frame: Frame, target: Target) => void;

/** The clauses become nested closures around the one that collects. */
export function compileComprehension(unit: Unit, node: ComprehensionNode): Evaluate {
  if ('key' in node.body) {
    const body: Collect<Dict> = compileEntry(unit, node.body, false);
    const loops = compileClauses(unit, node.clauses, body);
    const dictSite = unit.site(node.position);
    return (frame) => {
      charge(dictSite, weights.dict);
      const dict = new Dict();
      loops(frame, dict);
      return dict;
    };
  }
  const item = unit.expression(node.body);
  const site = unit.site(node.position);
  const loops = compileClauses<Value[]>(unit, node.clauses, (frame, items) => {
    const value = item(frame);
    charge(site, slotBytes(value));
    items.push(value);
  });
  return (frame) => {
    charge(site, weights.list);
    const items: Value[] = [];
    loops(frame, items);
    return new List(items);
  };
}

function compileClauses<Target>(
  unit: Unit,
  clauses: readonly ComprehensionClause[],
  body: Collect<Target>,
): Collect<Target> {
  return clauses.reduceRight<Collect<Target>>((inner, clause) => {
    if (clause.kind === 'for') return compileForClause(unit, clause, inner);
    const condition = unit.expression(clause.condition);
    return (frame, target) => {
      if (isTrue(condition(frame))) inner(frame, target);
    };
  }, body);
}

function compileForClause<Target>(
  unit: Unit,
  clause: Extract<ComprehensionClause, { kind: 'for' }>,
  inner: Collect<Target>,
): Collect<Target> {
  const { thread } = unit;
  const iterable = unit.expression(clause.iterable);
  const assign = unit.target(clause.target, clause.position);
  const site = unit.site(clause.position);
  const overRange = (frame: Frame, range: Range, target: Target): void => {
    for (let index = 0; index < range.length; index++) {
      thread.steps++;
      if (thread.steps > thread.checkpoint) tick(unit, site);
      assign(frame, range.start + index * range.step);
      inner(frame, target);
    }
  };
  return (frame, target) => {
    const values = iterable(frame);
    if (!isIterable(values)) {
      const message = `${typeName(values)} value is not iterable`;
      throw locate(new StarlarkError(message), site);
    }
    if (values instanceof Range) {
      overRange(frame, values, target);
      return;
    }
    values.hold();
    try {
      for (const value of values.elements()) {
        thread.steps++;
        if (thread.steps > thread.checkpoint) tick(unit, site);
        assign(frame, value);
        inner(frame, target);
      }
    } finally {
      values.release();
    }
  };
}

function tick(unit: Unit, site: ReturnType<Unit['site']>): void {
  try {
    unit.thread.tick();
  } catch (error) {
    throw locate(error, site);
  }
}
