/** Runs a workflow file of the repository in this process, as `whaleflow run --foreground` would. */
import { resolve } from 'node:path';
import type { Json } from '../../src/base/json.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import type { Outcome } from '../../src/trace/outcome.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import { readConfig } from '../../src/workbench/config.ts';
import { createRun, driveRun } from '../../src/workbench/launch-run.ts';
import { prepareRun } from '../../src/workbench/prepare-run.ts';
import { runOutput } from '../../src/workbench/run-workflow.ts';
import { openWorkbench } from '../../src/workbench/workbench.ts';

/** The root of this repository. */
export const ROOT: string = resolve(import.meta.dirname, '../..');

export interface ExampleRequest {
  /** Below the root of this repository. */
  readonly file: string;
  /** Where it runs; the root of this repository where absent. */
  readonly folder?: string;
  readonly home?: string;
  /** `true`, or the path of a fixture below the root; the world is real where absent. */
  readonly mock?: true | string;
  /** Commands run with no sandbox, all accepted, where absent; confined, and none accepted. */
  readonly sandbox?: 'strict';
}

export interface ExampleRun {
  readonly outcome: Outcome | undefined;
  readonly output: Json;
  /** Status by path, of everything that ended. */
  readonly ended: Readonly<Record<string, string>>;
  /** Commit of the tree of the run, where it has one. */
  readonly tree: string | undefined;
  readonly modelCalls: number;
}

const MAX_MS = 100_000;

export async function runExample(request: ExampleRequest): Promise<ExampleRun> {
  const { file, folder = ROOT, home = folder, mock, sandbox } = request;
  const commands = sandbox === undefined ? ['*'] : [];
  const env = { PATH: process.env['PATH'], HOME: home, WHALEFLOW_HOME: resolve(home, 'whaleflow') };
  using store = memoryStore();
  using workbench = openWorkbench({ cwd: folder, env, openStore: () => store });
  const config = readConfig({ places: workbench.places, env, set: [] });
  const prepared = await prepareRun(workbench, config, {
    workflow: resolve(ROOT, file),
    params: {},
    allow: commands,
    sandbox: sandbox ?? 'off',
    ...(mock === undefined ? { model: 'mock' } : {}),
    ...(mock === undefined || mock === true ? {} : { mock: resolve(ROOT, mock) }),
    ...(mock === true ? { mock } : {}),
  });
  const consent = { by: 'flag', commands } as const;
  const run = await createRun(workbench, prepared, { consent });
  await driveRun(workbench, run, AbortSignal.timeout(MAX_MS));
  const ended: Record<string, string> = {};
  let modelCalls = 0;
  const state = foldRun(store, run, (event) => {
    if (event.type === 'leaf.finished') ended[event.path] = event.result.status;
    if (event.type === 'node.finished') ended[event.path] = event.outcome.status;
    if (event.type === 'model.called') modelCalls += 1;
  });
  return {
    outcome: state.finished?.outcome,
    output: runOutput(store, state),
    ended,
    tree: state.trees.get('')?.at,
    modelCalls,
  };
}
