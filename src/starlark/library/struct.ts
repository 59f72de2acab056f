import { StarlarkError } from '../error.ts';
import { Builtin } from '../values/callable.ts';
import { plainConstructor, Struct } from '../values/struct.ts';

/** `struct(name=value, ...)`. */
export const structBuiltin: Builtin = new Builtin('struct', (thread, args, kwargs) => {
  if (args.length > 0) throw new StarlarkError('struct: unexpected positional arguments');
  thread.sequence(kwargs.size);
  return new Struct(plainConstructor, kwargs);
});
