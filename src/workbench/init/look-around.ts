/** What `init` can see without asking anybody outside of this machine: names only, never values. */
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findProgram } from '../agents/open-agents.ts';
import type { EffectiveConfig } from '../config.ts';
import type { ProviderRow } from '../models/models-config.ts';
import { isLoopback } from '../models/read-provider.ts';
import type { Workbench } from '../workbench.ts';

export interface Surroundings {
  /** Providers whose key is there. */
  readonly keyed: readonly ProviderRow[];
  /** Model servers that listen on this machine. */
  readonly serving: readonly ProviderRow[];
  /** Coding agents on the path. */
  readonly agents: readonly string[];
  /** How the project is tested and checked, as argv. */
  readonly checks: readonly (readonly string[])[];
}

const PROBE_MS = 300;

export async function lookAround(
  { env, places }: Workbench,
  { models: { providers }, agents }: Pick<EffectiveConfig, 'models' | 'agents'>,
): Promise<Surroundings> {
  const rows = [...providers.values()].filter(({ demo }) => demo === undefined);
  const local = rows.filter(({ key, baseUrl }) => key === undefined && isLoopback(baseUrl));
  const listens = await Promise.all(local.map(({ baseUrl }) => isListening(new URL(baseUrl))));
  const programs = [...agents.rows.values()].flatMap(({ argv }) => argv.slice(0, 1));
  return {
    keyed: rows.filter(({ key }) => key?.type === 'env' && (env[key.name] ?? '') !== ''),
    serving: local.filter((_, at) => listens[at]),
    agents: [...new Set(programs)].filter((name) => findProgram(name, env['PATH']) !== undefined),
    checks: checksOf(places.root),
  };
}

/** Connects and hangs up: nothing is said. */
function isListening({ hostname, port }: URL): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: hostname, port: Number(port), timeout: PROBE_MS });
  const end = (isThere: boolean): void => {
    socket.destroy();
    resolve(isThere);
  };
  socket.once('connect', () => end(true));
  socket.once('timeout', () => end(false));
  socket.once('error', () => end(false));
  return promise;
}

const SCRIPTS = ['test', 'lint', 'typecheck'];

function checksOf(root: string): readonly (readonly string[])[] {
  const has = (name: string): boolean => existsSync(join(root, name));
  const scripts = scriptsOf(root);
  const npm = SCRIPTS.filter((name) => scripts.includes(name)).map((name) =>
    name === 'test' ? ['npm', 'test'] : ['npm', 'run', name],
  );
  const others: readonly (readonly [string, readonly string[]])[] = [
    ['Cargo.toml', ['cargo', 'test']],
    ['go.mod', ['go', 'test', './...']],
    ['pyproject.toml', ['python', '-m', 'pytest']],
    ['mix.exs', ['mix', 'test']],
    ['pom.xml', ['mvn', '-q', 'test']],
  ];
  return [...npm, ...others.filter(([file]) => has(file)).map(([, argv]) => argv)];
}

const MAX_BYTES = 1_048_576;

/** A file that is broken has none. */
function scriptsOf(root: string): readonly string[] {
  try {
    const text = readFileSync(join(root, 'package.json'), 'utf8').slice(0, MAX_BYTES);
    const { scripts } = JSON.parse(text) as { readonly scripts?: unknown };
    return typeof scripts === 'object' && scripts !== null ? Object.keys(scripts) : [];
  } catch {
    return [];
  }
}
