/**
 * What stands behind the names of scripts: `npm run guard` runs what `package.json` says, `make guard` what the
 * makefile does. Only the script that is named counts of `package.json`, so that a new dependency asks for no new
 * trust; of a makefile, all of it does.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface NamedScript {
  /** As it stands in `package.json`. */
  readonly name: string;
  readonly line: string;
}

const RUNS_SCRIPTS = new Set(['npm', 'pnpm', 'yarn', 'bun', 'node']);
/** What `npm ci` runs of the repository itself. */
const INSTALLS = new Set(['install', 'i', 'add', 'ci', 'clean-install']);
const OF_INSTALL = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare'];
const ALIASES: Readonly<Record<string, string>> = { t: 'test', tst: 'test' };
const MAX_PACKAGE_BYTES = 1024 * 1024;

const FILES_OF: Readonly<Record<string, readonly string[]>> = {
  make: ['GNUmakefile', 'makefile', 'Makefile'],
  gmake: ['GNUmakefile', 'makefile', 'Makefile'],
  just: ['justfile', 'Justfile', '.justfile'],
  task: ['Taskfile.yml', 'Taskfile.yaml', 'taskfile.yml', 'taskfile.yaml'],
  rake: ['Rakefile', 'rakefile', 'Rakefile.rb'],
  deno: ['deno.json', 'deno.jsonc'],
};

/** Files that the programs among these words read unasked. */
export function filesOfRunners(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => FILES_OF[word] ?? []);
}

/** The scripts of the `package.json` of this folder that these words name, with what runs before and after. */
export function scriptsOf(folder: string, words: readonly string[]): readonly NamedScript[] {
  if (!words.some((word) => RUNS_SCRIPTS.has(word))) return [];
  const named = words.map((word) => ALIASES[word] ?? word);
  const installs = words.some((word) => INSTALLS.has(word)) ? OF_INSTALL : [];
  const wanted = new Set([
    ...named.flatMap((name) => [`pre${name}`, name, `post${name}`]),
    ...installs,
  ]);
  return Object.entries(scriptsIn(join(folder, 'package.json'))).flatMap(([name, line]) =>
    wanted.has(name) && typeof line === 'string' ? [{ name, line }] : [],
  );
}

/** None where it is no `package.json` that npm could read. */
function scriptsIn(path: string): Readonly<Record<string, unknown>> {
  try {
    if (statSync(path).size > MAX_PACKAGE_BYTES) return {};
    const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as { readonly scripts?: unknown };
    return typeof scripts === 'object' && scripts !== null ? { ...scripts } : {};
  } catch {
    return {};
  }
}
