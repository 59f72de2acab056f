import type { Steering } from '../workbench/tell.ts';
import type { Host } from './host.ts';

/** Who types here, and how this process starts drivers. */
export function steeringOf({ env, startDriver }: Host): Steering {
  const by = env['USER'] ?? 'person';
  return startDriver === undefined ? { by } : { by, startDriver };
}
