/** One command from its words to its exit status. */
import { resolve } from 'node:path';
import type { ExitStatus } from '../base/error-codes.ts';
import { commands } from './commands.ts';
import { openContext } from './context.ts';
import { offeredCommands, requireFeature } from './feature-commands.ts';
import { type GlobalFlags, readFlags } from './flags.ts';
import { type Host, processHost } from './host.ts';
import { parseLine } from './parse-line.ts';
import { checkFields } from './pick-fields.ts';
import { shellWord } from './program-words.ts';
import { calledAs } from './typed.ts';

/** Runs a command line; resolves to its exit status and never rejects. */
export async function main(
  argv: readonly string[],
  host: Host = processHost(),
): Promise<ExitStatus> {
  const { program = () => 'whaleflow' } = host;
  const names = [
    ...commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
    'help',
    'COMMAND',
  ];
  calledAs({ program, place: '', names });
  let flags: GlobalFlags | undefined;
  let typed: string | undefined;
  try {
    const line = parseLine(argv, commands);
    if (line.kind === 'help') {
      const { printHelp } = await import('./help.ts');
      return printHelp(host, line, await offeredCommands(host, commands));
    }
    const { command, input } = line;
    typed = command.name;
    flags = readFlags(input, command.formats ?? []);
    // A driver is told where it works by us; who reads its log stands there.
    if (command.group !== 'hidden') calledAs({ program, place: placeOf(flags), names });
    checkFields(flags.fields, command);
    const known = new Set(commands.map(({ name }) => name));
    using context = openContext(host, flags, { known, argv, rows: command.rows });
    if (command.feature !== undefined) await requireFeature(context, command.name, command.feature);
    const { run } = await command.load();
    const status = await run(context, input);
    context.output.close();
    return status;
  } catch (error) {
    const { printError } = await import('./print-error.ts');
    return printError(host, error, {
      isJson: flags === undefined ? asksForJson(argv) : flags.format.startsWith('json'),
      isDebug: flags === undefined ? argv.includes('--debug') : flags.verbosity === 2,
      color: flags?.color ?? 'auto',
      cwd: resolve(host.cwd, flags?.directory ?? '.'),
      ...(typed === undefined ? {} : { command: typed }),
    });
  }
}

/** Where a command works is part of what the next one needs. */
const placeOf = ({ directory, stateDir }: GlobalFlags): string =>
  [
    ...(directory === undefined ? [] : ['-C', directory]),
    ...(stateDir === undefined ? [] : ['--state-dir', stateDir]),
  ]
    .map(shellWord)
    .join(' ');

/** Before the flags are read: an error in them is told in the way that was wanted. */
const asksForJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, at) =>
      /^--json(?:=|$)|^--format=jsonl?$/.test(word) ||
      (word === '--format' && /^jsonl?$/.test(argv[at + 1] ?? '')),
  );
