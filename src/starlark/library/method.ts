import { StarlarkError } from '../error.ts';
import type { CallPosition } from '../position.ts';
import type { Thread } from '../run/thread.ts';
import { typeName, type Value } from '../values/object.ts';

/** A method of a built-in type, not yet bound to a receiver. */
export interface Method {
  readonly name: string;
  readonly call: MethodCall<Value>;
}

export type MethodCall<Self> = (
  self: Self,
  thread: Thread,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  position: CallPosition,
) => Value;

export type MethodTable = ReadonlyMap<string, Method>;

/** The methods of one type, in alphabetical order. */
export function methodTable<Self extends Value>(
  isSelf: (value: Value) => value is Self,
  methods: Readonly<Record<string, MethodCall<Self>>>,
): MethodTable {
  const names = Object.keys(methods).sort();
  return new Map(
    names.map((name) => {
      const method = methods[name];
      const call: MethodCall<Value> = (self, thread, args, kwargs, position) => {
        if (!isSelf(self) || method === undefined) {
          throw new StarlarkError(`${name}: not a method of ${typeName(self)}`);
        }
        return method(self, thread, args, kwargs, position);
      };
      return [name, { name, call }];
    }),
  );
}
