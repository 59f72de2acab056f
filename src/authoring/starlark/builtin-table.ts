import { otherBuiltins, predicateBuiltins } from './condition-builtins.ts';
import { controlBuiltins } from './control-builtins.ts';
import { leafBuiltins } from './leaf-builtins.ts';
import type { BuiltinRow } from './parameter.ts';

/** Every builtin that a workflow file knows besides the language itself. */
export const builtinTable: readonly BuiltinRow[] = [
  ...otherBuiltins,
  ...leafBuiltins,
  ...controlBuiltins,
  ...predicateBuiltins,
];
