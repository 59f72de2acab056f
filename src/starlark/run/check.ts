import { type StarlarkDiagnostic, staticDiagnostic } from '../diagnostic.ts';
import type { Dialect } from '../dialect.ts';
import { universe } from '../library/universe.ts';
import type { Limits } from '../limits.ts';
import { type Resolved, type ResolverOptions, resolveFile } from '../resolve/resolver.ts';
import { parseFile } from '../syntax/parser.ts';
import type { FileNode } from '../syntax/tree.ts';

/** A file that has been read and whose names are known. */
export interface CheckedFile {
  readonly tree: FileNode;
  readonly resolved: Resolved;
  readonly errors: readonly StarlarkDiagnostic[];
}

export interface CheckOptions {
  readonly dialect: Dialect;
  readonly limits: Limits;
  readonly isPredeclared: (name: string) => boolean;
  /** All names the host gives, for suggestions. */
  readonly predeclaredNames: Iterable<string>;
  /** What the language itself gives; its own built-ins unless a test says otherwise. */
  readonly universalNames?: ReadonlySet<string> | undefined;
}

/** Parses and resolves a file; of one that does not parse, only names that are surely missing. */
export function checkFile(source: string, file: string, options: CheckOptions): CheckedFile {
  const { dialect, limits } = options;
  const start = { file, line: 1, column: 1 };
  const nothing = { globals: [], locals: [], errors: [] };
  if (source.length > limits.sourceUnits) {
    const message = `file is longer than ${limits.sourceUnits} characters`;
    const errors = [staticDiagnostic(start, message)];
    return { tree: { file, statements: [] }, resolved: nothing, errors };
  }
  const { tree, errors } = parseFile(source, file, dialect, limits.nesting);
  const names = options.universalNames ?? universe;
  const resolver: ResolverOptions = {
    dialect,
    isPredeclared: options.isPredeclared,
    isUniversal: (name) => names.has(name),
    knownNames: [...options.predeclaredNames, ...names.keys()],
  };
  try {
    const resolved = resolveFile(tree, resolver);
    if (errors.length === 0) return { tree, resolved, errors: resolved.errors };
    const certain = certainErrors(resolved.errors, source);
    const all = [...errors, ...certain].sort((x, y) => x.line - y.line || x.column - y.column);
    return { tree, resolved: nothing, errors: all };
  } catch (error) {
    // Nesting and chains are limited one by one; together they can still exceed the stack.
    if (!(error instanceof RangeError)) throw error;
    const message = 'an expression is nested too deeply';
    return { tree, resolved: nothing, errors: [...errors, staticDiagnostic(start, message)] };
  }
}

/**
 * What is wrong for sure in a file of which some lines could not be read: names that stand nowhere
 * but where they are missed. Anything else may come of what was not read.
 */
function certainErrors(
  errors: readonly StarlarkDiagnostic[],
  source: string,
): readonly StarlarkDiagnostic[] {
  const missed = new Map<string, number>();
  const nameOf = ({ message }: StarlarkDiagnostic): string | undefined =>
    /^undefined: ([\p{L}_][\p{L}_0-9]*)/u.exec(message)?.[1];
  for (const error of errors) {
    const name = nameOf(error);
    if (name !== undefined) missed.set(name, (missed.get(name) ?? 0) + 1);
  }
  const seen = new Map<string, number>();
  for (const [word] of source.matchAll(/[\p{L}_][\p{L}_0-9]*/gu)) {
    if (missed.has(word)) seen.set(word, (seen.get(word) ?? 0) + 1);
  }
  return errors.filter((error) => {
    const name = nameOf(error);
    return name !== undefined && seen.get(name) === missed.get(name);
  });
}

/** Walks over all `load`s of a file, wherever they stand. */
export function loadStatements(
  tree: FileNode,
): readonly Extract<FileNode['statements'][number], { kind: 'load' }>[] {
  return tree.statements.filter((statement) => statement.kind === 'load');
}
