import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Compiled } from '../authoring/compile.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { suggestion } from '../base/did-you-mean.ts';
import { type ErrorCode, errorCodes } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { SourceFile } from '../trace/run-terms.ts';
import type { ParseOptions } from '../workflow/parse-workflow.ts';
import { builtInNames, builtInPath, builtInText } from './built-ins.ts';
import { compileAside } from './compile-aside.ts';
import { STDIN_NAME } from './stdin-name.ts';
import type { Workbench } from './workbench.ts';

/** A workflow that compiles, with the text that it was compiled from. */
export type CompiledFile = Exclude<Compiled, { readonly diagnostics: unknown }> & {
  /** Absent for a recorded spec. */
  readonly text?: string;
};

const MAX_SOURCE_BYTES = 1_048_576;
const NAMED_ENDINGS = ['.star', '.yaml', '.yml', '.json'];

/**
 * Compiles a workflow that came from stdin; what it uses or loads lies below the working folder.
 * @throws {WhaleFlowError} the code of the first problem, with all of them.
 */
export function compileText(
  { cwd }: Pick<Workbench, 'cwd'>,
  text: string,
  options: ParseOptions = {},
): CompiledFile {
  const neighbourhood = { folder: cwd, base: cwd };
  const language = languageOf(text);
  const input = { file: STDIN_NAME, source: text, language, neighbourhood, options };
  const result = compileAside(input);
  if ('diagnostics' in result) throw doesNotCompile(STDIN_NAME, result.diagnostics);
  return { ...result, text };
}

/**
 * Told by the text: JSON begins with a brace, Starlark calls `workflow(…)` at the start of a line, the
 * rest is YAML.
 */
function languageOf(text: string): SourceFile['language'] {
  if (/^\s*\{/.test(text)) return 'json';
  return /^[ \t]*(?:workflow|load)[ \t]*\(|^[ \t]*def\s/m.test(text) ? 'starlark' : 'yaml';
}

/**
 * Reads and compiles a workflow file, or by name one of `.whaleflow/workflows` or one that is built in.
 * @throws {WhaleFlowError} WF2003 no such file; the code of the first problem, with all of them.
 */
export function compileFile(
  workbench: Workbench,
  name: string,
  options: ParseOptions = {},
): CompiledFile {
  const file = locateWorkflow(workbench, name);
  if (typeof file !== 'string') return compileBuiltIn(workbench, file, options);
  return compileTextAt(workbench, file, readSource(file, shownPath(workbench, file)), options);
}

/** Compiles a text as if it stood in that file. @throws {WhaleFlowError} as `compileFile` */
export function compileTextAt(
  workbench: Workbench,
  file: string,
  text: string,
  options: ParseOptions = {},
): CompiledFile {
  const shown = shownPath(workbench, file);
  const base = shown === file ? '/' : workbench.places.root;
  const neighbourhood = { folder: dirname(file), base };
  const result = compileAside({ file: shown, source: text, neighbourhood, options });
  if ('diagnostics' in result) throw doesNotCompile(shown, result.diagnostics);
  return { ...result, text };
}

interface BuiltIn {
  readonly path: string;
  readonly text: string;
}

function compileBuiltIn(
  { cwd }: Workbench,
  { path, text }: BuiltIn,
  options: ParseOptions,
): CompiledFile {
  const neighbourhood = { folder: cwd, base: cwd };
  const input = { file: path, source: text, language: 'starlark', neighbourhood, options } as const;
  const result = compileAside(input);
  if ('diagnostics' in result) throw doesNotCompile(path, result.diagnostics);
  return { ...result, text };
}

function doesNotCompile(shown: string, diagnostics: readonly Diagnostic[]): WhaleFlowError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const found = errors[0]?.code ?? 'WF1001';
  const code = Object.hasOwn(errorCodes, found) ? (found as ErrorCode) : 'WF1001';
  const count = errors.length === 1 ? '1 problem' : `${errors.length} problems`;
  return new WhaleFlowError(code, `${shown} does not compile: ${count}`, { diagnostics });
}

function locateWorkflow({ cwd, places }: Workbench, name: string): string | BuiltIn {
  const direct = isAbsolute(name) ? name : resolve(cwd, name);
  if (isFile(direct)) return direct;
  if (!/[/\\]/.test(name)) {
    for (const folder of [
      join(places.projectFolder, 'workflows'),
      join(places.userFolder, 'workflows'),
    ]) {
      for (const ending of ['', ...NAMED_ENDINGS]) {
        const path = join(folder, name + ending);
        if (isFile(path)) return path;
      }
    }
  }
  const text = builtInText(name);
  if (text !== undefined) return { path: builtInPath(name.replace(/^built-in:/, '')), text };
  if (isFolder(direct)) throw folderInstead(direct, name);
  const near = [...workflowsIn(dirname(direct)), ...builtInNames];
  const meant = suggestion(basename(direct), near);
  throw new WhaleFlowError('WF2003', `no file ${name}`, {
    hint:
      meant ??
      'give the path of a .star, .yaml or .json workflow, or a name that `whaleflow workflows` lists',
  });
}

const MAX_LISTED = 10;

function folderInstead(folder: string, name: string): WhaleFlowError {
  const files = workflowsIn(folder).toSorted();
  const shown = files.slice(0, MAX_LISTED).join(', ');
  const more = files.length > MAX_LISTED ? ` and ${files.length - MAX_LISTED} more` : '';
  return new WhaleFlowError('WF2003', `${name} is a folder, not a workflow`, {
    notes: files.length === 0 ? ['no workflow file is in it'] : [`in it: ${shown}${more}`],
    hint: `name a file: ${join(name, files[0] ?? 'FILE')}`,
  });
}

/** Names of the workflow files in a folder. */
function workflowsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => NAMED_ENDINGS.includes(extname(name)));
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The path as shown and recorded: relative to the repository where it lies in it. */
function shownPath({ places }: Workbench, file: string): string {
  const inside = relative(places.root, file);
  return inside.startsWith('..') || isAbsolute(inside) ? file : inside.split(sep).join('/');
}

function readSource(file: string, shown: string): string {
  const { size } = statSync(file);
  if (size > MAX_SOURCE_BYTES) {
    throw new WhaleFlowError(
      'WF1006',
      `${shown} has ${size} bytes, more than ${MAX_SOURCE_BYTES}`,
      {
        hint: 'part it: `use` takes in another file',
      },
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw new WhaleFlowError('WF1001', `${shown} is not UTF-8 text`, {
      hint: 'save it as UTF-8; a workflow is a .star, .yaml or .json file',
      cause,
    });
  }
}
