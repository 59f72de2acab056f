import type { Role } from './limits.ts';

/** Every role, in the order of the documentation. */
export const roleNames: readonly [Role, ...Role[]] = [
  'planner',
  'leaf_reasoner',
  'implementer',
  'reviewer',
  'judge',
  'teacher',
  'student',
  'json_extractor',
  'starlark_repair',
];
