import type { WhaleFlowError } from '../base/errors.ts';
import type { RunStarted } from '../trace/run-state.ts';
import { modelObstacle } from './models/model-obstacle.ts';
import { modelLeaves } from './models/routing.ts';
import { recordedModels } from './recorded-models.ts';
import type { Workbench } from './workbench.ts';

/** Why a recorded run cannot ask its models any more; undefined where it can, or asks none. */
export async function recordedObstacle(
  workbench: Workbench,
  started: RunStarted,
): Promise<WhaleFlowError | undefined> {
  if (Object.keys(started.config.routes).length === 0) return undefined;
  const run = await recordedModels(workbench, started);
  const { env } = workbench;
  return modelObstacle(modelLeaves(started.spec), run, { env, isPriced: true });
}
