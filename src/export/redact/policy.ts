/** Names what was looked for, so that two exports can be told to have had the same rules. */

import { SHAPES } from '../../base/secret-shapes.ts';
import { digestJson } from '../../workflow/digest.ts';

export const POLICY = 'whaleflow-redaction/1';

/** Hash of the rules; of the shapes only, for values that were handed in must not be guessable. */
export function policyDigest(): string {
  const rules = SHAPES.map(({ rule, pattern }) => [rule, pattern.source, pattern.flags]);
  return `sha256:${digestJson([POLICY, ...rules])}`;
}
