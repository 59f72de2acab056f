/** Workflows that are run by name: of the repository, of the user, and those that come with the program. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { builtInNames, builtInPath, builtInText } from './built-ins.ts';
import { type CompiledFile, compileFile, compileTextAt } from './compile.ts';
import type { Places } from './places.ts';
import type { Workbench } from './workbench.ts';
import { toWriteError } from './write-error.ts';
import { writeNewFile } from './write-new-file.ts';

export type WorkflowOwner = 'project' | 'user' | 'built-in';

export interface WorkflowEntry {
  readonly name: string;
  readonly owner: WorkflowOwner;
  /** What `run` takes to mean just this one: a file, or `built-in:NAME`. */
  readonly path: string;
  /** Another one of the name is run by it. */
  readonly isShadowed: boolean;
  /** Absent where it does not compile. */
  readonly goal?: string;
  readonly problem?: string;
}

const ENDINGS: readonly string[] = ['.star', '.yaml', '.yml', '.json'];
const MAX_LISTED = 500;
const SAVED_MODE = 0o644;

function workflowFolder(
  { projectFolder, userFolder }: Places,
  owner: Exclude<WorkflowOwner, 'built-in'>,
): string {
  return join(owner === 'project' ? projectFolder : userFolder, 'workflows');
}

/** All of them, by name; of one name the one that is run first. Compiles each, runs nothing. */
export function listWorkflows(workbench: Workbench): readonly WorkflowEntry[] {
  const seen = new Set<string>();
  return [...placed(workbench)].map((entry) => {
    const isShadowed = seen.has(entry.name);
    seen.add(entry.name);
    return { ...entry, isShadowed, ...describe(workbench, entry.path) };
  });
}

type Placed = Pick<WorkflowEntry, 'name' | 'owner' | 'path'>;

function* placed({ places }: Workbench): Generator<Placed> {
  for (const owner of ['project', 'user'] as const) {
    const folder = workflowFolder(places, owner);
    for (const file of filesIn(folder)) {
      yield { name: basename(file, extname(file)), owner, path: join(folder, file) };
    }
  }
  for (const name of builtInNames) yield { name, owner: 'built-in', path: builtInPath(name) };
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && ENDINGS.includes(extname(entry.name)))
    .map(({ name }) => name)
    .sort()
    .slice(0, MAX_LISTED);
}

function describe(workbench: Workbench, path: string): Pick<WorkflowEntry, 'goal' | 'problem'> {
  try {
    return { goal: compileFile(workbench, path).spec.goal };
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    return { problem: error.message };
  }
}

/** The one that a name runs. @throws {WhaleFlowError} WF2003 with the nearest name. */
export function findWorkflow(
  workbench: Workbench,
  name: string,
): Placed & { readonly text: string } {
  const all = [...placed(workbench)];
  const found = all.find((entry) => entry.name === name || entry.path === name);
  if (found === undefined) {
    throw new WhaleFlowError('WF2003', `no saved workflow ${name}`, {
      hint:
        suggestion(
          name,
          all.map((entry) => entry.name),
        ) ?? 'see them: whaleflow workflows ls',
    });
  }
  return { ...found, text: builtInText(found.path) ?? readFileSync(found.path, 'utf8') };
}

export interface SaveRequest {
  readonly name: string;
  readonly text: string;
  /** `.star`, `.yaml` or `.json`. */
  readonly ending: string;
  readonly owner: Exclude<WorkflowOwner, 'built-in'>;
  readonly force: boolean;
}

/**
 * Writes a workflow where its name finds it, if it compiles there. Gives its path.
 * @throws {WhaleFlowError} WF2002 a name that cannot be typed; WF2009 when it is there; its problems.
 */
export function saveWorkflow(workbench: Workbench, request: SaveRequest): string {
  const { name, text, ending, owner, force } = request;
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(name)) {
    throw new WhaleFlowError('WF2002', `${JSON.stringify(name)} is no name for a file`, {
      hint: 'name it: letters, digits, dots, - and _',
    });
  }
  const folder = workflowFolder(workbench.places, owner);
  const path = join(folder, `${name}${ending}`);
  const twin = filesIn(folder).find(
    (file) => basename(file, extname(file)) === name && extname(file) !== ending,
  );
  if (twin !== undefined) {
    throw new WhaleFlowError('WF2009', `${join(folder, twin)} has the name already`, {
      hint: `take another name, or: whaleflow workflows rm ${name}`,
    });
  }
  checkThere(workbench, path, text);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw toWriteError(cause, path);
  }
  writeNewFile({ path, pieces: [text], force, mode: SAVED_MODE }, workbench.chance);
  return path;
}

const NEIGHBOURS =
  'what it loads or uses has to lie beside it: copy that first, or run it as a file';

/** What it loads or uses has to be in reach from there, too. */
function checkThere(workbench: Workbench, path: string, text: string): CompiledFile {
  try {
    return compileTextAt(workbench, path, text);
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    const { code, message, diagnostics } = error;
    const hint = /\b(?:load|use)\b/.test(text) ? { hint: NEIGHBOURS } : {};
    throw new WhaleFlowError(code, message, {
      diagnostics,
      notes: ['nothing was written'],
      ...hint,
    });
  }
}

/** Deletes the file. @throws {WhaleFlowError} WF2002 for what is built in. */
export function removeWorkflow({ owner, name, path }: Placed): void {
  if (owner === 'built-in') {
    throw new WhaleFlowError('WF2002', `${name} comes with the program and cannot be removed`, {
      hint: `one of your own of that name is run in its place: whaleflow workflows save FILE ${name}`,
    });
  }
  try {
    rmSync(path);
  } catch (cause) {
    throw toWriteError(cause, path);
  }
}
