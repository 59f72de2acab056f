/** `whaleflow providers add`: a provider, where its key is, and who it answers for, in one command. */
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';
import { shellWord } from './program-words.ts';

/** Other names of providers that are built in. */
const ALIASES: Readonly<Record<string, string>> = { 'llama.cpp': 'llamacpp', claude: 'anthropic' };

export async function providersAdd(
  context: CommandContext,
  input: CommandInput,
  [word, more]: readonly string[],
): Promise<ExitStatus> {
  if (word === undefined || more !== undefined) {
    throw new WhaleFlowError('WF2002', 'providers add takes one name', {
      hint: 'whaleflow providers add deepseek --model deepseek-chat',
    });
  }
  const name = ALIASES[word] ?? word;
  const { output, host } = context;
  const config = await context.config();
  const known = config.models.providers.get(name);
  const baseUrl = input.text('base-url');
  if (known === undefined && baseUrl === undefined) {
    const asked = input.text('model');
    const model = asked === undefined ? '' : ` --model ${shellWord(asked)}`;
    const builtIn = [...config.models.providers.values()].filter(({ demo }) => demo === undefined);
    throw new WhaleFlowError('WF2002', `${name} is no provider that is built in: where is it?`, {
      notes: [`built in: ${builtIn.map((row) => row.name).join(', ')}`],
      hint: `whaleflow providers add ${shellWord(name)} --base-url https://HOST/v1${model}`,
    });
  }
  const settings = [
    ...(await providerSettings(context, input, name)),
    ...(await roleSettings(input, name)),
  ];
  const workbench = await context.workbench();
  if (settings.length > 0) {
    const { writeSettings } = await import('../workbench/write-settings.ts');
    const file = writeSettings({ places: workbench.places, owner: 'user' }, settings);
    output.talk(`wrote ${file}`);
  }
  const { models } = await context.config();
  const row = models.providers.get(name);
  const key = row?.key;
  const isMissing = key?.type === 'env' && (host.env[key.name] ?? '') === '';
  const written = settings.map(({ path, value }) => ({
    key: path.join('.'),
    value: typeof value === 'object' ? [...value] : value,
  }));
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.provider-added/1',
      name,
      base_url: row?.baseUrl ?? null,
      key_missing: isMissing,
      settings: written,
    });
    return 0;
  }
  output.data(`${name}   ${row?.dialect} at ${row?.baseUrl}`);
  for (const one of written) output.data(`  ${one.key} = ${String(one.value)}`);
  if (settings.length === 0) output.data('  it is built in: there was nothing to write');
  if (key?.type === 'env') {
    output.data(`  its key is read from ${key.name}, which is ${isMissing ? 'not set' : 'set'}`);
  }
  if (isMissing) output.talk(`set it: export ${key.name}=…`);
  const model = input.text('model') ?? 'MODEL';
  output.talk(`try it: whaleflow providers test ${shellWord(`${name}:${model}`)}`);
  return 0;
}

interface Setting {
  readonly path: readonly string[];
  readonly value: string;
}

async function providerSettings(
  context: CommandContext,
  input: CommandInput,
  name: string,
): Promise<readonly Setting[]> {
  const own = (member: string, value: string | undefined): readonly Setting[] =>
    value === undefined ? [] : [{ path: ['providers', name, member], value }];
  const keys = ['key-env', 'key-cmd', 'key-stdin'].filter((option) => input.has(option));
  if (keys.length > 1) {
    throw new WhaleFlowError('WF2002', `--${keys.join(' and --')} both say where the key is`);
  }
  const command = input.has('key-stdin') ? await keep(context, name) : input.text('key-cmd');
  return [
    ...own('dialect', input.text('dialect')),
    ...own('base_url', input.text('base-url')),
    ...own('api_key_env', input.text('key-env')),
    ...own('api_key_cmd', command),
  ];
}

/** A key that was asked to be kept lies in a file of its own; the configuration has the command that reads it. */
async function keep(context: CommandContext, name: string): Promise<string> {
  const { host } = context;
  if (host.hasInput) {
    throw new WhaleFlowError(
      'WF2002',
      '--key-stdin reads the key from stdin, and that is a terminal',
      {
        hint: `whaleflow providers add ${shellWord(name)} --key-stdin < FILE`,
      },
    );
  }
  const { keepKey } = await import('../workbench/keep-key.ts');
  const file = keepKey(await context.workbench(), name, host.readInput());
  return `cat ${shellWord(file)}`;
}

async function roleSettings(input: CommandInput, name: string): Promise<readonly Setting[]> {
  const model = input.text('model');
  const role = input.text('role');
  if (model === undefined) {
    if (role === undefined) return [];
    throw new WhaleFlowError('WF2002', `--role ${role} needs a model that answers it: --model`);
  }
  const { parseSettingKey } = await import('../workbench/setting-key.ts');
  const { path } = parseSettingKey(`roles.${role ?? 'default'}`);
  return [{ path, value: `${name}:${model}` }];
}
