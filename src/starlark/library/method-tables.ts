import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import type { Value } from '../values/object.ts';
import { StarlarkSet } from '../values/set.ts';
import { bytesMethods } from './bytes-methods.ts';
import { dictMethods } from './dict-methods.ts';
import { listMethods } from './list-methods.ts';
import type { Method, MethodTable } from './method.ts';
import { setMethods } from './set-methods.ts';
import { stringMethods } from './string-methods.ts';

export function methodsOf(value: Value): MethodTable | undefined {
  if (typeof value === 'string') return stringMethods;
  if (value instanceof List) return listMethods;
  if (value instanceof Dict) return dictMethods;
  if (value instanceof StarlarkSet) return setMethods;
  return value instanceof Bytes ? bytesMethods : undefined;
}

export function methodOf(value: Value, name: string): Method | undefined {
  return methodsOf(value)?.get(name);
}
