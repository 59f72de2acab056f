import type { ModelPolicy, Role } from './limits.ts';

/** Role that answers where a node names none. */
export const DEFAULT_ROLE: Role = 'leaf_reasoner';

/** Under what the routes of a run name the models of a policy: its role, and the model that it asks for. */
export function routeKey({ role = DEFAULT_ROLE, model }: ModelPolicy): string {
  return model === undefined ? role : `${role} ${model}`;
}
