import { suggestion } from '../did-you-mean.ts';
import { StarlarkError } from '../error.ts';
import { locate } from '../run/locate.ts';
import type { IfStatement, LoadStatement, Statement } from '../syntax/tree.ts';
import type { Value } from '../values/object.ts';
import { isTrue } from '../values/object.ts';
import { compileAssign } from './assign.ts';
import { compileFor, compileWhile } from './loops.ts';
import { compileNameTarget } from './names.ts';
import { broken, completed, continued, type Execute, returned, type Unit } from './unit.ts';

export function compileBlock(unit: Unit, statements: readonly Statement[]): Execute {
  const steps = statements
    .filter((statement) => !isIdle(statement))
    .map((statement) => compileStatement(unit, statement));
  const [first, second, third] = steps;
  if (first === undefined) return () => completed;
  if (second === undefined) return first;
  if (third === undefined) return (frame) => first(frame) || second(frame);
  if (steps.length === 3) return (frame) => first(frame) || second(frame) || third(frame);
  return (frame) => {
    for (let index = 0; index < steps.length; index++) {
      const completion = steps[index]?.(frame) ?? completed;
      if (completion !== completed) return completion;
    }
    return completed;
  };
}

/** `pass` and documentation strings. */
function isIdle(statement: Statement): boolean {
  if (statement.kind === 'expression') return statement.expression.kind === 'literal';
  return statement.kind === 'pass';
}

function compileStatement(unit: Unit, statement: Statement): Execute {
  switch (statement.kind) {
    case 'expression': {
      const evaluate = unit.expression(statement.expression);
      return (frame) => {
        evaluate(frame);
        return completed;
      };
    }
    case 'assign':
      return compileAssign(unit, statement);
    case 'def': {
      const evaluate = unit.inner(statement.definition);
      const assign = compileNameTarget(unit, statement.name);
      return (frame) => {
        assign(frame, evaluate(frame));
        return completed;
      };
    }
    case 'for':
      return compileFor(unit, statement);
    case 'while':
      return compileWhile(unit, statement);
    case 'if':
      return compileIf(unit, statement);
    case 'return': {
      const { thread } = unit;
      const evaluate =
        statement.value === undefined ? () => null : unit.expression(statement.value);
      return (frame) => {
        thread.result = evaluate(frame);
        return returned;
      };
    }
    case 'break':
      return () => broken;
    case 'continue':
      return () => continued;
    case 'pass':
      return () => completed;
    case 'load':
      return compileLoad(unit, statement);
  }
}

function compileIf(unit: Unit, statement: IfStatement): Execute {
  const condition = unit.expression(statement.condition);
  const whenTrue = unit.block(statement.whenTrue);
  if (statement.whenFalse.length === 0) {
    return (frame) => {
      const value = condition(frame);
      return value === true || (value !== false && isTrue(value)) ? whenTrue(frame) : completed;
    };
  }
  const whenFalse = unit.block(statement.whenFalse);
  return (frame) => {
    const value = condition(frame);
    if (value === true || (value !== false && isTrue(value))) return whenTrue(frame);
    return whenFalse(frame);
  };
}

function compileLoad(unit: Unit, statement: LoadStatement): Execute {
  const { module } = statement;
  const site = unit.site(statement.position);
  const names = statement.names.map(({ local, original }) => ({
    assign: compileNameTarget(unit, local),
    original,
  }));
  return (frame) => {
    try {
      const exported = unit.module.load(module, statement.modulePosition);
      for (const { assign, original } of names) {
        assign(frame, loaded(exported, original, module));
      }
    } catch (error) {
      throw locate(error, site);
    }
    return completed;
  };
}

function loaded(exported: ReadonlyMap<string, Value>, name: string, module: string): Value {
  const value = exported.get(name);
  if (value === undefined) {
    const hint = suggestion(name, exported.keys());
    throw new StarlarkError(`load: name ${name} not found in module ${module}${hint}`);
  }
  return value;
}
