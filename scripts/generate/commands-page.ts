import { type CommandSpec, commandGroups, type OptionSpec } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { globalOptions } from '../../src/cli/flags.ts';
import { helpTopics } from '../../src/cli/help-topics.ts';
import { code, page, span, table } from './markdown.ts';

export function commandsPage(): string {
  const groups = commandGroups.flatMap((group) => {
    const listed = commands.filter((command) => command.group === group);
    if (group === 'hidden' || listed.length === 0) return [];
    return [`## ${group[0]?.toUpperCase()}${group.slice(1)}`, ...listed.flatMap(commandBlocks)];
  });
  return page('Commands', [
    '`RUN` is an id, a prefix of one, `@last`, `@2` (the one before) or a name; `LEAF` is `RUN/path#attempt`. Data goes to stdout, talk to stderr. JSON carries `"schema"` and only grows.',
    ...groups,
    '## Flags of every command',
    optionTable(globalOptions),
    '## Exit codes',
    code(topicText('exit-codes')),
    '## Environment',
    code(topicText('environment')),
  ]);
}

function commandBlocks(command: CommandSpec): readonly string[] {
  const { name, summary, aliases = [], details = [], options = [], fields = [] } = command;
  const { arguments: args = [], formats = [], examples } = command;
  const formatNames = ['table', 'json', ...formats];
  return [
    `### ${name}`,
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    code(`whaleflow ${usageOf(command)}`),
    ...details.map((paragraph) => paragraph.replaceAll('\n', ' ')),
    ...(aliases.length === 0 ? [] : [`Also: ${aliases.map(span).join(', ')}.`]),
    ...(args.length === 0
      ? []
      : [
          table(
            ['argument', 'meaning'],
            args.map((one) => [span(one.name), one.summary]),
          ),
        ]),
    ...(options.length === 0 ? [] : [optionTable(options)]),
    ...(formats.length === 0 ? [] : [`Formats: ${formatNames.map(span).join(', ')}.`]),
    ...(fields.length === 0 ? [] : [`JSON fields: ${fields.map(span).join(', ')}.`]),
    code(examples.map(([line, meaning]) => `${line}     # ${meaning}`).join('\n'), 'sh'),
  ];
}

function usageOf({ name, arguments: args = [], options = [] }: CommandSpec): string {
  const shown = args.map(({ name: word, rest, optional }) => {
    const many = rest === true ? `${word}…` : word;
    return optional === true ? `[${many}]` : many;
  });
  return [name, ...shown, ...(options.length === 0 ? [] : ['[OPTIONS]'])].join(' ');
}

const optionTable = (options: readonly OptionSpec[]): string =>
  table(
    ['option', 'meaning'],
    options.map(({ flags, summary, many }) => [
      span(flags),
      many === true ? `${summary} (may be repeated)` : summary,
    ]),
  );

function topicText(topic: string): string {
  const rows = helpTopics[topic]?.() ?? [];
  const column = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, meaning]) => `  ${name.padEnd(column)}${meaning}`);
  return [topic.replace('-', ' '), '', ...lines].join('\n');
}
