import type { CallPosition, Position } from '../position.ts';
import type { Thread } from '../run/thread.ts';
import { StarlarkObject, type Value } from './object.ts';
import type { ReprWriter } from './repr.ts';

/** The host's side of a call. */
export type NativeCall = (
  thread: Thread,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  position: CallPosition,
) => Value;

/** A function of the host, or a method of a built-in type bound to its receiver. */
export class Builtin extends StarlarkObject {
  readonly starlarkType = 'builtin_function_or_method';
  readonly name: string;
  readonly call: NativeCall;
  readonly receiverType: string | undefined;

  constructor(name: string, call: NativeCall, receiverType?: string) {
    super();
    this.name = name;
    this.call = call;
    this.receiverType = receiverType;
  }

  write(writer: ReprWriter): void {
    if (this.receiverType === undefined) writer.text(`<built-in function ${this.name}>`);
    else writer.text(`<built-in method ${this.name} of ${this.receiverType} value>`);
  }
}

/** A variable shared by a function and the functions inside it. Programs never see one. */
export class Cell extends StarlarkObject {
  readonly starlarkType = 'cell';
  value: Value | undefined;

  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }

  override freezeSelf(pending: Value[]): void {
    if (this.value !== undefined) pending.push(this.value);
  }

  write(writer: ReprWriter): void {
    writer.text('<cell>');
  }
}

/** A call's variables: parameters, then locals, then cells of free variables. */
export type Frame = (Value | undefined)[];

/** What all closures of one `def` or `lambda` share. */
export interface FunctionCode {
  readonly name: string;
  readonly position: Position;
  /** Positional parameters, then keyword-only ones, then `*args`, then `**kwargs`. */
  readonly parameters: readonly string[];
  readonly positionalCount: number;
  readonly keywordOnlyCount: number;
  readonly hasVarargs: boolean;
  readonly hasKwargs: boolean;
  /** Only positional parameters: a call needs no more than their number to be right. */
  readonly isSimple: boolean;
  /** No variable is shared with other functions, and few are there: a call costs nothing more. */
  readonly isFlat: boolean;
  readonly frameSize: number;
  /** Whether the parameter in a slot has a default. */
  readonly hasDefault: readonly boolean[];
  /** Slots that are cells from the start: captured parameters and locals. */
  readonly cellSlots: readonly number[];
  readonly freeStart: number;
  readonly run: (frame: Frame) => Value;
  /** Calls under way, counted only where recursion is forbidden. */
  active: number;
}

export class StarlarkFunction extends StarlarkObject {
  readonly starlarkType = 'function';
  readonly code: FunctionCode;
  /** By parameter slot; `undefined` where a parameter has no default. */
  readonly defaults: readonly (Value | undefined)[];
  readonly cells: readonly Cell[];
  #isFrozen = false;

  constructor(
    code: FunctionCode,
    defaults: readonly (Value | undefined)[],
    cells: readonly Cell[],
  ) {
    super();
    this.code = code;
    this.defaults = defaults;
    this.cells = cells;
  }

  override freezeSelf(pending: Value[]): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    for (const value of this.defaults) if (value !== undefined) pending.push(value);
    pending.push(...this.cells);
  }

  write(writer: ReprWriter): void {
    writer.text(`<function ${this.code.name}>`);
  }
}
