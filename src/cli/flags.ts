/** The flags that mean the same in every command. */
import { WhaleFlowError } from '../base/errors.ts';
import type { Format, OptionSpec } from './command.ts';
import type { CommandInput } from './input.ts';

export const globalOptions: readonly OptionSpec[] = [
  { flags: '--json[=FIELDS]', summary: 'JSON on stdout; only these fields (a,b,c)' },
  { flags: '--format <FORMAT>', summary: 'table, json, or what a command names', rare: true },
  { flags: '-o, --output <FILE>', summary: 'data to this file, `-` for stdout', rare: true },
  { flags: '--force', summary: 'replace the file of -o', rare: true },
  { flags: '-q, --quiet', summary: 'less talk on stderr' },
  { flags: '-v, --verbose', summary: 'more talk on stderr', rare: true },
  { flags: '--debug', summary: 'everything, with stack traces', rare: true },
  { flags: '--color <WHEN>', summary: 'auto, always or never', rare: true },
  { flags: '--no-input', summary: 'never ask; a needed question ends with 5', rare: true },
  { flags: '-y, --yes', summary: 'accept the plan question; never permissions' },
  { flags: '-C, --directory <DIR>', summary: 'work in this folder', rare: true },
  { flags: '--state-dir <DIR>', summary: 'keep runs in this folder', rare: true },
  { flags: '--set <KEY=VALUE>', summary: 'a setting for this command', many: true, rare: true },
  { flags: '--plain', summary: 'one record a line, no glyphs, no wrapping', rare: true },
  { flags: '--no-pager', summary: 'never page', rare: true },
];

export interface GlobalFlags {
  readonly format: Format;
  /** Fields of the JSON that are wanted; all where absent. */
  readonly fields: readonly string[] | undefined;
  readonly output: string | undefined;
  /** Replaces the file of `-o`. */
  readonly force: boolean;
  /** -1 quiet, 0, 1 verbose, 2 debug. */
  readonly verbosity: -1 | 0 | 1 | 2;
  readonly color: 'auto' | 'always' | 'never';
  readonly noInput: boolean;
  readonly yes: boolean;
  readonly directory: string | undefined;
  readonly stateDir: string | undefined;
  /** `--set KEY=VALUE`, as given. */
  readonly set: readonly string[];
  readonly plain: boolean;
}

const FORMATS: readonly string[] = ['table', 'json', 'jsonl', 'yaml', 'md', 'mermaid', 'dot'];
const COLORS: readonly string[] = ['auto', 'always', 'never'];

/**
 * Reads the flags of every command; `formats` are those that the command knows beside table and json.
 * @throws {WhaleFlowError} WF2002.
 */
export function readFlags(input: CommandInput, formats: readonly Format[]): GlobalFlags {
  const output = input.text('output');
  if (output !== undefined && FORMATS.includes(output)) {
    const hint = `did you mean \`--format ${output}\`? for a file of that name: -o ./${output}`;
    throw new WhaleFlowError('WF2002', `-o takes a file, and \`${output}\` is a format`, { hint });
  }
  const color = input.text('color') ?? 'auto';
  if (!COLORS.includes(color)) {
    throw new WhaleFlowError('WF2002', `--color takes auto, always or never, not \`${color}\``);
  }
  const json = input.text('json');
  return {
    format: readFormat(input, formats, json !== undefined),
    fields: json === undefined || json === '' ? undefined : json.split(','),
    output: output === '-' ? undefined : output,
    force: input.has('force'),
    verbosity: input.has('debug') ? 2 : input.has('verbose') ? 1 : input.has('quiet') ? -1 : 0,
    color: color as GlobalFlags['color'],
    noInput: input.has('no-input'),
    yes: input.has('yes'),
    directory: input.text('directory'),
    stateDir: input.text('state-dir'),
    set: input.list('set'),
    plain: input.has('plain'),
  };
}

function readFormat(input: CommandInput, formats: readonly Format[], json: boolean): Format {
  const format = input.text('format') ?? (json ? 'json' : 'table');
  const known: readonly string[] = ['table', 'json', ...formats];
  if (json && format !== 'json' && format !== 'jsonl') {
    throw new WhaleFlowError('WF2002', `--json and --format ${format} exclude each other`);
  }
  if (known.includes(format)) return format as Format;
  throw new WhaleFlowError('WF2002', `--format takes ${known.join(', ')} here, not \`${format}\``);
}
