import { needsConsent } from '../../base/secret-name.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { HostEnvironment } from './command-place.ts';

/**
 * The variables that a leaf’s processes are given: those that its permissions name, and of what looks like
 * a secret, or leads to one, only what a person has accepted by name. A run from before that rule goes on as it began.
 */
export function grantedVariables(
  { node, consent }: Pick<LeafJob, 'node' | 'consent'>,
  environment: HostEnvironment,
): readonly string[] {
  const { env: accepted } = consent;
  const { env: names } = node.permissions;
  if (accepted === undefined) return names;
  return names.filter((name) => !needsConsent(name, environment[name]) || accepted.includes(name));
}
