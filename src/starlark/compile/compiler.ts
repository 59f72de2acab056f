import { unary } from '../operate/unary.ts';
import type { Position } from '../position.ts';
import type { Binding } from '../resolve/binding.ts';
import { frameOrder } from '../resolve/frame-order.ts';
import { smallFrame } from '../run/call.ts';
import { charge } from '../run/charge.ts';
import { locate, type Site } from '../run/locate.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import type { Expression, FunctionNode, Statement } from '../syntax/tree.ts';
import { Cell, type Frame, type FunctionCode, StarlarkFunction } from '../values/callable.ts';
import { isTrue, type Value } from '../values/object.ts';
import { compileDot, compileIndex, compileSlice } from './access.ts';
import { compileTarget } from './assign.ts';
import { compileBinary } from './binary.ts';
import { compileCall } from './calls.ts';
import { compileConditional, compileDict, compileFormat, compileSequence } from './collections.ts';
import { compileComprehension } from './comprehension.ts';
import { cellAt, compileName } from './names.ts';
import { compileBlock } from './statements.ts';
import {
  type Assign,
  type Evaluate,
  type Execute,
  type ModuleState,
  returned,
  type Unit,
} from './unit.ts';

/** Makes the program of a file's top level, to be run once. */
export function compileModule(
  thread: Thread,
  module: ModuleState,
  statements: readonly Statement[],
  locals: readonly Binding[],
): () => void {
  const unit = new FunctionUnit(thread, module, '<toplevel>', locals.length);
  const block = unit.block(statements);
  return () => {
    const frame: Frame = new Array<Value | undefined>(locals.length).fill(undefined);
    for (const { scope, index } of locals) if (scope === 'cell') frame[index] = new Cell(undefined);
    block(frame);
  };
}

class FunctionUnit implements Unit {
  readonly thread: Thread;
  readonly module: ModuleState;
  readonly functionName: string;
  readonly freeStart: number;

  constructor(thread: Thread, module: ModuleState, functionName: string, freeStart: number) {
    this.thread = thread;
    this.module = module;
    this.functionName = functionName;
    this.freeStart = freeStart;
  }

  site(position: Position): Site {
    return { thread: this.thread, functionName: this.functionName, position };
  }

  block(statements: readonly Statement[]): Execute {
    return compileBlock(this, statements);
  }

  target(node: Expression, position: Position): Assign {
    return compileTarget(this, node, position);
  }

  expression(node: Expression): Evaluate {
    switch (node.kind) {
      case 'name':
        return compileName(this, node);
      case 'literal': {
        const { value } = node;
        return () => value;
      }
      case 'format':
        return compileFormat(this, node);
      case 'list':
      case 'tuple':
        return compileSequence(this, node);
      case 'dict':
        return compileDict(this, node);
      case 'comprehension':
        return compileComprehension(this, node);
      case 'lambda':
        return this.inner(node.definition);
      case 'conditional':
        return compileConditional(
          this.expression(node.condition),
          this.expression(node.whenTrue),
          this.expression(node.whenFalse),
        );
      case 'unary':
        return this.#unary(node.operator, this.expression(node.operand), node.position);
      case 'binary':
        return compileBinary(this, node);
      case 'dot':
        return compileDot(this, node);
      case 'index':
        return compileIndex(this, node);
      case 'slice':
        return compileSlice(this, node);
      case 'call':
        return compileCall(this, node);
    }
  }

  #unary(operator: string, operand: Evaluate, position: Position): Evaluate {
    if (operator === 'not') return (frame) => !isTrue(operand(frame));
    const site = this.site(position);
    return (frame) => {
      const value = operand(frame);
      try {
        return unary(operator, value, site.thread);
      } catch (error) {
        throw locate(error, site);
      }
    };
  }

  /** The closure that makes the function's value, with its defaults and captured cells. */
  inner(definition: FunctionNode): Evaluate {
    const code = this.#code(definition);
    const plain = definition.parameters.filter(({ kind }) => kind === 'plain');
    const defaults = plain.map(({ fallback }) =>
      fallback === undefined ? undefined : this.expression(fallback),
    );
    const site = this.site(definition.position);
    const slots = definition.free.map(({ scope, index }) =>
      scope === 'free' ? this.freeStart + index : index,
    );
    return (frame) => {
      charge(site, weights.function);
      const values = defaults.map((fallback) => fallback?.(frame));
      const cells = slots.map((slot) => cellAt(frame, slot));
      return new StarlarkFunction(code, values, cells);
    };
  }

  #code(definition: FunctionNode): FunctionCode {
    const { name, position, parameters, locals, free, body } = definition;
    const ordered = frameOrder(parameters).filter((parameter) => parameter.name !== undefined);
    const starAt = parameters.findIndex(({ kind }) => kind === 'star');
    const plain = ordered.filter(({ kind }) => kind === 'plain');
    const afterStar = starAt < 0 ? [] : parameters.slice(starAt);
    const keywordOnlyCount = afterStar.filter(({ kind }) => kind === 'plain').length;
    const hasVarargs = starAt >= 0 && parameters[starAt]?.name !== undefined;
    const hasKwargs = parameters.some(({ kind }) => kind === 'starstar');
    const unit = new FunctionUnit(this.thread, this.module, name, locals.length);
    const frameSize = locals.length + free.length;
    return {
      name,
      position,
      parameters: ordered.map((parameter) => parameter.name?.name ?? ''),
      positionalCount: plain.length - keywordOnlyCount,
      keywordOnlyCount,
      hasVarargs,
      hasKwargs,
      isSimple: !hasVarargs && !hasKwargs && keywordOnlyCount === 0,
      frameSize,
      hasDefault: plain.map(({ fallback }) => fallback !== undefined),
      isFlat:
        frameSize <= smallFrame &&
        free.length === 0 &&
        locals.every(({ scope }) => scope !== 'cell'),
      cellSlots: locals.filter(({ scope }) => scope === 'cell').map(({ index }) => index),
      freeStart: locals.length,
      run: compileBody(unit, body),
      active: 0,
    };
  }
}

/** A body that is one `return` needs no completion code. */
function compileBody(unit: Unit, body: readonly Statement[]): (frame: Frame) => Value {
  const [only] = body;
  if (only?.kind === 'return' && only.value !== undefined) return unit.expression(only.value);
  const { thread } = unit;
  const block = unit.block(body);
  return (frame) => (block(frame) === returned ? thread.result : null);
}
