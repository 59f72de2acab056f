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

/** Parses and resolves a file; a file that does not parse is not resolved. */
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
  if (errors.length > 0) return { tree, resolved: nothing, errors };
  const names = options.universalNames ?? universe;
  const resolver: ResolverOptions = {
    dialect,
    isPredeclared: options.isPredeclared,
    isUniversal: (name) => names.has(name),
    knownNames: [...options.predeclaredNames, ...names.keys()],
  };
  try {
    const resolved = resolveFile(tree, resolver);
    return { tree, resolved, errors: resolved.errors };
  } catch (error) {
    // Nesting and chains are limited one by one; together they can still exceed the stack.
    if (!(error instanceof RangeError)) throw error;
    const message = 'an expression is nested too deeply';
    return { tree, resolved: nothing, errors: [staticDiagnostic(start, message)] };
  }
}

/** Walks over all `load`s of a file, wherever they stand. */
export function loadStatements(
  tree: FileNode,
): readonly Extract<FileNode['statements'][number], { kind: 'load' }>[] {
  return tree.statements.filter((statement) => statement.kind === 'load');
}
