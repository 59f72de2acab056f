/** `whaleflow check FILE…`: every problem of every file at once. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { type ExitStatus, errorCodes } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';
import type { CompiledFile } from '../../workbench/compile.ts';
import type { EffectiveConfig } from '../../workbench/config.ts';
import { featureWarnings } from '../../workbench/feature-problems.ts';
import { findSkills } from '../../workbench/skill-problems.ts';
import { STDIN_NAME } from '../../workbench/stdin-name.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { planOutline } from '../../workflow/plan-outline.ts';
import { leavesText } from '../amounts.ts';
import { compileWord } from '../compile-word.ts';
import type { CommandContext } from '../context.ts';
import { drawProblems, rootsOf } from '../draw-problems.ts';
import type { CommandInput } from '../input.ts';
import { diagnosticJson } from '../print-error.ts';
import { lineText, markSegment } from '../segments.ts';
import { warn } from './run.ts';

interface CheckedFile {
  readonly file: string;
  /** Absent where it does not compile. */
  readonly compiled: CompiledFile | undefined;
  readonly problems: readonly Diagnostic[];
}

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const config = await context.config();
  warn(context, config.warnings);
  const checked = input.words.map((file) => checkFile(context, workbench, { config, file }));
  const problems = checked.flatMap((one) => one.problems);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const isBad = errors > 0 || (input.has('strict') && warnings > 0);
  if (context.output.isJson) {
    const files = checked.map(fileJson);
    const ok = !isBad;
    context.output.json({ schema: 'whaleflow.check/1', ok, errors, warnings, files });
  } else {
    for (const one of checked) printFile(context, one);
    sayCount(context, { files: checked.length, errors, warnings });
  }
  return isBad ? errorCodes.WF1001.exit : 0;
}

function checkFile(
  { host }: CommandContext,
  workbench: Workbench,
  { config, file: word }: { readonly config: EffectiveConfig; readonly file: string },
): CheckedFile {
  const file = word === '-' ? STDIN_NAME : word;
  try {
    const compiled = compileWord(host, workbench, word);
    const off = featureWarnings(compiled, config);
    const { problems: ofSkills } = findSkills(workbench, compiled);
    const problems = [...compiled.warnings, ...off, ...ofSkills];
    return { file, compiled: ofSkills.length === 0 ? compiled : undefined, problems };
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    return { file, compiled: undefined, problems: problemsOf(error) };
  }
}

/** A file that cannot be read has one problem without a place. */
function problemsOf({ diagnostics, code, message, hint }: WhaleFlowError): readonly Diagnostic[] {
  if (diagnostics.length > 0) return diagnostics;
  return [{ code, severity: 'error', message, ...(hint === undefined ? {} : { help: hint }) }];
}

function printFile(
  { host, output, cwd }: CommandContext,
  { file, compiled, problems }: CheckedFile,
): void {
  const { style, columns } = output;
  if (problems.length > 0) {
    output.data(
      `${drawProblems(problems, { host, roots: rootsOf(cwd), style, width: columns })}\n`,
    );
  }
  if (compiled === undefined) return;
  const { phases, maxLeaves } = planOutline(compiled.spec);
  const count = `${phases.length} phase${phases.length === 1 ? '' : 's'}`;
  const what = `   ${compiled.spec.id}: ${count}, at most ${leavesText(maxLeaves)}`;
  const said = [markSegment('done', style), { text: ` ${printable(file)}` }, { text: what }];
  output.data(lineText(said, style, columns));
}

function sayCount(
  { output }: CommandContext,
  {
    files,
    errors,
    warnings,
  }: { readonly files: number; readonly errors: number; readonly warnings: number },
): void {
  if (errors + warnings === 0) return;
  const counted = (count: number, what: string): string =>
    count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
  const found = [counted(errors, 'error'), counted(warnings, 'warning')].filter(
    (one) => one !== '',
  );
  output.talk(`${found.join(', ')} in ${files === 1 ? '1 file' : `${files} files`}`);
}

function fileJson({ file, compiled, problems }: CheckedFile): Json {
  return {
    file,
    ok: compiled !== undefined,
    workflow: compiled?.spec.id ?? null,
    diagnostics: problems.map(diagnosticJson),
  };
}
