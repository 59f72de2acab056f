/** `whaleflow providers ls|test|add`: who may answer, whether they do, and how to add one. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { listProviders, type ProviderPage } from '../../workbench/providers.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { providersAdd } from '../providers-add.ts';
import { providersTest } from '../providers-test.ts';
import { subcommand } from '../subcommand.ts';
import { type Column, tableText } from '../table-text.ts';
import { warn } from './run.ts';

/** Address and key are what a person looks for; the others give way to them. */
const COLUMNS: readonly Column[] = [
  { title: 'PROVIDER' },
  { title: 'DIALECT', dropped: 1 },
  { title: 'ADDRESS', least: 28 },
  { title: 'KEY' },
  { title: 'CALLS', dropped: 2 },
  { title: 'FROM', dropped: 3 },
];

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [what, ...words] = subcommand('providers', input.words, ['ls', 'test', 'add']);
  if (what === 'test') return providersTest(context, input, words);
  if (what === 'add') return providersAdd(context, input, words);
  if (words.length > 0) {
    throw new WhaleFlowError('WF2002', `providers ls takes no more words, not \`${words[0]}\``);
  }
  return list(context);
}

async function list(context: CommandContext): Promise<ExitStatus> {
  const { output, flags } = context;
  const config = await context.config();
  const pages = await listProviders(await context.workbench(), config);
  warn(context, config.warnings);
  if (output.isJson) {
    output.json({ schema: 'whaleflow.providers/1', providers: pages.map(toJson) });
    return 0;
  }
  const { style, columns: width } = output;
  const rows = pages.map(({ name, dialect, baseUrl, key, maxCalls, origin }) =>
    [name, dialect, baseUrl, key, `${maxCalls}`, origin].map((text) => ({ text })),
  );
  const look = { style, width, isPlain: flags.plain };
  for (const line of tableText(COLUMNS, rows, look)) output.data(line);
  const facts = factRows(pages);
  if (facts.length === 0) return 0;
  output.data('');
  const titles = ['MODEL', 'FACT', 'VALUE', 'FROM'].map((title) => ({ title }));
  for (const line of tableText(titles, facts, look)) output.data(line);
  return 0;
}

function factRows(
  pages: readonly ProviderPage[],
): readonly (readonly { readonly text: string }[])[] {
  return pages.flatMap(({ models }) =>
    models.flatMap(({ name, roles, facts }) => {
      const answers = { fact: 'answers', value: roles.join(', ') || 'no role', origin: '' };
      return [answers, ...facts].map(({ fact, value, origin }) =>
        [name, fact, value, origin].map((text) => ({ text })),
      );
    }),
  );
}

function toJson({
  name,
  dialect,
  baseUrl,
  key,
  maxCalls,
  origin,
  models,
}: ProviderPage): JsonObject {
  return {
    name,
    dialect,
    base_url: baseUrl,
    key,
    max_calls: maxCalls,
    origin,
    models: models.map(({ name: model, roles, facts }) => ({
      model,
      roles: [...roles],
      facts: facts.map((one) => ({ ...one })),
    })),
  };
}
