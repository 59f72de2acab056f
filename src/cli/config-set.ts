/** `whaleflow config get` and `set`. */
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { SettingValue } from '../workbench/check-setting.ts';
import type { ConfigOwner } from '../workbench/config.ts';
import type { SettingKey } from '../workbench/setting-key.ts';
import { warn } from './commands/run.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';

/** Prints the value alone, for scripts, and beside it on stderr where it comes from; exit status 1 where nothing is set. */
export async function configGet(
  context: CommandContext,
  input: CommandInput,
  words: readonly string[],
): Promise<ExitStatus> {
  const [word, more] = words;
  if (word === undefined || more !== undefined) {
    throw new WhaleFlowError('WF2002', 'config get takes one key', {
      hint: 'keys: whaleflow config ls',
    });
  }
  const [{ parseSettingKey }, { readSetting }] = await Promise.all([
    import('../workbench/setting-key.ts'),
    import('../workbench/read-setting.ts'),
  ]);
  const key = parseSettingKey(word);
  const config = await context.config();
  const found = readSetting(key, config);
  warn(context, config.warnings);
  const { output } = context;
  if (output.isJson) {
    const value = found?.value ?? null;
    output.json({
      schema: 'whaleflow.setting/1',
      key: word,
      value: typeof value === 'object' && value !== null ? [...value] : value,
      origin: found?.origin ?? null,
    });
  } else if (found === undefined) output.talk(`${word} is not set`);
  else {
    const isBeside = input.has('show-origin');
    output.data(`${settingText(found.value)}${isBeside ? `   ${found.origin}` : ''}`);
    if (!isBeside) output.talk(`from ${found.origin}`);
  }
  return found === undefined ? 1 : 0;
}

const settingText = (value: SettingValue): string =>
  typeof value === 'object' ? value.join(',') : String(value);

/** `--user` where neither is said: a file that is committed is changed on purpose only. */
export function ownerOf(input: CommandInput): ConfigOwner {
  if (input.has('user') && input.has('project')) {
    throw new WhaleFlowError('WF2002', '--user and --project name two files; take one');
  }
  return input.has('project') ? 'project' : 'user';
}

/** All pairs or none: some values make sense only together. */
export async function configSet(
  context: CommandContext,
  input: CommandInput,
  words: readonly string[],
): Promise<ExitStatus> {
  if (words.length === 0 || words.length % 2 === 1) {
    throw new WhaleFlowError('WF2002', 'config set takes a key and a value, or several pairs', {
      hint: 'whaleflow config set ceilings.max_usd 2',
    });
  }
  const owner = ownerOf(input);
  const [{ parseSettingKey, parseSettingValue }, { writeSettings }] = await Promise.all([
    import('../workbench/setting-key.ts'),
    import('../workbench/write-settings.ts'),
  ]);
  const pairs = Array.from({ length: words.length / 2 }, (_, at) => {
    const key = parseSettingKey(words[2 * at] ?? '');
    return {
      word: words[2 * at] ?? '',
      key,
      value: parseSettingValue(key, words[2 * at + 1] ?? ''),
    };
  });
  const { places } = await context.workbench();
  const path = writeSettings(
    { places, owner },
    pairs.map(({ key, value }) => ({ path: key.path, value })),
  );
  return saySet(context, path, pairs);
}

interface Pair {
  readonly word: string;
  readonly key: SettingKey;
  readonly value: SettingValue;
}

/** What was written, and where something else is in force all the same. */
async function saySet(
  context: CommandContext,
  path: string,
  pairs: readonly Pair[],
): Promise<ExitStatus> {
  const { readSetting } = await import('../workbench/read-setting.ts');
  const config = await context.config();
  warn(context, config.warnings);
  const said = pairs.map(({ word, key, value }) => {
    const inForce = readSetting(key, config);
    return { word, value, inForce, counts: inForce?.origin.startsWith(`${path}:`) === true };
  });
  const { output } = context;
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.settings-written/1',
      file: path,
      settings: said.map(({ word, value, inForce, counts }) => ({
        key: word,
        value: typeof value === 'object' ? [...value] : value,
        counts,
        in_force: inForce === undefined ? null : settingText(inForce.value),
        in_force_from: inForce?.origin ?? null,
      })),
    });
    return 0;
  }
  for (const { word, value, inForce, counts } of said) {
    output.data(`${word} = ${settingText(value)}   ${counts ? inForce?.origin : path}`);
    if (counts) continue;
    const other =
      inForce === undefined ? 'nothing' : `${settingText(inForce.value)} (${inForce.origin})`;
    output.talk(`in force is ${other}`);
  }
  return 0;
}
