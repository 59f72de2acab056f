/**
 * Lets public suites of Starlark programs be run against our implementation: `assert.star` and
 * other preludes, failed assertions that do not stop a chunk, starlark-go's options.
 * Usage: node test/starlark-driver.ts FILE.star
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderDiagnostic, type StarlarkDiagnostic } from '../src/starlark/diagnostic.ts';
import { type Dialect, dialectSpec } from '../src/starlark/dialect.ts';
import { check, exec, parse } from '../src/starlark/starlark.ts';
import { Prelude } from './starlark/prelude.ts';

type RunMode = 'exec' | 'resolve' | 'parse';

export interface RunRequest {
  readonly file: string;
  readonly source: string;
  readonly mode?: RunMode;
  readonly options?: readonly string[];
  readonly predeclared?: readonly string[];
  /** Every mistake of the parser; the suites' parser stops at its first. */
  readonly isThorough?: true;
}

export interface RunError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const optionKeys: Readonly<Record<string, keyof Dialect>> = {
  set: 'set',
  while: 'while',
  toplevelcontrol: 'topLevelControl',
  globalreassign: 'globalReassign',
  loadbindsglobally: 'loadBindsGlobally',
  recursion: 'recursion',
};

/** Runs one chunk, and gives every error where the file under test shows it. */
export function run(request: RunRequest): { readonly errors: readonly RunError[] } {
  const { file } = request;
  return { errors: diagnose(request).map((diagnostic) => placeOf(diagnostic, file)) };
}

function placeOf(diagnostic: StarlarkDiagnostic, file: string): RunError {
  const frame = diagnostic.frames.findLast((candidate) => candidate.file === file);
  const { line, column } = frame ?? diagnostic;
  return { line, column, message: diagnostic.message };
}

function diagnose(request: RunRequest): readonly StarlarkDiagnostic[] {
  const { file, source, mode = 'exec', options = [], predeclared = [] } = request;
  const dialect = dialectFor(options);
  if (mode === 'parse' || request.isThorough !== true) {
    const { errors } = parse(source, file, dialect);
    if (mode === 'parse' || errors !== undefined) return errors?.slice(0, 1) ?? [];
  }
  if (mode === 'resolve') {
    return check({ source, file, dialect, predeclared, universe: new Set() });
  }
  const prelude = new Prelude();
  const result = exec({
    file,
    sources: new Map([[file, source]]),
    dialect,
    predeclared: prelude.predeclared(predeclared),
    modules: prelude.modules,
    limits: { steps: 1e9, allocationBytes: 2 ** 36 },
    print: (message) => process.stderr.write(`${message}\n`),
  });
  return [...prelude.failures, ...(result.ok ? [] : result.errors)];
}

function dialectFor(options: readonly string[]): Dialect {
  const on: Partial<Record<keyof Dialect, boolean>> = {
    set: false,
    reserveAssert: false,
    tabs: true,
  };
  for (const option of options) {
    const key = optionKeys[option];
    if (key !== undefined) on[key] = true;
  }
  return { ...dialectSpec, ...on };
}

function main(file: string | undefined): number {
  if (file === undefined) {
    process.stderr.write('usage: starlark-driver FILE.star\n');
    return 2;
  }
  const list = (name: string): string[] => (process.env[name] ?? '').split(',').filter(Boolean);
  const mode = process.env['STARLARK_MODE'] ?? 'exec';
  const source = readFileSync(file, 'utf8');
  const diagnostics = diagnose({
    file,
    source,
    mode: mode === 'parse' || mode === 'resolve' ? mode : 'exec',
    options: list('STARLARK_OPTIONS'),
    predeclared: list('STARLARK_PREDECLARED'),
  });
  for (const diagnostic of diagnostics) process.stdout.write(`${renderDiagnostic(diagnostic)}\n`);
  return diagnostics.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv[2]);
}
