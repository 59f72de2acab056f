/** The values of programs, for hosts that make or read them. */
export { Bytes } from './values/bytes.ts';
export { Builtin, StarlarkFunction } from './values/callable.ts';
export { Dict } from './values/dict.ts';
export { Float } from './values/float.ts';
export { List } from './values/list.ts';
export { freeze, isTrue, StarlarkObject, typeName, type Value } from './values/object.ts';
export { Range } from './values/range.ts';
export { repr } from './values/repr.ts';
export { StarlarkSet } from './values/set.ts';
export { Module, plainConstructor, Struct } from './values/struct.ts';
export { Tuple } from './values/tuple.ts';
