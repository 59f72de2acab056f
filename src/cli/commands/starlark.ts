/** `whaleflow starlark [FILE]`: runs a file of the plain language, or reads lines and shows values. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable, printableLines } from '../../base/printable.ts';
import { renderDiagnostic, type StarlarkDiagnostic } from '../../starlark/diagnostic.ts';
import { jsonModule, mathModule, structBuiltin } from '../../starlark/standard-library.ts';
import { type ExecResult, exec, loadsOf, parse, resolveModuleId } from '../../starlark/starlark.ts';
import { repr, type Value } from '../../starlark/value.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';

const MAX_FILE_BYTES = 1_048_576;
const MAX_FILES = 100;
const WALL_MS = 60_000;
const LIBRARY = { json: jsonModule, math: mathModule, struct: structBuiltin };

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [file] = input.words;
  return file === undefined ? await converse(context) : runFile(context, file);
}

function runFile(context: CommandContext, file: string): ExitStatus {
  const folder = resolve(context.cwd, file, '..');
  const id = relative(folder, resolve(context.cwd, file));
  const sources = collect(folder, id);
  const result = evaluate(context, id, { sources });
  if (result.ok) return 0;
  for (const error of result.errors) sayError(context, error, sources.get(error.file));
  return 1;
}

/** The file and all that it loads from its folder. */
function collect(folder: string, id: string): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined && sources.size < MAX_FILES; next = open.pop()) {
    if (sources.has(next)) continue;
    const path = resolve(folder, next);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true || found.size > MAX_FILE_BYTES || !isInside(folder, path)) {
      if (next === id)
        throw new WhaleFlowError('WF2002', `no file ${printable(id)} of at most 1 MiB`);
      continue;
    }
    const text = readFileSync(path, 'utf8');
    sources.set(next, text);
    for (const load of loadsOf(text, next)) {
      const target = resolveModuleId(next, load.name);
      if (target.ok) open.push(target.id);
    }
  }
  return sources;
}

/** A link may not lead out of the folder. */
function isInside(folder: string, path: string): boolean {
  return realpathSync(path).startsWith(`${realpathSync(folder)}${sep}`);
}

interface Evaluation {
  readonly sources: ReadonlyMap<string, string>;
  readonly globals?: ReadonlyMap<string, Value>;
}

function evaluate(
  { output }: CommandContext,
  file: string,
  { sources, globals = new Map() }: Evaluation,
): ExecResult {
  return exec({
    file,
    sources,
    predeclared: { ...LIBRARY, ...Object.fromEntries(globals) },
    limits: { wallMs: WALL_MS },
    now: () => performance.now(),
    print: (message) => output.data(printableLines(message)),
  });
}

function sayError({ output }: CommandContext, error: StarlarkDiagnostic, source?: string): void {
  output.talk(printableLines(renderDiagnostic(error, source)));
}

/** Reads statements until the end of input. What a statement binds, the next ones see, frozen. */
async function converse(context: CommandContext): Promise<ExitStatus> {
  const { host, output, mayAsk } = context;
  const lines = createInterface({ input: process.stdin });
  const prompt = (text: string): void => {
    if (mayAsk) host.stderr.write(text);
  };
  let globals: ReadonlyMap<string, Value> = new Map();
  let pending = '';
  prompt('>>> ');
  for await (const line of lines) {
    pending += `${line}\n`;
    if (isOpen(pending, line)) {
      prompt('... ');
      continue;
    }
    globals = step(context, pending, globals);
    pending = '';
    prompt('>>> ');
  }
  if (pending.trim() !== '') step(context, pending, globals);
  if (mayAsk) output.talk('');
  return 0;
}

/** A block goes on to an empty line; brackets go on until they are closed. */
function isOpen(text: string, lastLine: string): boolean {
  const { errors } = parse(text, '<input>');
  if (errors?.some(({ message }) => message.includes('end of file'))) return lastLine.trim() !== '';
  const isBlock = /^(?:def|for|if|elif|else)\b/m.test(text) && text.trimEnd().includes('\n');
  const begins = /:\s*(?:#.*)?$/.test(lastLine);
  return (isBlock || begins) && lastLine.trim() !== '';
}

const RESULT = '_';

function step(
  context: CommandContext,
  text: string,
  globals: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  const file = '<input>';
  const tree = parse(text, file).file;
  const only = tree?.statements.length === 1 ? tree.statements[0] : undefined;
  const isExpression = only?.kind === 'expression';
  const source = isExpression ? `${RESULT} = (${text.trimEnd()}\n)\n` : text;
  const isWrapped = isExpression && parse(source, file).file !== undefined;
  const sources = new Map([[file, isWrapped ? source : text]]);
  const result = evaluate(context, file, { sources, globals });
  if (!result.ok) {
    for (const error of result.errors) sayError(context, error);
    return globals;
  }
  const value = isWrapped ? result.globals.get(RESULT) : undefined;
  if (value !== undefined && value !== null) context.output.data(printableLines(repr(value)));
  return new Map([...globals, ...result.globals]);
}
