import { builtin } from '../../src/starlark/builtin.ts';
import { StarlarkError } from '../../src/starlark/error.ts';
import { signature } from '../../src/starlark/signature.ts';
import { List, StarlarkObject, Struct, type Value } from '../../src/starlark/value.ts';
import type { ReprWriter } from '../../src/starlark/values/repr.ts';

/** A value with fields that programs may set, like that of starlark-go's tests. */
export class HasFields extends StarlarkObject {
  readonly starlarkType = 'hasfields';
  readonly #fields = new Map<string, Value>();
  #isFrozen = false;

  override attribute(name: string): Value | undefined {
    return this.#fields.get(name);
  }

  override attributeNames(): readonly string[] {
    return [...this.#fields.keys()].sort();
  }

  override setAttribute(name: string, value: Value): boolean {
    if (this.#isFrozen) throw new StarlarkError('cannot set field on a frozen hasfields');
    if (name.startsWith('no')) return false;
    this.#fields.set(name, value);
    return true;
  }

  override binary(operator: string, other: Value, isLeft: boolean): Value | undefined {
    return operator === '+' && !isLeft && other instanceof List ? 42 : undefined;
  }

  override freezeSelf(pending: Value[]): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    pending.push(...this.#fields.values());
  }

  write(writer: ReprWriter): void {
    writer.text('hasfields');
  }
}

class Fibonacci extends StarlarkObject {
  readonly starlarkType = 'fib';

  override get isIterable(): boolean {
    return true;
  }

  override *elements(): Iterable<Value> {
    for (let [x, y] = [0, 1]; ; [x, y] = [y, x + y]) yield x;
  }

  write(writer: ReprWriter): void {
    writer.text('fib');
  }
}

/** 0, 1, 1, 2, 3, 5, ... without end. */
export const fibonacci: Value = new Fibonacci();

/** A callable that makes structs of its own brand. */
class Brand extends StarlarkObject {
  readonly starlarkType = 'symbol';
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override get isCallable(): boolean {
    return true;
  }

  override invoke(
    _thread: unknown,
    args: readonly Value[],
    kwargs: ReadonlyMap<string, Value>,
  ): Value {
    if (args.length > 0) throw new StarlarkError(`${this.#name}: unexpected positional arguments`);
    return new Struct(this, kwargs);
  }

  write(writer: ReprWriter): void {
    writer.text(this.#name);
  }
}

const gensymParameters = signature('gensym', ['name']);

export const gensym: Value = builtin({
  name: 'gensym',
  call: (_thread, args, kwargs) => new Brand(gensymParameters(args, kwargs).string(0)),
});
