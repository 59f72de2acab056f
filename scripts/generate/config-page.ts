import {
  type ConfigRow,
  configKeys,
  isConfigKey,
  type RepositoryRight,
  repositoryRight,
} from '../../src/workbench/config-keys.ts';
import { knownProviders } from '../../src/workbench/models/known-providers.ts';
import { code, page, span, table } from './markdown.ts';

export function configPage(): string {
  const rows = Object.entries(configKeys).map(([key, row]) => [
    span(key),
    row.isCeiling ? `${row.about} A ceiling: the least of all layers counts.` : row.about,
    valueText(row.value),
    rangeText(row),
    isConfigKey(key) ? RIGHTS[repositoryRight(key)] : '',
    span(`WHALEFLOW_${key.replace('.', '_').toUpperCase()}`),
  ]);
  return page('Configuration', [
    'Strongest first: `--set KEY=VALUE` · environment · `.whaleflow/config.local.toml` · `config.toml` of the user · `.whaleflow/config.toml` · built in. The two files of a repository count only after `whaleflow trust`. What a repository may do with a value: *tightens* (less, or the narrowest choice, counts whatever your own file says), *fills in* (where you have said nothing), *never*. Of ceilings the least of all layers counts. An unknown key is a warning.',
    table(['key', 'meaning', 'default', 'range', 'a repository', 'environment'], rows),
    code(exampleFile(), 'toml'),
    MODELS,
    table(['provider', 'dialect', 'address', 'key', 'known of its models'], providerRows()),
    code(MODELS_EXAMPLE, 'toml'),
    '`whaleflow config ls --show-origin` says where each value comes from; `whaleflow config path` names the files; `whaleflow schema config` is for editors.',
  ]);
}

const RIGHTS: Readonly<Record<RepositoryRight, string>> = {
  tighten: 'tightens',
  fill_in: 'fills in',
  never: 'never',
};

function valueText(value: ConfigRow['value']): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object'
    ? `[${value.map((one) => JSON.stringify(one)).join(', ')}]`
    : String(value);
}

function rangeText(row: ConfigRow): string {
  switch (row.type) {
    case 'switch':
      return 'true, false';
    case 'choice':
      return row.choices.join(', ');
    case 'folders':
      return 'absolute folders, or from `~/`';
    case 'paths':
      return 'folders below the root of the repository';
    case 'text':
      return 'a command line';
    case 'number':
      return `${row.min} to ${row.max}`;
  }
}

const MODELS = [
  '## Models',
  '',
  'Four sections hold tables under names of your own. `[providers.NAME]`: `dialect` (`openai`, the default, `openai-responses`, `anthropic` or `gemini`), `base_url`, `api_key_env` (the name of the variable that holds the key) or `api_key_cmd` (a command line that prints it), `max_calls` (how many calls of all runs on this machine it gets at once), and `tools`, `schema_mode`, `vision` for what its models can do: `yes`, `no` or `unknown`. `[roles]`: a role or `default` = a model, or a list of it and its fallbacks. `[models."PROVIDER:MODEL"]`: the same capabilities, `context` and `max_output` in tokens. `[prices."PROVIDER:MODEL"]`: US dollars per million tokens.',
  '',
  'A key never stands in a file: what looks like one is refused. A repository, even a trusted one, fills in: it may say who answers a role where you have named neither that role nor `default`, add servers that need no key, and state facts of models that you have not stated. It may not change a provider that you or WhaleFlow know, name a key or a command, or set a price of what is not its own or what you have priced.',
  '',
  'Built in, and to be changed by a table of the same name:',
].join('\n');

const MODELS_EXAMPLE = `[roles]
default = "openai:gpt-5"
implementer = ["anthropic:claude-sonnet-5", "openai:gpt-5"]
json_extractor = "ollama:qwen3:8b"

[providers.lab]
base_url = "https://models.lab.example/v1"
api_key_env = "LAB_KEY"

[models."lab:small"]
tools = "yes"
context = 32000
max_output = 4096

[prices."lab:small"]
input = 0.5
output = 2
cache_read = 0.05`;

function providerRows(): readonly (readonly string[])[] {
  return knownProviders
    .filter(({ demo }) => demo === undefined)
    .map(({ name, dialect, baseUrl, key, capabilities }) => [
      span(name),
      dialect,
      span(baseUrl),
      key?.type === 'env' ? span(key.name) : 'none',
      Object.entries(capabilities)
        .map(([capability, known]) => `${capability}: ${known}`)
        .join(', '),
    ]);
}

/** All keys with their defaults, as a file would have them. */
function exampleFile(): string {
  const lines: string[] = [];
  let section = '';
  for (const [key, { value }] of Object.entries(configKeys)) {
    const [table = '', name = ''] = key.split('.');
    if (table !== section) lines.push(...(section === '' ? [] : ['']), `[${table}]`);
    section = table;
    lines.push(`${name} = ${valueText(value)}`);
  }
  return lines.join('\n');
}
