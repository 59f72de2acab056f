/** Which sandbox a run gets, and the refusal where this machine cannot give it. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { needsTree } from '../leaf/leaf-job.ts';
import type { Opened } from '../sandbox/bubblewrap/open-bubblewrap.ts';
import { noneSandbox } from '../sandbox/none/none-sandbox.ts';
import type { Sandbox, SandboxLevel } from '../sandbox/sandbox.ts';
import { randomId } from '../system/chance.ts';
import { leavesBelow, planOf } from '../workflow/plan.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import type { Workbench } from './workbench.ts';

/** `--sandbox`. */
export type SandboxMode = 'strict' | 'off';

const NAME_LENGTH = 16;

/** `in-process` where nothing that it does ever starts a process. */
export function sandboxLevelOf(spec: WorkflowSpec, mode: SandboxMode): SandboxLevel {
  if (mode === 'off') return 'none';
  return startsProcesses(spec) ? 'strict' : 'in-process';
}

function startsProcesses(spec: WorkflowSpec): boolean {
  return leavesBelow(planOf(spec).root).some(
    ({ node }) => needsTree(node.task) && node.task.type !== 'merge',
  );
}

/** @throws {WhaleFlowError} WF4004 where `strict` is wanted and this machine cannot. */
export async function openSandbox(workbench: Workbench, level: SandboxLevel): Promise<Sandbox> {
  const { clock, timers } = workbench;
  const plain = noneSandbox({ clock, timers });
  if (level !== 'strict') return { ...plain, level };
  const opened = await openStrict(workbench, { plain });
  if ('sandbox' in opened) return opened.sandbox;
  throw new WhaleFlowError('WF4004', `no strict sandbox here: ${opened.why}`, {
    hint: opened.hint,
  });
}

export interface StrictRequest {
  /** Runs the launcher. */
  readonly plain: Sandbox;
  /** Try it out, whatever is known of this machine. */
  readonly isTrying?: boolean;
}

/** Loaded for those who want it: the others start sooner. */
export async function openStrict(
  workbench: Workbench,
  { plain, isTrying = false }: StrictRequest,
): Promise<Opened> {
  const { places, env, chance, holder } = workbench;
  const [{ openBubblewrap }, { locateRepository }, { readConfig }] = await Promise.all([
    import('../sandbox/bubblewrap/open-bubblewrap.ts'),
    import('../workspace/git/locate-repository.ts'),
    import('./config.ts'),
  ]);
  const { read } = readConfig({ places, env, set: [] }).sandbox;
  const repository = places.hasGit ? await locateRepository(places.root) : undefined;
  return openBubblewrap({
    plain,
    folder: join(places.cacheFolder, 'sandbox'),
    platform: process.platform,
    machine: process.arch,
    isRoot: process.getuid?.() === 0,
    home: env['HOME'] ?? '/',
    path: env['PATH'] ?? '',
    programs: [process.execPath, ...nodeOnPath(env['PATH'] ?? '')],
    readable: [...(repository === undefined ? [] : [repository.commonFolder]), ...read],
    bootId: holder.bootId,
    isTrying,
    newName: () => randomId(chance, NAME_LENGTH),
  });
}

/** As it is found there, and where links lead from there. */
function nodeOnPath(path: string): readonly string[] {
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find((file) => isAbsolute(file) && existsSync(file));
  return found === undefined ? [] : [found, realpathSync(found)];
}
