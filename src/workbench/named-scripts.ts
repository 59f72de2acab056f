/**
 * What stands behind the names of scripts: `npm run guard` runs what `package.json` says, as `node .` does, `make
 * guard` what the makefile does. Only the script that is named counts of `package.json`, so that a new dependency
 * asks for no new trust; of a makefile, all of it does.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface NamedScript {
  /** `#guard` for the script of that name, ` main` for the program. */
  readonly place: string;
  readonly line: string;
}

const RUNS_SCRIPTS = new Set(['npm', 'pnpm', 'yarn', 'bun', 'node']);
/** To these a folder may be given as a program. */
const RUNS_FOLDERS = /^(?:node|nodejs|bun|deno|tsx|ts-node|pypy|python[\d.]*)$/;
/** What `npm ci` runs of the repository itself, as `yarn` without a word does. */
const INSTALLS = new Set(['install', 'i', 'add', 'ci', 'clean-install', 'yarn']);
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
  return programsOf(words).flatMap((word) => FILES_OF[word] ?? []);
}

/** Whether a program is among these words that runs a folder which is given to it. */
export function runsFolders(words: readonly string[]): boolean {
  return programsOf(words).some((word) => RUNS_FOLDERS.test(word));
}

/**
 * The scripts of the `package.json` of this folder that these words name, with what runs before and after; and
 * its program, where the folder is named itself.
 */
export function scriptsOf(
  folder: string,
  words: readonly string[],
  { isNamed }: { readonly isNamed: boolean },
): readonly NamedScript[] {
  const programs = programsOf(words);
  if (!programs.some((word) => RUNS_SCRIPTS.has(word) || RUNS_FOLDERS.test(word))) return [];
  const named = words.map((word) => ALIASES[word] ?? word);
  const installs = programs.some((word) => INSTALLS.has(word)) ? OF_INSTALL : [];
  const wanted = new Set([
    ...named.flatMap((name) => [`pre${name}`, name, `post${name}`]),
    ...installs,
  ]);
  const { scripts, main } = packageIn(folder);
  const program = isNamed && typeof main === 'string' ? [{ place: ' main', line: main }] : [];
  const found = Object.entries(isRecord(scripts) ? scripts : {}).flatMap(([name, line]) =>
    wanted.has(name) && typeof line === 'string' ? [{ place: `#${name}`, line }] : [],
  );
  return [...program, ...found];
}

/** As they are called, wherever they lie: `/usr/bin/make` is `make`. */
const programsOf = (words: readonly string[]): readonly string[] => [
  ...new Set(words.map((word) => basename(word))),
];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Empty where it is none that npm could read. */
function packageIn(folder: string): Readonly<Record<string, unknown>> {
  const path = join(folder, 'package.json');
  try {
    if (statSync(path).size > MAX_PACKAGE_BYTES) return {};
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRecord(found) ? found : {};
  } catch {
    return {};
  }
}
