/** What `init` can see without asking anybody outside of this machine: names only, never values. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../agents/open-agents.ts';
import type { EffectiveConfig } from '../config.ts';
import { isListening, isLocal } from '../models/local-server.ts';
import type { ProviderRow } from '../models/models-config.ts';

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

export async function lookAround(
  { env, places }: Workbench,
  { models: { providers }, agents }: Pick<EffectiveConfig, 'models' | 'agents'>,
): Promise<Surroundings> {
  const rows = [...providers.values()].filter(({ demo }) => demo === undefined);
  const local = rows.filter((row) => row.key === undefined && isLocal(row));
  const listens = await Promise.all(local.map(isListening));
  const programs = [...agents.rows.values()].flatMap(({ argv }) => argv.slice(0, 1));
  return {
    keyed: rows.filter(({ key }) => key?.type === 'env' && (env[key.name] ?? '') !== ''),
    serving: local.filter((_, at) => listens[at]),
    agents: [...new Set(programs)].filter((name) => findProgram(name, env['PATH']) !== undefined),
    checks: checksOf(places.root),
  };
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
