/** `whaleflow config ls|get|set|edit|path`: what is in force, where it comes from, and how to change it. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { SettingValue } from '../../workbench/check-setting.ts';
import { configFiles } from '../../workbench/config.ts';
import { configEdit } from '../config-edit.ts';
import { configGet, configSet } from '../config-set.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { subcommand } from '../subcommand.ts';
import { tableText } from '../table-text.ts';
import { typed } from '../typed.ts';
import { warn } from './run.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [what, ...words] = subcommand('config', input.words, ['ls', 'get', 'set', 'edit', 'path']);
  switch (what) {
    case 'get':
      return configGet(context, input, words);
    case 'set':
      return configSet(context, input, words);
    default:
      break;
  }
  if (words.length > 0) {
    throw new WhaleFlowError('WF2002', `config ${what} takes no more words, not \`${words[0]}\``);
  }
  if (what === 'edit') return configEdit(context, input);
  if (what === 'path') await printPaths(context);
  else await list(context, input.has('show-origin'));
  return 0;
}

async function list(context: CommandContext, showsOrigin: boolean): Promise<void> {
  const { output, flags } = context;
  const { settings: plain, models, agents, hooks, mcp, warnings } = await context.config();
  const settings = [
    ...plain,
    ...models.settings,
    ...agents.settings,
    ...hooks.settings,
    ...mcp.settings,
  ];
  warn(context, warnings);
  if (output.isJson) {
    const list = settings.map((setting) => ({ ...setting }));
    output.json({ schema: 'whaleflow.config/1', settings: list });
    return;
  }
  const columns = [{ title: 'KEY' }, { title: 'VALUE' }, { title: 'FROM' }];
  const rows = settings.map(({ key, value, origin }) =>
    [key, valueText(value), origin].map((text) => ({ text })),
  );
  const width = showsOrigin ? 3 : 2;
  const { style } = output;
  for (const line of tableText(
    columns.slice(0, width),
    rows.map((row) => row.slice(0, width)),
    { style, width: output.columns, isPlain: flags.plain },
  )) {
    output.data(line);
  }
}

const valueText = (value: SettingValue): string =>
  (typeof value === 'object' ? value.join(', ') : String(value)) || 'none';

async function printPaths(context: CommandContext): Promise<void> {
  const { output } = context;
  const files = configFiles((await context.workbench()).places);
  if (output.isJson) {
    output.json({ schema: 'whaleflow.config/1', files: files.map((file) => ({ ...file })) });
    return;
  }
  for (const { path, exists, counts } of files) {
    const state = !exists ? 'not there' : counts ? 'counts' : `does not count: ${typed('trust')}`;
    output.data(`${path}   ${state}`);
  }
}
