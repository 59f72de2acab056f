/** Which sandbox a run gets, and the refusal where this machine cannot give it. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import type { Opened } from '../sandbox/bubblewrap/open-bubblewrap.ts';
import { inProcessSandbox } from '../sandbox/in-process/in-process-sandbox.ts';
import { noneSandbox } from '../sandbox/none/none-sandbox.ts';
import type { Sandbox, SandboxLevel } from '../sandbox/sandbox.ts';
import { randomId } from '../system/chance.ts';
import { leavesBelow, planOf } from '../workflow/plan.ts';
import type { LeafNode, WorkflowSpec } from '../workflow/workflow-spec.ts';
import type { Workbench } from './workbench.ts';

/** `--sandbox`. */
export type SandboxMode = 'strict' | 'off';

const NAME_LENGTH = 16;

export interface ChosenSandbox {
  readonly level: SandboxLevel;
  readonly sandbox: Sandbox;
}

/**
 * What a run of a workflow gets: `strict` where it may start a command, and where a search would like to.
 * Nothing falls back in silence: only a run that can do without any process goes on where this machine cannot.
 * @throws {WhaleFlowError} WF4004 where `strict` is needed and this machine cannot.
 */
export async function chooseSandbox(
  workbench: Workbench,
  spec: WorkflowSpec,
  mode: SandboxMode,
): Promise<ChosenSandbox> {
  const level = sandboxLevelOf(spec, mode);
  try {
    return { level, sandbox: await openSandbox(workbench, level) };
  } catch (error) {
    const isNeeded = commandLeaves(spec).length > 0;
    if (isNeeded || !(error instanceof WhaleFlowError)) throw error;
    return { level: 'in-process', sandbox: await openSandbox(workbench, 'in-process') };
  }
}

function sandboxLevelOf(spec: WorkflowSpec, mode: SandboxMode): SandboxLevel {
  const startsAny = leavesOf(spec).some((node) => startsCommands(node) || mayLook(node));
  if (!startsAny) return 'in-process';
  return mode === 'off' ? 'none' : 'strict';
}

const leavesOf = (spec: WorkflowSpec): readonly LeafNode[] =>
  leavesBelow(planOf(spec).root).map(({ node }) => node);

/** Leaves in which somebody else’s program may run. */
export const commandLeaves = (spec: WorkflowSpec): readonly LeafNode[] =>
  leavesOf(spec).filter(startsCommands);

/** Whether somebody else’s program may run in a leaf: one that its author or a model names. */
function startsCommands({ task, permissions }: LeafNode): boolean {
  switch (task.type) {
    case 'command':
    case 'harvest':
    case 'external':
      return true;
    case 'agent':
      return permissions.shell && permissions.commands.length > 0;
    default:
      return false;
  }
}

/** Searches are quicker by ripgrep, and go without it too. */
const mayLook = ({ task }: LeafNode): boolean => task.type === 'search' || task.type === 'agent';

/** @throws {WhaleFlowError} WF4004 where `strict` is wanted and this machine cannot. */
export async function openSandbox(workbench: Workbench, level: SandboxLevel): Promise<Sandbox> {
  const { clock, timers } = workbench;
  if (level === 'in-process') return inProcessSandbox;
  const plain = noneSandbox({ clock, timers });
  if (level === 'none') return plain;
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
  const readable = [...(repository === undefined ? [] : [repository.commonFolder]), ...read];
  const programs = [process.execPath, ...nodeOnPath(env['PATH'] ?? '')];
  if (process.platform === 'darwin') return openOnMac(workbench, { plain, readable, programs });
  return openBubblewrap({
    plain,
    folder: join(places.cacheFolder, 'sandbox'),
    platform: process.platform,
    machine: process.arch,
    isRoot: process.getuid?.() === 0,
    home: env['HOME'] ?? '/',
    path: env['PATH'] ?? '',
    programs,
    readable,
    bootId: holder.bootId,
    isTrying,
    newName: () => randomId(chance, NAME_LENGTH),
  });
}

interface MacRequest {
  readonly plain: Sandbox;
  readonly readable: readonly string[];
  readonly programs: readonly string[];
}

async function openOnMac(
  { env, places, chance }: Workbench,
  { plain, readable, programs }: MacRequest,
): Promise<Opened> {
  const [{ openSeatbelt }, { toolchainFolders }] = await Promise.all([
    import('../sandbox/seatbelt/seatbelt-sandbox.ts'),
    import('../sandbox/bubblewrap/profile.ts'),
  ]);
  const folders = programs.flatMap((program) => toolchainFolders(program, env['HOME'] ?? '/'));
  return openSeatbelt({
    plain,
    readable: [...new Set([...folders, ...readable])],
    folder: join(places.cacheFolder, 'sandbox'),
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
