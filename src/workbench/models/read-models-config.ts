/**
 * Reads `[providers]`, `[roles]`, `[models]` and `[prices]`. A repository may say who answers where
 * the user has not, and add servers that need no key and facts that nobody has stated. It may not change a
 * provider that the user or WhaleFlow knows, name a key, or set a price of what is not its own: else a key
 * could be sent elsewhere, or a ceiling be talked away. Its `config.local.toml` is the user’s, within that.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { ConfigFile } from '../config-file.ts';
import { isLocalConfig } from '../config-paths.ts';
import { type Entry, entriesOf } from '../table-entry.ts';
import { knownProviders } from './known-providers.ts';
import type {
  ListPrice,
  ModelFacts,
  ModelsConfig,
  ProviderRow,
  Sourced,
  TextSetting,
} from './models-config.ts';
import { readFacts, readPrice, readRole } from './read-model-tables.ts';
import { readProvider } from './read-provider.ts';

/** `files`: strongest first. @throws {WhaleFlowError} WF2007 for what cannot be meant. */
export function readModelsConfig(files: readonly ConfigFile[]): ModelsConfig {
  const reading = new Reading(rolesOfPerson(files));
  // The user’s own first: what a repository may add depends on it.
  for (const file of files.filter(({ owner }) => owner === 'user')) reading.add(file);
  for (const file of files.filter(({ owner }) => owner === 'project').toReversed()) {
    reading.add(file);
  }
  return reading.result();
}

/** Roles that the user’s own files name. */
function rolesOfPerson(files: readonly ConfigFile[]): ReadonlySet<string> {
  const own = files.filter((file) => !isShared(file));
  return new Set(own.flatMap((file) => entriesOf(file, 'roles', []).map(({ name }) => name)));
}

/** Of the repository for all; a person’s values beat it. */
const isShared = ({ owner, path }: ConfigFile): boolean =>
  owner === 'project' && !isLocalConfig(path);

class Reading {
  readonly #ownRoles: ReadonlySet<string>;
  readonly #providers = new Map(knownProviders.map((row) => [row.name, row]));
  readonly #projectProviders = new Set<string>();
  readonly #roles: Map<string, Sourced<readonly string[]>> = new Map();
  readonly #facts = new Map<string, ModelFacts>();
  readonly #prices = new Map<string, Sourced<ListPrice>>();
  readonly #warnings: Diagnostic[] = [];

  constructor(ownRoles: ReadonlySet<string>) {
    this.#ownRoles = ownRoles;
  }

  add(file: ConfigFile): void {
    for (const entry of entriesOf(file, 'providers', this.#warnings)) this.#addProvider(entry);
    for (const entry of entriesOf(file, 'roles', this.#warnings)) {
      const role = readRole(entry, this.#warnings);
      if (role !== undefined && this.#maySayRole(entry)) this.#roles.set(entry.name, role);
    }
    for (const entry of entriesOf(file, 'models', this.#warnings)) {
      const { capabilities, ...rest } = readFacts(entry, this.#warnings);
      const before = this.#facts.get(entry.name);
      const weaker = isShared(file) ? rest : before;
      const stronger = isShared(file) ? before : rest;
      const all = isShared(file)
        ? { ...capabilities, ...before?.capabilities }
        : { ...before?.capabilities, ...capabilities };
      this.#facts.set(entry.name, { ...weaker, ...stronger, capabilities: all });
    }
    for (const entry of entriesOf(file, 'prices', this.#warnings)) this.#addPrice(entry);
  }

  result(): ModelsConfig {
    return {
      providers: this.#providers,
      roles: this.#roles as ModelsConfig['roles'],
      facts: this.#facts,
      prices: this.#prices,
      settings: [...this.#settings()],
      warnings: this.#warnings,
    };
  }

  #addProvider(entry: Entry): void {
    const before = this.#providers.get(entry.name);
    const isOfProject = entry.file.owner === 'project';
    if (isOfProject && before !== undefined && !this.#projectProviders.has(entry.name)) {
      this.#refuse(entry, `a repository may not change the provider ${entry.name}`);
      return;
    }
    const row = readProvider(entry, before, this.#warnings);
    if (isOfProject && row.key !== undefined) {
      this.#refuse(entry, `a repository may not name a key (provider ${entry.name})`);
      return;
    }
    if (isOfProject) this.#projectProviders.add(entry.name);
    this.#providers.set(entry.name, row);
  }

  #addPrice(entry: Entry): void {
    const [provider = ''] = entry.name.split(':');
    if (entry.file.owner === 'project' && !this.#projectProviders.has(provider)) {
      this.#refuse(entry, `a repository may not set a price of ${entry.name}`);
      return;
    }
    if (isShared(entry.file) && this.#prices.has(entry.name)) return;
    this.#prices.set(entry.name, readPrice(entry, this.#warnings));
  }

  /** Whoever has said `default` has said who answers every role. */
  #maySayRole({ file, name }: Entry): boolean {
    return !isShared(file) || !(this.#ownRoles.has(name) || this.#ownRoles.has('default'));
  }

  #refuse({ span }: Entry, message: string): void {
    const help = 'put it into your own configuration: whaleflow config path';
    this.#warnings.push({ code: 'WF2008', severity: 'warning', message, span, help });
  }

  *#settings(): Generator<TextSetting> {
    const own = [...this.#providers.values()].filter((row) => !knownProviders.includes(row));
    for (const row of own) yield providerSetting(row);
    for (const [role, { value, origin }] of this.#roles) {
      yield { key: `roles.${role}`, value: value.join(', '), origin };
    }
    for (const [name, { capabilities, contextTokens, maxOutputTokens }] of this.#facts) {
      const facts = { ...capabilities, context: contextTokens, max_output: maxOutputTokens };
      for (const [fact, known] of Object.entries(facts)) {
        if (known === undefined) continue;
        const { value, origin } = known;
        yield { key: `models."${name}".${fact}`, value: String(value), origin };
      }
    }
    for (const [name, { value, origin }] of this.#prices) {
      yield { key: `prices."${name}"`, value: priceText(value), origin };
    }
  }
}

function providerSetting({ name, dialect, baseUrl, key, origin }: ProviderRow): TextSetting {
  const keyText =
    key === undefined ? 'no key' : key.type === 'env' ? `$${key.name}` : 'key command';
  return { key: `providers.${name}`, value: `${dialect} ${baseUrl} (${keyText})`, origin };
}

function priceText({ input, output, cacheRead, cacheWrite }: ListPrice): string {
  const parts = [`input ${input}`, `output ${output}`];
  if (cacheRead !== undefined) parts.push(`cache_read ${cacheRead}`);
  if (cacheWrite !== undefined) parts.push(`cache_write ${cacheWrite}`);
  return `${parts.join(' · ')} USD per million`;
}
