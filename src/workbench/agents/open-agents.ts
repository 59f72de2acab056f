/** From rows of the configuration to agents that a leaf can start on this machine. */
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, sep } from 'node:path';
import type { ExternalAgent } from '../../leaf/runners/external/external-agent.ts';
import { toolchainFolders } from '../../sandbox/bubblewrap/profile.ts';
import type { AgentRow, AgentsConfig } from './agents-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Name in the workflow → name of a row, where it is not the same. */
export type AgentNames = Readonly<Record<string, string>>;

export interface RunAgents {
  readonly names: AgentNames;
  readonly config: AgentsConfig;
}

export function rowOf(name: string, { names, config }: RunAgents): AgentRow | undefined {
  return config.rows.get(Object.hasOwn(names, name) ? (names[name] ?? name) : name);
}

/** Agents by their names in the workflow; each is looked for once. */
export function openAgents(
  agents: RunAgents,
  environment: Environment,
): (name: string) => ExternalAgent | undefined {
  const known = new Map<string, ExternalAgent | undefined>();
  return (name) => {
    if (known.has(name)) return known.get(name);
    const row = rowOf(name, agents);
    const agent = row === undefined ? undefined : toAgent(row, environment);
    known.set(name, agent);
    return agent;
  };
}

export function toAgent(row: AgentRow, environment: Environment): ExternalAgent {
  const { name, protocol, rights, billing, model, isProxied } = row;
  const home = environment['HOME'] ?? '/';
  const absolute = (path: string): string =>
    path.startsWith('~/') ? join(home, path.slice(2)) : path;
  const program = findProgram(row.argv[0] ?? '', environment['PATH']);
  const passed = row.passes.flatMap((variable) => {
    const value = environment[variable];
    return value === undefined ? [] : [[variable, value] as const];
  });
  return {
    name,
    protocol,
    argv: row.argv.flatMap((word) => filledWord(word, row)),
    rights,
    // What it gets for its calls comes with the address, when there is one.
    env: isProxied ? {} : { ...Object.fromEntries(passed), ...row.sets },
    ...(isProxied ? { proxyEnv: { ...row.proxy?.env, ...row.sets } } : {}),
    ...(row.confinedSets === undefined ? {} : { confinedEnv: row.confinedSets }),
    readable: [
      ...(program === undefined ? [] : programFolders(program, home)),
      ...row.reads.map(absolute),
    ],
    // What is not there cannot be bound.
    writable: (isProxied ? [] : row.writes).map(absolute).filter((path) => existsSync(path)),
    // It signs in with nothing of the person’s.
    ...(row.home === 'user' && !isProxied ? { home } : {}),
    ...(isProxied && row.proxy?.home !== undefined ? { homeFiles: row.proxy.home } : {}),
    billing,
    ...authOf(row),
    ...(model === undefined ? {} : { model }),
  };
}

function authOf({ auth, isProxied, proxy }: AgentRow): Pick<ExternalAgent, 'auth'> {
  const way = isProxied ? (proxy?.auth ?? auth) : auth;
  return way === undefined ? {} : { auth: way };
}

function filledWord(
  word: string,
  { model, modelArgs, isProxied, proxy }: AgentRow,
): readonly string[] {
  if (word === '{proxy}') return isProxied ? (proxy?.args ?? []) : [];
  if (word === '{model}' && isProxied) return [];
  if (word !== '{model}') return [word];
  return model === undefined ? [] : modelArgs.map((part) => part.replaceAll('{model}', model));
}

/** Absolute; undefined where it is not installed. */
export function findProgram(program: string, path: string | undefined): string | undefined {
  if (isAbsolute(program)) return isProgram(program) ? program : undefined;
  if (program === '' || program.includes(sep)) return undefined;
  return (path ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, program))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What it needs of the machine to start: its own prefix, where links lead, the packages around it. */
export function programFolders(program: string, home: string): readonly string[] {
  const real = realpathSync(program);
  const packages = real.indexOf(`${sep}node_modules${sep}`);
  return [
    ...new Set([
      program,
      ...toolchainFolders(real, home).filter(
        (folder) => folder !== dirname(home) && folder !== home,
      ),
      ...(packages < 0 ? [] : [join(real.slice(0, packages), 'node_modules')]),
    ]),
  ];
}

/** Whether the model calls of an agent go through us. */
export function asksUs(agents: RunAgents): (agent: string) => boolean {
  return (name) => rowOf(name, agents)?.isProxied === true;
}
