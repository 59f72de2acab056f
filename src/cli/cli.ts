#!/usr/bin/env node
/**
 * The first file of the command line. It imports nothing, so that an old Node can read it and is told
 * what is wrong instead of failing on the syntax of another file.
 */
const OLDEST_NODE = 24;
/** What still holds the process open after the command has ended is not worth waiting for. */
const EXIT_GRACE_MS = 250;

const version: string = process.versions.node;

if (Number(version.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `error[WF2001]: whaleflow needs Node ${OLDEST_NODE} or newer, this is ${version}\n` +
      `help: install it (https://nodejs.org) or try \`npx -y node@${OLDEST_NODE} …\`\n`,
  );
  process.exitCode = 2;
} else {
  keepCompiledCode();
  // In the build, commands that are started often have an entry of their own instead.
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
}

/**
 * V8’s code of what was loaded is kept in the cache folder, so that the next start compiles nothing: a
 * fifth of the start of `run` and of a driver. Where it cannot be kept all goes on without.
 */
function keepCompiledCode(): void {
  const { HOME, XDG_CACHE_HOME, WHALEFLOW_HOME } = process.env;
  const { enableCompileCache } = process.getBuiltinModule('node:module');
  if (WHALEFLOW_HOME) enableCompileCache(`${WHALEFLOW_HOME}/cache/code`);
  else if (XDG_CACHE_HOME) enableCompileCache(`${XDG_CACHE_HOME}/whaleflow/code`);
  else if (HOME) enableCompileCache(`${HOME}/.cache/whaleflow/code`);
}
