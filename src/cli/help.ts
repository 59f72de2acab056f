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
import { widthOf } from './width.ts';
import { wrapped } from './wrapped.ts';

export interface HelpRequest {
  readonly topic: string | undefined;
  readonly isFull: boolean;
}

const DEFAULT_COLUMNS = 80;
/** Longer lines are hard to read, however wide the terminal is. */
const MAX_COLUMNS = 100;
const MIN_COLUMNS = 40;

export function printHelp(
  host: Host,
  { topic, isFull }: HelpRequest,
  commands: readonly CommandSpec[],
): ExitStatus {
  const style = styleOf({ env: host.env, stream: host.stdout, color: 'auto' });
  const columns = host.stdout.size()?.columns ?? DEFAULT_COLUMNS;
  const page: Page = { isFull, width: Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, columns)) };
  host.stdout.write(style.safe(`${helpText(topic, page, commands)}\n`));
  return 0;
}

interface Page {
  readonly isFull: boolean;
  readonly width: number;
}

function helpText(topic: string | undefined, page: Page, commands: readonly CommandSpec[]): string {
  if (topic === undefined) return overview(commands, page);
  const lines = helpTopics[topic];
  if (lines === undefined) return commandHelp(findCommand(topic, commands), page);
  return [topic.replace('-', ' '), '', ...rows(lines(), page)].join('\n');
}

function overview(commands: readonly CommandSpec[], page: Page): string {
  const lines = [
    ...wrapped(
      `WhaleFlow ${VERSION}: typed branch-and-leaf workflows for coding agents`,
      page.width,
    ),
    '',
    ...wrapped(typable('usage: whaleflow COMMAND …'), page.width),
    ...wrapped('without a command: what runs, what needs you', page.width - 7).map(
      (line) => `       ${line}`,
    ),
  ];
  for (const group of commandGroups) {
    const listed = commands.filter((command) => command.group === group);
    if (listed.length === 0 || group === 'hidden') continue;
    const all = listed.map((command) => [usageOf(command), command.summary] as const);
    lines.push('', group.toUpperCase(), ...rows(all, page));
  }
  if (page.isFull)
    lines.push('', 'FLAGS OF EVERY COMMAND', ...rows(globalOptions.map(optionRow), page));
  lines.push(
    '',
    ...wrapped(
      'RUN is an id, a prefix of one, @last, @2 or a name; LEAF is RUN/path#attempt',
      page.width,
    ),
    ...wrapped(
      typable('more: whaleflow help COMMAND · help exit-codes · help environment'),
      page.width,
    ),
  );
  return lines.join('\n');
}

function commandHelp(command: CommandSpec, page: Page): string {
  const { isFull, width } = page;
  const { options = [], examples, details = [], aliases = [], fields = [] } = command;
  const shown = options.filter(({ rare }) => isFull || rare !== true);
  const usage = `usage: whaleflow ${usageOf(command)}${options.length > 0 ? ' [OPTIONS]' : ''}`;
  const lines = [
    ...wrapped(`whaleflow ${command.name}: ${command.summary}`, width),
    '',
    ...wrapped(typable(usage), width),
  ];
  if (aliases.length > 0 && isFull) lines.push(`also:  ${aliases.join(', ')}`);
  const words = (command.arguments ?? []).map(({ name, summary }) => [name, summary] as const);
  lines.push(...rows(words, page));
  const few = isFull ? examples : examples.slice(0, 2);
  lines.push('', 'EXAMPLES', ...exampleLines(few, page));
  if (isFull) for (const paragraph of details) lines.push('', ...wrapped(paragraph, width));
  if (shown.length > 0) lines.push('', 'OPTIONS', ...rows(shown.map(optionRow), page));
  if (isFull) lines.push('', 'FLAGS OF EVERY COMMAND', ...rows(globalOptions.map(optionRow), page));
  if (isFull && fields.length > 0) {
    const names = [...new Set(fields)].join(', ');
    lines.push('', 'JSON FIELDS', ...wrapped(names, width - 2).map((line) => `  ${line}`));
  }
  if (!isFull)
    lines.push('', ...wrapped(typable(`all options: whaleflow ${command.name} --help`), width));
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

type Row = readonly [left: string, right: string];

const optionRow = ({ flags, summary }: OptionSpec): Row => [flags, summary];

/** A third of the line at most, so that there is room to say something. */
const COLUMN = 30;
const COLUMN_SHARE = 3 / 8;

function rows(all: readonly Row[], { width }: Page): readonly string[] {
  return inColumns(all, Math.min(COLUMN, Math.floor(width * COLUMN_SHARE)), width);
}

/** Lines to be typed stay whole; what they mean stands beside them all, or below each. */
function exampleLines(examples: readonly Row[], page: Page): readonly string[] {
  const all = examples.map(([line, meaning]): Row => [typable(line), meaning]);
  const longest = Math.max(...all.map(([line]) => widthOf(line)));
  const column = longest + 4;
  const fits = all.every(([, meaning]) => column + widthOf(meaning) <= page.width);
  if (fits) return inColumns(all, column, page.width);
  return all.flatMap(([line, meaning]) => [`  ${line}`, ...below(meaning, 6, page.width)]);
}

function inColumns(all: readonly Row[], column: number, width: number): readonly string[] {
  return all.flatMap(([left, right]) => {
    const [first = '', ...rest] = below(right, column, width);
    const isShort = widthOf(left) + 4 <= column;
    if (!isShort) return [`  ${left}`, ...below(right, column, width)];
    return [`  ${left}`.padEnd(column) + first.slice(column), ...rest];
  });
}

const below = (text: string, column: number, width: number): readonly string[] =>
  wrapped(text, width - column).map((line) => `${' '.repeat(column)}${line}`);
