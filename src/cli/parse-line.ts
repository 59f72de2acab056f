/** From argv to a command and its input. Commander is used here and nowhere else. */
import { Command, CommanderError, Option } from 'commander';
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { CommandSpec, OptionSpec } from './command.ts';
import { globalOptions } from './flags.ts';
import { type CommandInput, commandInput } from './input.ts';
import { shellWord } from './program-words.ts';

export type ParsedLine =
  | { readonly kind: 'run'; readonly command: CommandSpec; readonly input: CommandInput }
  | { readonly kind: 'help'; readonly topic: string | undefined; readonly isFull: boolean };

/**
 * Parses a command line; without a command it means `status`.
 * @throws {WhaleFlowError} WF2002 for what does not fit.
 */
export function parseLine(argv: readonly string[], commands: readonly CommandSpec[]): ParsedLine {
  const at = commandPlace(argv);
  const word = argv[at];
  const asked = helpAsked(argv);
  if (asked !== undefined) return { kind: 'help', topic: word, isFull: asked === '--help' };
  if (word === 'help') return { kind: 'help', topic: argv[at + 1], isFull: true };
  if (argv.length === 1 && (word === undefined || at > 0) && isVersion(argv[0])) {
    return parseCommand(findCommand('version', commands), []);
  }
  if (word === undefined) return parseCommand(findCommand('status', commands), argv);
  const command = findCommand(word, commands);
  return parseCommand(command, [...argv.slice(0, at), ...argv.slice(at + 1)]);
}

const isVersion = (word: string | undefined): boolean => word === '--version' || word === '-V';

/** The command of a name or alias. @throws {WhaleFlowError} WF2002 with the nearest one. */
export function findCommand(word: string, commands: readonly CommandSpec[]): CommandSpec {
  const found = commands.find(({ name, aliases }) => name === word || aliases?.includes(word));
  if (found !== undefined) return found;
  const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const isFile = /\.(?:star|ya?ml|json)$/.test(word);
  const hint = isFile
    ? `did you mean \`whaleflow run ${shellWord(word)}\`?`
    : (suggestion(word, names) ?? 'see them all: whaleflow --help');
  throw new WhaleFlowError('WF2002', `no command \`${word}\``, { hint });
}

/** Where the command word stands: the first word that is no global flag and no value of one. */
function commandPlace(argv: readonly string[]): number {
  const takesValue = globalOptions.map(readOptionFlags).filter(({ value }) => value === 'next');
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-') || word === '-') return at;
    if (word === '--') return argv.length;
    if (takesValue.some(({ short, long }) => word === `-${short}` || word === `--${long}`)) at += 1;
  }
  return argv.length;
}

function helpAsked(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.find((word) => word === '--help' || word === '-h');
}

interface OptionFlags {
  readonly short: string | undefined;
  readonly long: string;
  /** `attached`: only behind `=`. */
  readonly value: 'none' | 'next' | 'attached';
  readonly shown: string;
}

/** Reads the short way in which the table writes an option. */
function readOptionFlags({ flags }: OptionSpec): OptionFlags {
  const match = /^(?:-(\w), )?--([\w-]+)(?: <(.+)>|\[=(.+)\])?$/.exec(flags);
  if (match?.[2] === undefined) throw new Error(`bad option flags: ${flags}`);
  const [, short, long, next, attached] = match;
  const value = next !== undefined ? 'next' : attached !== undefined ? 'attached' : 'none';
  return { short, long, value, shown: next ?? attached ?? '' };
}

function parseCommand(command: CommandSpec, args: readonly string[]): ParsedLine {
  const specs = [...globalOptions, ...(command.options ?? [])];
  const parser = new Command(command.name)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .showSuggestionAfterError(false)
    .helpOption(false);
  const given = new Map<string, unknown>();
  for (const spec of specs) addOption(parser, spec, given);
  for (const { name, rest, optional } of command.arguments ?? []) {
    const shown = rest ? `${name}...` : name;
    parser.argument(optional ? `[${shown}]` : `<${shown}>`);
  }
  try {
    parser.parse(attachValues(args, specs, command), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw usageError(error, command, { specs, args });
    throw error;
  }
  return { kind: 'run', command, input: commandInput(parser.args, given) };
}

/** Keeps what was given only, under the long name as written: nothing has a hidden default. */
function addOption(parser: Command, spec: OptionSpec, given: Map<string, unknown>): void {
  const { short, long, value, shown } = readOptionFlags(spec);
  const names = short === undefined ? `--${long}` : `-${short}, --${long}`;
  const flags =
    value === 'none' ? names : value === 'next' ? `${names} <${shown}>` : `${names} [${shown}]`;
  const option = new Option(flags);
  parser.addOption(option);
  parser.on(`option:${option.name()}`, (text: string | null | undefined) => {
    const list = (given.get(long) as readonly string[] | undefined) ?? [];
    given.set(long, spec.many ? [...list, text ?? ''] : (text ?? (value === 'none' ? true : '')));
  });
}

/**
 * `--json ls` is no field called ls: a value that may be left out is taken from the next word only by
 * `--json`, and only where that word is a list of fields.
 */
function attachValues(
  args: readonly string[],
  specs: readonly OptionSpec[],
  { fields = [], moreFields = [], rows }: CommandSpec,
): readonly string[] {
  const attached = new Set(
    specs
      .map(readOptionFlags)
      .filter(({ value }) => value === 'attached')
      .map(({ long }) => `--${long}`),
  );
  const words: string[] = [];
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    const next = args[at + 1];
    if (at >= end || !attached.has(word)) words.push(word);
    else if (
      word === '--json' &&
      next !== undefined &&
      isFieldList(next, [...fields, ...moreFields, ...(rows?.fields ?? [])])
    ) {
      words.push(`--json=${next}`);
      at += 1;
    } else words.push(`${word}=`);
  }
  return words;
}

const isFieldList = (word: string, fields: readonly string[]): boolean =>
  word.split(',').every((name) => fields.includes(name));

function usageError(
  error: CommanderError,
  command: CommandSpec,
  { specs, args }: { readonly specs: readonly OptionSpec[]; readonly args: readonly string[] },
): WhaleFlowError {
  const message = error.message.replace(/^error: /, '').replace(/\n[\s\S]*$/, '');
  const unknown = /unknown option '(--[^'=]+)/.exec(message)?.[1];
  const names = specs.map((spec) => `--${readOptionFlags(spec).long}`);
  const hint =
    (unknown === undefined ? undefined : suggestion(unknown, names)) ??
    (error.code === 'commander.excessArguments' ? detachedValue(args, specs) : undefined) ??
    `see: whaleflow ${command.name} -h`;
  return new WhaleFlowError('WF2002', `${command.name}: ${message}`, { hint });
}

/** `--mock good.yaml`: the word that is too many was meant as the value of an option that wants `=`. */
function detachedValue(args: readonly string[], specs: readonly OptionSpec[]): string | undefined {
  const attached = new Set(
    specs
      .map(readOptionFlags)
      .flatMap(({ value, long }) => (value === 'attached' ? [`--${long}`] : [])),
  );
  const at = args.findIndex((word) => attached.has(word));
  const value = args[at + 1];
  if (at < 0 || value === undefined || value.startsWith('-')) return undefined;
  return `a value stands behind \`=\`: ${args[at]}=${shellWord(value)}`;
}
