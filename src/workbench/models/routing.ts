/**
 * From roles to models. What a run asks is settled before it begins and recorded, as names only; where a
 * name leads is the configuration’s business at the time of the call.
 */
import type { ModelPolicy } from '../../workflow/limits.ts';
import { leavesBelow, planOf } from '../../workflow/plan.ts';
import { DEFAULT_ROLE, routeKey } from '../../workflow/route-key.ts';
import type { LeafTask } from '../../workflow/task.ts';
import type { WorkflowSpec } from '../../workflow/workflow-spec.ts';
import type { ModelWish } from './model-wish.ts';
import {
  type CapabilityName,
  capabilityNames,
  type Known,
  type ModelsConfig,
  parseModelName,
} from './models-config.ts';

/** Route key → models in order, separated by `, `: as the record has them. */
export type Routes = Readonly<Record<string, string>>;

const SEPARATOR = ', ';

export interface ModelLeaf {
  readonly id: string;
  readonly policy: ModelPolicy;
  readonly needs: readonly CapabilityName[];
}

/** Leaves of a workflow that ask models. `asksUs`: an external agent whose calls go through us. */
export function modelLeaves(
  spec: WorkflowSpec,
  asksUs: (agent: string) => boolean = () => false,
): readonly ModelLeaf[] {
  return leavesBelow(planOf(spec).root).flatMap(({ node }) => {
    const isAsking =
      node.task.type === 'model' ||
      node.task.type === 'agent' ||
      (node.task.type === 'external' && asksUs(node.task.agent));
    if (!isAsking) return [];
    const { id, modelPolicy: policy, task } = node;
    return [{ id, policy, needs: needsOf(policy, task) }];
  });
}

/** Capabilities without which a leaf can’t be done. */
export function needsOf(policy: ModelPolicy, { type }: LeafTask): readonly CapabilityName[] {
  const asked = policy.capabilities ?? [];
  return capabilityNames.filter(
    (name) => asked.includes(name) || (name === 'tools' && type === 'agent'),
  );
}

/** The routes that a run records; a role that nobody answers has none. */
export function routesOf(
  leaves: readonly ModelLeaf[],
  { roles }: ModelsConfig,
  { wishes, recorded }: { readonly wishes: readonly ModelWish[]; readonly recorded: Routes },
): Routes {
  const routes: Record<string, string> = {};
  for (const { policy } of leaves) {
    const role = policy.role ?? DEFAULT_ROLE;
    const wish =
      wishes.findLast((one) => one.role === role) ??
      wishes.findLast((one) => one.role === undefined);
    const own = policy.model === undefined ? undefined : [policy.model];
    const configured = (roles.get(role) ?? roles.get('default'))?.value;
    const key = routeKey(policy);
    const route =
      wish?.models.join(SEPARATOR) ?? recorded[key] ?? (own ?? configured)?.join(SEPARATOR);
    if (route !== undefined) routes[key] = route;
  }
  return routes;
}

/** Models that may answer a leaf, first choice first: by its route, then its own fallbacks. */
export function namesFor(policy: ModelPolicy, routes: Routes): readonly string[] {
  const route = routes[routeKey(policy)];
  if (route === undefined) return [];
  return [...new Set([...route.split(SEPARATOR), ...(policy.fallbacks ?? [])])];
}

/** Whether a model can do what is asked; `unknown` may be tried. */
export function capabilityOf(
  name: string,
  capability: CapabilityName,
  { facts, providers }: ModelsConfig,
): { readonly value: Known; readonly origin: string } {
  const own = facts.get(name)?.capabilities[capability];
  if (own !== undefined) return own;
  const row = providers.get(parseModelName(name)?.provider ?? '');
  const value = row?.capabilities[capability];
  if (row === undefined || value === undefined) return { value: 'unknown', origin: '' };
  return { value, origin: row.origin };
}

/** Those that can’t do what the leaf needs are left out. */
export function ableNames(
  names: readonly string[],
  needs: readonly CapabilityName[],
  models: ModelsConfig,
): readonly string[] {
  return names.filter((name) =>
    needs.every((need) => capabilityOf(name, need, models).value !== 'no'),
  );
}
