/** The demo’s run before it begins: its own models, its own commands, the best sandbox that can be had. */
import { WhaleFlowError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { EffectiveConfig } from './config.ts';
import { demoCommands } from './demo/demo-files.ts';
import type { SandboxMode } from './open-sandbox.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';
import type { Workbench } from './workbench.ts';

/** Free of charge, or with prices that are only pretended. */
export type DemoModel = 'demo:scripted' | 'demo:priced';

export interface DemoRequest {
  readonly params: JsonObject;
  readonly texts?: Readonly<Record<string, string>>;
  /** Answers what no other model is named for. */
  readonly model: DemoModel;
  /** `--model`, over it. */
  readonly models: readonly string[];
  /** `--allow`: what is accepted besides. */
  readonly allow: readonly string[];
  /** `--sandbox`: then that one or none. */
  readonly sandbox?: SandboxMode;
}

export interface PreparedDemo {
  readonly prepared: PreparedRun;
  /** Commands that are accepted by typing `demo`. */
  readonly allow: readonly string[];
  /** Why its commands are not confined, where this machine cannot. */
  readonly unconfined?: WhaleFlowError;
}

/**
 * Strict where that can be had. Elsewhere the commands run as the user, as long as all that they run is
 * ours: where a real model writes the files, its tests are for a person to accept.
 */
export async function prepareDemo(
  workbench: Workbench,
  config: EffectiveConfig,
  { model, models, sandbox, allow: accepted, ...given }: DemoRequest,
): Promise<PreparedDemo> {
  const isOurs = models.every((one) => one.replace(/^.*?=/, '').startsWith('demo:'));
  const allow = [...(isOurs ? demoCommands : []), ...accepted];
  const request = { workflow: 'demo', ...given, allow, models: [model, ...models] };
  const wish = sandbox ?? chosenIn(config);
  if (wish !== undefined) {
    return { prepared: await prepareRun(workbench, config, { ...request, sandbox: wish }), allow };
  }
  try {
    const prepared = await prepareRun(workbench, config, { ...request, sandbox: 'strict' });
    return { prepared, allow };
  } catch (thrown) {
    if (!(thrown instanceof WhaleFlowError) || thrown.code !== 'WF4004') throw thrown;
    const prepared = await prepareRun(workbench, config, { ...request, sandbox: 'off' });
    return { prepared, allow, unconfined: thrown };
  }
}

/** What somebody has set; what is built in is no choice. */
function chosenIn({ settings, sandbox }: EffectiveConfig): SandboxMode | undefined {
  const origin = settings.find(({ key }) => key === 'sandbox.mode')?.origin;
  return origin === undefined || origin === 'built in' ? undefined : sandbox.mode;
}
