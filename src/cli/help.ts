/** Help, made from the command table: it cannot say what is not there. */
import type { ExitStatus } from '../base/error-codes.ts';
import { VERSION } from '../base/version.ts';
import { type CommandSpec, commandGroups, type OptionSpec } from './command.ts';
import { globalOptions } from './flags.ts';
import { helpTopics } from './help-topics.ts';
import type { Host } from './host.ts';
import { findCommand } from './parse-line.ts';
import { styleOf } from './style.ts';
import { typable } from './typed.ts';

export interface HelpRequest {
  readonly topic: string | undefined;
  readonly isFull: boolean;
}

export function printHelp(
  host: Host,
  { topic, isFull }: HelpRequest,
  commands: readonly CommandSpec[],
): ExitStatus {
  const style = styleOf({ env: host.env, stream: host.stdout, color: 'auto' });
  host.stdout.write(style.safe(`${typable(helpText(topic, isFull, commands))}\n`));
  return 0;
}

function helpText(
  topic: string | undefined,
  isFull: boolean,
  commands: readonly CommandSpec[],
): string {
  if (topic === undefined) return overview(commands, isFull);
  const page = helpTopics[topic];
  if (page !== undefined) return page();
  return commandHelp(findCommand(topic, commands), isFull);
}

function overview(commands: readonly CommandSpec[], isFull: boolean): string {
  const lines = [
    `WhaleFlow ${VERSION}: typed branch-and-leaf workflows for coding agents`,
    '',
    'usage: whaleflow COMMAND …      (without a command: what runs, what needs you)',
  ];
  for (const group of commandGroups) {
    const listed = commands.filter((command) => command.group === group);
    if (listed.length === 0 || group === 'hidden') continue;
    lines.push('', group.toUpperCase());
    for (const command of listed) lines.push(row(usageOf(command), command.summary));
  }
  if (isFull) lines.push('', 'FLAGS OF EVERY COMMAND', ...globalOptions.map(optionRow));
  lines.push(
    '',
    'RUN is an id, a prefix of one, @last, @2 or a name; LEAF is RUN/path#attempt',
    'more: whaleflow help COMMAND · help exit-codes · help environment',
  );
  return lines.join('\n');
}

function commandHelp(command: CommandSpec, isFull: boolean): string {
  const { options = [], examples, details = [], aliases = [], fields = [] } = command;
  const shown = options.filter(({ rare }) => isFull || rare !== true);
  const lines = [
    `whaleflow ${command.name}: ${command.summary}`,
    '',
    `usage: whaleflow ${usageOf(command)}${options.length > 0 ? ' [OPTIONS]' : ''}`,
  ];
  if (aliases.length > 0 && isFull) lines.push(`also:  ${aliases.join(', ')}`);
  for (const { name, summary } of command.arguments ?? []) lines.push(row(name, summary));
  if (isFull) for (const paragraph of details) lines.push('', paragraph);
  if (shown.length > 0) lines.push('', 'OPTIONS', ...shown.map(optionRow));
  if (isFull) lines.push('', 'FLAGS OF EVERY COMMAND', ...globalOptions.map(optionRow));
  if (isFull && fields.length > 0)
    lines.push('', 'JSON FIELDS', `  ${[...new Set(fields)].join(', ')}`);
  const few = isFull ? examples : examples.slice(0, 2);
  lines.push('', 'EXAMPLES', ...few.map(([line, meaning]) => row(line, meaning)));
  if (!isFull) lines.push('', `all options: whaleflow ${command.name} --help`);
  return lines.join('\n');
}

/** `run WORKFLOW|FILE|-`. */
function usageOf({ name, arguments: args = [] }: CommandSpec): string {
  const shown = args.map(({ name: word, rest, optional }) => {
    const many = rest === true ? `${word}…` : word;
    return optional === true ? `[${many}]` : many;
  });
  return [name, ...shown].join(' ');
}

const optionRow = ({ flags, summary }: OptionSpec): string => row(flags, summary);

const COLUMN = 30;

const row = (left: string, right: string): string =>
  left.length + 2 < COLUMN ? `  ${left.padEnd(COLUMN - 2)}${right}` : `  ${left}  ${right}`;
