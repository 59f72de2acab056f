import type { Span } from '../base/diagnostic.ts';
import type { JsonObject } from '../base/json.ts';
import type { RunStarted } from '../trace/run-state.ts';
import { featureUses } from '../workflow/features.ts';
import { skillUses } from '../workflow/skill-uses.ts';
import { type CompiledFile, compileFile, compileText } from './compile.ts';
import type { EffectiveConfig } from './config.ts';
import type { Address } from './find-run.ts';
import { createRun } from './launch-run.ts';
import { isMockWish } from './mock-wish.ts';
import type { SandboxMode } from './open-sandbox.ts';
import { type PreparedRun, prepareCompiled } from './prepare-run.ts';
import { startedOf } from './steer.ts';
import type { Workbench } from './workbench.ts';

export interface ForkRequest {
  /** The workflow file to run; the recorded spec where absent. */
  readonly file?: string;
  /** What the file holds, where it comes from stdin. */
  readonly text?: string;
  /** A node that is run again with all that depends on it. */
  readonly at?: string;
  /** Nothing is taken from the parent but what it was asked. */
  readonly isFresh?: boolean;
  readonly allow: readonly string[];
  /** As in `PrepareRequest`. */
  readonly allowEnv?: readonly string[];
  /** That of the parent where absent. */
  readonly sandbox?: SandboxMode;
  /** Those of the parent where absent. */
  readonly params?: JsonObject;
  /** As in `PrepareRequest`. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly name?: string;
  /** As in `PrepareRequest`: what is asked in place of the recorded models. */
  readonly models?: readonly string[];
  /** As in `PrepareRequest`. */
  readonly agents?: readonly string[];
  /** As in `PrepareRequest`. */
  readonly isDry?: boolean;
}

/** Prepares a fork: same parameters, base, consent and wiring as its parent unless told otherwise. */
export async function prepareFork(
  workbench: Workbench,
  config: EffectiveConfig,
  { row }: Address,
  request: ForkRequest,
): Promise<PreparedRun> {
  const store = workbench.store('write');
  const started = startedOf(store, row.run);
  const compiled = workflowOf(workbench, started, request);
  const { wiring } = started.config;
  const { models = [] } = request;
  const isMockModel = models.length === 0 ? wiring === 'real+mock' : isMockWish(models);
  const fixture = wiring.startsWith('mock:') ? store.blob(wiring.slice(5)) : undefined;
  const prepared = await prepareCompiled(workbench, config, compiled, {
    params: request.params ?? started.params,
    texts: request.texts ?? {},
    isDry: request.isDry ?? false,
    allow: [...started.consent.commands, ...request.allow],
    allowEnv: acceptedSecrets(started, request),
    ...sandboxLike(started, request),
    ...(wiring.startsWith('mock') ? { mock: true } : {}),
    ...(isMockModel ? { model: 'mock' } : {}),
    models: isMockModel ? [] : models,
    recorded: started.config.routes,
    agents: request.agents ?? [],
    ...(started.config.agents === undefined ? {} : { recordedAgents: started.config.agents }),
    allowUnknownCost: started.config.allowUnknownCost ?? false,
  });
  if (fixture === undefined) return prepared;
  const text = new TextDecoder().decode(fixture);
  return { ...prepared, fixture: text, config: { ...prepared.config, wiring } };
}

function workflowOf(
  workbench: Workbench,
  started: RunStarted,
  { file, text }: ForkRequest,
): CompiledFile {
  if (text !== undefined) return compileText(workbench, text);
  return file === undefined ? recordedWorkflow(started) : compileFile(workbench, file);
}

const acceptedSecrets = (
  { consent }: RunStarted,
  { allowEnv = [] }: ForkRequest,
): readonly string[] => [...new Set([...(consent.env ?? []), ...allowEnv])];

/** Never less than its parent, unless it is told so. */
function sandboxLike(
  { config }: RunStarted,
  { sandbox }: ForkRequest,
): Pick<ForkRequest, 'sandbox'> {
  if (sandbox !== undefined) return { sandbox };
  return config.sandbox === 'none' ? {} : { sandbox: 'strict' };
}

function recordedWorkflow({ spec, source, sourceMap = {} }: RunStarted): CompiledFile {
  const file = source ?? { path: spec.id, language: 'json' as const, digest: '' };
  const placed = <Use extends { readonly node: string }>(use: Use): Use & { span?: Span } => {
    const place = sourceMap[use.node];
    if (place === undefined) return use;
    return { ...use, span: { file: file.path, line: place[0], column: place[1] } };
  };
  const features = featureUses(spec).map(placed);
  const skills = skillUses(spec).map(placed);
  return { spec, source: file, sourceMap, warnings: [], features, skills, notes: [] };
}

/** Makes the fork in the store; this process holds its lease. Resolves to its run id. */
export function createFork(
  workbench: Workbench,
  { row }: Address,
  prepared: PreparedRun,
  request: ForkRequest,
): Promise<string> {
  const started = startedOf(workbench.store('write'), row.run);
  const voided = request.at === undefined ? {} : { voided: request.at };
  const fresh = request.isFresh === true ? { isFresh: true as const } : {};
  return createRun(workbench, prepared, {
    consent: {
      ...started.consent,
      commands: [...new Set([...started.consent.commands, ...request.allow])],
      env: acceptedSecrets(started, request),
    },
    lineage: { mode: 'fork', parent: row.run, ...voided, ...fresh },
    seed: started.seed,
    ...(request.name === undefined ? {} : { name: request.name }),
    ...(started.base === undefined ? {} : { sameBase: started.base }),
  });
}
