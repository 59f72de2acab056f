import { compileModule } from '../compile/compiler.ts';
import type { ModuleState } from '../compile/unit.ts';
import { type StarlarkDiagnostic, staticDiagnostic } from '../diagnostic.ts';
import { StarlarkError } from '../error.ts';
import { universe } from '../library/universe.ts';
import { freeze, type Value } from '../values/object.ts';
import { type CheckedFile, type CheckOptions, checkFile, loadStatements } from './check.ts';
import { resolveModuleId } from './module-id.ts';
import type { Thread } from './thread.ts';

export interface LoaderOptions {
  readonly sources: ReadonlyMap<string, string>;
  readonly predeclared: ReadonlyMap<string, Value>;
  /** Modules of the host, by the exact name a program loads. */
  readonly modules: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  readonly check: CheckOptions;
}

type Globals = ReadonlyMap<string, Value>;

/**
 * Answers `load` from sources collected beforehand. All files are checked before any is run; each
 * runs once, when it is first loaded, and is frozen at its end.
 */
export class Loader {
  readonly #options: LoaderOptions;
  readonly #checked = new Map<string, CheckedFile>();
  readonly #loaded = new Map<string, Globals>();

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  /** Checks a file and all it loads, and gives every static mistake. */
  prepare(file: string): readonly StarlarkDiagnostic[] {
    const errors: StarlarkDiagnostic[] = [];
    this.#prepare(file, [], errors);
    return errors;
  }

  #prepare(file: string, path: readonly string[], errors: StarlarkDiagnostic[]): void {
    if (this.#checked.has(file)) return;
    const checked = this.#check(file);
    this.#checked.set(file, checked);
    errors.push(...checked.errors);
    const { modules, limits } = { ...this.#options, ...this.#options.check };
    if (this.#checked.size > limits.modules) {
      const start = { file, line: 1, column: 1 };
      errors.push(staticDiagnostic(start, `more than ${limits.modules} files are loaded`));
      return;
    }
    const chain = [...path, file];
    for (const load of loadStatements(checked.tree)) {
      if (modules.has(load.module)) continue;
      const problem = this.#loadProblem(file, load.module, chain);
      if (problem !== undefined) {
        const endColumn = load.moduleEndColumn;
        errors.push(staticDiagnostic(load.modulePosition, problem, { endColumn }));
        continue;
      }
      const target = resolveModuleId(file, load.module);
      if (target.ok) this.#prepare(target.id, chain, errors);
    }
  }

  #loadProblem(file: string, name: string, chain: readonly string[]): string | undefined {
    const target = resolveModuleId(file, name);
    if (!target.ok) return target.problem;
    const cycle = chain.indexOf(target.id);
    if (cycle >= 0) {
      return `cycle in load graph: ${[...chain.slice(cycle), target.id].join(' -> ')}`;
    }
    return this.#options.sources.has(target.id)
      ? undefined
      : `cannot load ${name}: no such file ${target.id}`;
  }

  #check(file: string): CheckedFile {
    const source = this.#options.sources.get(file);
    if (source !== undefined) return checkFile(source, file, this.#options.check);
    const missing = staticDiagnostic({ file, line: 1, column: 1 }, `no source for ${file}`);
    return {
      tree: { file, statements: [] },
      resolved: { globals: [], locals: [], errors: [] },
      errors: [missing],
    };
  }

  /** Runs a prepared file, and gives its own globals: not those it loaded.
   * @throws {StarlarkError} from the program. */
  run(file: string, thread: Thread): Globals {
    const known = this.#loaded.get(file);
    if (known !== undefined) return known;
    const checked = this.#checked.get(file);
    if (checked === undefined) throw new Error(`${file} was not prepared`);
    const { globals: bindings, locals } = checked.resolved;
    const globals = new Array<Value | undefined>(bindings.length).fill(undefined);
    const state: ModuleState = {
      file,
      globals,
      constant: (name, scope) => {
        const names = scope === 'predeclared' ? this.#options.predeclared : universe;
        const value = names.get(name);
        if (value === undefined) throw new Error(`no value for ${scope} ${name}`);
        return value;
      },
      load: (name) => this.#load(file, name, thread),
    };
    const start = compileModule(thread, state, checked.tree.statements, locals);
    try {
      start();
    } finally {
      for (const value of globals) if (value !== undefined) freeze(value);
    }
    const named = new Map<string, Value>();
    for (const { name, index, isLoaded } of bindings) {
      const value = globals[index];
      if (value !== undefined && !isLoaded) named.set(name, value);
    }
    this.#loaded.set(file, named);
    return named;
  }

  #load(from: string, name: string, thread: Thread): Globals {
    const host = this.#options.modules.get(name);
    if (host !== undefined) return host;
    const target = resolveModuleId(from, name);
    if (!target.ok) throw new StarlarkError(target.problem);
    const { depth } = thread;
    try {
      return exported(this.run(target.id, thread));
    } catch (error) {
      if (!(error instanceof StarlarkError)) throw error;
      throw cannotLoad(name, error);
    } finally {
      thread.depth = depth;
    }
  }
}

function exported(globals: Globals): Globals {
  return new Map([...globals].filter(([name]) => !name.startsWith('_')));
}

/** Keeps the frames inside the loaded file. */
function cannotLoad(name: string, error: StarlarkError): StarlarkError {
  const { hint, position, isFatal } = error;
  const wrapped = new StarlarkError(`cannot load ${name}: ${error.message}`, {
    isFatal,
    ...(hint === undefined ? {} : { hint }),
    ...(position === undefined ? {} : { position }),
  });
  wrapped.frames.push(...error.frames);
  return wrapped;
}
