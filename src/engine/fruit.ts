import type { Json } from '../base/json.ts';
import { fruitAt, type RunState } from '../trace/run-state.ts';
import type { NodePath } from '../workflow/node-path.ts';

/** What leaves handed over besides their outputs, as a value that nodes can take. */
export function fruitValue(state: RunState, leaves: readonly NodePath[]): readonly Json[] {
  return leaves.flatMap((from) =>
    fruitAt(state, from).map(
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
