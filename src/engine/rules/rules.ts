import type { NodeKind } from '../../workflow/workflow-spec.ts';
import { approve } from './approve.ts';
import { branchSet } from './branch-set.ts';
import { cond } from './cond.ts';
import { expand } from './expand.ts';
import { leaf } from './leaf.ts';
import { loopUntil } from './loop-until.ts';
import { pareto } from './pareto.ts';
import { reduce, teacherReview } from './reduce.ts';
import type { Rule } from './rule.ts';
import { sequence } from './sequence.ts';
import { tournament } from './tournament.ts';

/** A kind without a rule does not compile. */
export const rules: { readonly [K in NodeKind]: Rule<K> } = {
  leaf,
  sequence,
  branch_set: branchSet,
  loop_until: loopUntil,
  cond,
  expand,
  reduce,
  tournament,
  pareto,
  teacher_review: teacherReview,
  approve,
};
