import type { RunConfig } from '../../trace/run-terms.ts';
import type { WorkflowSpec } from '../../workflow/workflow-spec.ts';
import { parseModelWish } from './model-wish.ts';
import type { ModelsConfig } from './models-config.ts';
import { modelLeaves, type Routes, routesOf } from './routing.ts';
import type { RunModels } from './run-models.ts';

export interface AskedRequest {
  /** `--model`: `PROVIDER:MODEL` for all, `ROLE=PROVIDER:MODEL` for one; over what is configured. */
  readonly models?: readonly string[];
  /** Routes of the run that this one goes on from: over what is configured, under `models`. */
  readonly recorded?: Routes;
  /** `--allow-unknown-cost`. */
  readonly allowUnknownCost?: boolean;
}

/** Which models a new run asks: none where a mock answers. @throws {WhaleFlowError} WF2002 */
export function askedModels(
  spec: WorkflowSpec,
  models: ModelsConfig,
  {
    wiring,
    asksUs,
    ...request
  }: AskedRequest & { readonly wiring: string; readonly asksUs?: (agent: string) => boolean },
): RunModels {
  const { models: words = [], recorded = {}, allowUnknownCost = false } = request;
  const leaves = wiring === 'real' ? modelLeaves(spec, asksUs) : [];
  const wishes = words.map(parseModelWish);
  return { routes: routesOf(leaves, models, { wishes, recorded }), models, allowUnknownCost };
}

/** What of it the run records. */
export function toRecord({
  routes,
  allowUnknownCost,
}: RunModels): Pick<RunConfig, 'routes' | 'allowUnknownCost'> {
  return { routes, ...(allowUnknownCost ? { allowUnknownCost } : {}) };
}
