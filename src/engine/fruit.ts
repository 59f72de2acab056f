import type { Json } from '../base/json.ts';
import { type RunState, settledAt } from '../trace/run-state.ts';
import type { NodePath } from '../workflow/node-path.ts';

/** What leaves handed over besides their outputs, as a value that nodes can take. */
export function fruitValue(state: RunState, leaves: readonly NodePath[]): readonly Json[] {
  return leaves.flatMap((from) =>
    (settledAt(state, from)?.fruit ?? []).map(
      ({ type, title, value, evidence }): Json => ({
        from,
        type,
        title,
        ...(value === undefined ? {} : { value }),
        evidence,
      }),
    ),
  );
}
