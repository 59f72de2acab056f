/** One error, said once: a block for people, an object for programs. Never a stack but with `--debug`. */
import type { Diagnostic } from '../base/diagnostic.ts';
import { type ErrorCode, type ExitStatus, errorCodes } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { printable, printableLines } from '../base/printable.ts';
import { drawProblems, rootsOf } from './draw-problems.ts';
import type { Host } from './host.ts';
import { safeJson } from './output.ts';
import { styleOf } from './style.ts';
import { typable } from './typed.ts';
import { widthOf } from './width.ts';
import { wrapped } from './wrapped.ts';

export interface ErrorShape {
  readonly isJson: boolean;
  readonly isDebug: boolean;
  readonly color: 'auto' | 'always' | 'never';
  /** The working folder; paths of diagnostics are relative to it or to its repository. */
  readonly cwd: string;
  /** The name of the command that was typed, once it is known. */
  readonly command?: string;
}

/** Prints what ended a command on stderr; gives the exit status that belongs to it. */
export function printError(host: Host, error: unknown, shape: ErrorShape): ExitStatus {
  const known = typableError(withHint(toWhaleFlowError(error), shape));
  const text = shape.isJson ? `${errorJson(known)}\n` : errorText(host, known, shape);
  host.stderr.write(text);
  if (shape.isDebug) host.stderr.write(`${printableLines(stackOf(error))}\n`);
  return exitOf(known);
}

/** Whatever was thrown, as an error of the table: what is not known is ours. */
function toWhaleFlowError(error: unknown): WhaleFlowError {
  if (error instanceof WhaleFlowError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isOfFullDisk(error)) {
    const hint = 'make room (df -h), then try again; what was acknowledged is kept';
    return new WhaleFlowError('WF7004', message, { cause: error, hint });
  }
  return new WhaleFlowError('WF9001', message, {
    cause: error,
    hint: 'this is our fault; run again with --debug and report what it prints',
  });
}

function isOfFullDisk(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Nobody is left without a next step: what has no hint of its own gets the way to one. */
function withHint(error: WhaleFlowError, { command }: ErrorShape): WhaleFlowError {
  const { code, message, hint, notes, diagnostics } = error;
  if (hint !== undefined || diagnostics.length > 0) return error;
  const isUsage = code === 'WF2002' && command !== undefined;
  return new WhaleFlowError(code, message, {
    notes,
    hint: isUsage ? `how it is typed: whaleflow ${command} --help` : `whaleflow explain ${code}`,
  });
}

/** What it says to type is what can be typed here. */
function typableError({
  code,
  message,
  hint,
  notes,
  diagnostics,
  cause,
}: WhaleFlowError): WhaleFlowError {
  return new WhaleFlowError(code, message, {
    cause,
    notes: notes.map(typable),
    diagnostics: diagnostics.map(withTypableHelp),
    ...(hint === undefined ? {} : { hint: typable(hint) }),
  });
}

const withTypableHelp = (one: Diagnostic): Diagnostic =>
  one.help === undefined ? one : { ...one, help: typable(one.help) };

const exitOf = (error: WhaleFlowError): ExitStatus => errorCodes[error.code as ErrorCode].exit;

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** `{"error":{code, message, file, line, column, help, exit}}` on one line. */
function errorJson(error: WhaleFlowError): string {
  const { diagnostics, notes, hint, message } = error;
  const [first] = diagnostics.filter(({ severity }) => severity === 'error');
  const help = [first?.help, hint].filter((text) => text !== undefined);
  return safeJson(
    {
      error: {
        code: error.code,
        message: first?.message ?? message,
        ...placeOf(first),
        ...(notes.length === 0 ? {} : { notes }),
        help,
        exit: exitOf(error),
        ...(diagnostics.length === 0 ? {} : { diagnostics: diagnostics.map(diagnosticJson) }),
      },
    },
    0,
  );
}

export function diagnosticJson(diagnostic: Diagnostic): Json {
  const { code, severity, message, help } = diagnostic;
  const helped = help === undefined ? {} : { help };
  return { code, severity, message, ...placeOf(diagnostic), ...helped };
}

function placeOf(diagnostic: Diagnostic | undefined): { readonly [key: string]: Json } {
  if (diagnostic?.span === undefined) return {};
  const { file, line, column } = diagnostic.span;
  return { file, line, column };
}

const NOTE = '   = note: ';
const HELP_COLUMNS = 'help: '.length;

/** One a line where they do not fit beside each other. Never broken: they are there to be typed. */
const alternativesOf = (hint: string, room: number): readonly string[] =>
  widthOf(hint) <= room ? [hint] : hint.split(/ {4,}/);

function errorText(host: Host, error: WhaleFlowError, shape: ErrorShape): string {
  const style = styleOf({ env: host.env, stream: host.stderr, color: shape.color });
  const { diagnostics, notes, hint, code } = error;
  const lines: string[] = [];
  const room = host.stderr.size()?.columns;
  if (diagnostics.length > 0) {
    lines.push(drawProblems(diagnostics, { host, roots: rootsOf(shape.cwd), style, width: room }));
  } else {
    const head = style.paint('red', style.paint('bold', `error[${code}]`));
    lines.push(`${head}: ${printable(error.message)}`);
  }
  const width = room ?? Number.POSITIVE_INFINITY;
  for (const note of notes) {
    const [first = '', ...rest] = wrapped(printable(note), width - NOTE.length);
    lines.push(`${NOTE}${first}`, ...rest.map((line) => `${' '.repeat(NOTE.length)}${line}`));
  }
  if (hint !== undefined) {
    const [first = '', ...rest] = alternativesOf(printable(hint), width - HELP_COLUMNS);
    lines.push(`${style.paint('cyan', 'help')}: ${first}`);
    lines.push(...rest.map((line) => `${' '.repeat(HELP_COLUMNS)}${line}`));
  }
  return style.safe(`${lines.join('\n')}\n`);
}
