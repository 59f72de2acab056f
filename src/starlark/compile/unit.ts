import type { Position } from '../position.ts';
import type { Site } from '../run/locate.ts';
import type { Thread } from '../run/thread.ts';
import type { Expression, FunctionNode, Statement } from '../syntax/tree.ts';
import type { Frame } from '../values/callable.ts';
import type { Value } from '../values/object.ts';

export type Evaluate = (frame: Frame) => Value;
export type Assign = (frame: Frame, value: Value) => void;

/** How a statement ended; the value of a `return` lies in the thread. */
export type Completion = 0 | 1 | 2 | 3;
export const completed: Completion = 0;
export const broken: Completion = 1;
export const continued: Completion = 2;
export const returned: Completion = 3;
export type Execute = (frame: Frame) => Completion;

/** What is shared by all functions of a file. */
export interface ModuleState {
  readonly file: string;
  readonly globals: (Value | undefined)[];
  /** A name that the host gives, of the file's own environment or the language's. */
  constant(name: string, scope: 'predeclared' | 'universal'): Value;
  /** The exported globals of another file, evaluated once. */
  load(name: string, position: Position): ReadonlyMap<string, Value>;
}

/** One function, or the top level, being compiled. The files of this folder meet only here. */
export interface Unit {
  readonly thread: Thread;
  readonly module: ModuleState;
  readonly functionName: string;
  /** The frame's slots from here on are cells of outer functions. */
  readonly freeStart: number;
  expression(node: Expression): Evaluate;
  target(node: Expression, position: Position): Assign;
  block(statements: readonly Statement[]): Execute;
  inner(definition: FunctionNode): Evaluate;
  site(position: Position): Site;
}
