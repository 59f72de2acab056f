/** `whaleflow fmt FILE…`: lays out .star files, and mends common slips where asked to. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Repair, repairStarlark } from '../../authoring/repair-starlark.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { type ExitStatus, errorCodes } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { StarlarkDiagnostic } from '../../starlark/diagnostic.ts';
import { format } from '../../starlark/format.ts';
import type { CommandContext } from '../context.ts';
import { drawProblems, rootsOf } from '../draw-problems.ts';
import type { CommandInput } from '../input.ts';
import { lineDiff } from '../line-diff.ts';
import { diagnosticJson } from '../print-error.ts';

const MAX_FILE_BYTES = 1_048_576;

interface FormattedFile {
  readonly file: string;
  readonly before: string;
  /** The same as `before` where nothing has to change, or the file does not parse. */
  readonly after: string;
  readonly repairs: readonly Repair[];
  readonly problems: readonly Diagnostic[];
}

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const isRepairing = input.has('repair');
  const isDryRun = input.has('check') || input.has('diff');
  const files = input.words.map((file) =>
    formatFile(resolve(context.cwd, file), file, isRepairing),
  );
  const problems = files.flatMap((one) => one.problems);
  const changed = files.filter(({ before, after }) => before !== after);
  if (!isDryRun) {
    for (const { file, after } of changed) writeFileSync(resolve(context.cwd, file), after);
  }
  if (context.output.isJson) {
    context.output.json({
      schema: 'whaleflow.fmt/1',
      ok: problems.length === 0 && !(isDryRun && changed.length > 0),
      files: files.map(({ file, before, after, repairs, problems: found }) => ({
        file,
        changed: before !== after,
        repairs: repairs.map(({ line, says }) => ({ line, says })),
        diagnostics: found.map(diagnosticJson),
      })),
    });
  } else {
    for (const one of files)
      print(context, one, { isDryRun, isDiff: input.has('diff') || isRepairing });
  }
  if (problems.length > 0) return errorCodes.WF1001.exit;
  return isDryRun && changed.length > 0 ? 1 : 0;
}

function formatFile(path: string, file: string, isRepairing: boolean): FormattedFile {
  const before = readText(path, file);
  const { text, repairs } = isRepairing
    ? repairStarlark(before, file)
    : { text: before, repairs: [] };
  const result = format(text, file);
  if (result.ok) return { file, before, after: result.text, repairs, problems: [] };
  return { file, before, after: before, repairs: [], problems: result.errors.map(toProblem) };
}

function readText(path: string, file: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!file.endsWith('.star')) {
    throw new WhaleFlowError('WF2002', `fmt takes .star files, not \`${printable(file)}\``);
  }
  if (found?.isFile() !== true || found.size > MAX_FILE_BYTES) {
    const what = found === undefined ? 'no such file' : 'not a file of at most 1 MiB';
    throw new WhaleFlowError('WF2002', `${what}: ${printable(file)}`);
  }
  return readFileSync(path, 'utf8');
}

function toProblem({ message, file, line, column, hint }: StarlarkDiagnostic): Diagnostic {
  return {
    code: 'WF1001',
    severity: 'error',
    message,
    span: { file, line, column },
    ...(hint === undefined ? {} : { help: hint }),
  };
}

function print(
  { host, output, cwd }: CommandContext,
  { file, before, after, repairs, problems }: FormattedFile,
  { isDryRun, isDiff }: { readonly isDryRun: boolean; readonly isDiff: boolean },
): void {
  const { style, columns: width } = output;
  if (problems.length > 0) {
    output.data(drawProblems(problems, { host, roots: [...rootsOf(cwd), cwd], style, width }));
    return;
  }
  if (before === after) return;
  for (const { line, says } of repairs) output.talk(`${printable(file)}:${line}: ${says}`);
  if (!isDiff) {
    output.data(printable(file));
    return;
  }
  output.data(`--- ${printable(file)}${isDryRun ? '' : '  (changed)'}`);
  for (const { kind, text } of lineDiff(before, after)) {
    const shown = printable(text);
    if (kind === 'old') output.data(style.paint('red', `-${shown}`));
    else if (kind === 'new') output.data(style.paint('green', `+${shown}`));
    else output.data(` ${shown}`);
  }
}
