/** Single values of `[agents]`, `[hooks]` and `[mcp]` that are in force, for who asks for one of them. */
import type { SettingValue } from './check-setting.ts';
import type { ConfigFile } from './config-file.ts';
import type { TextSetting } from './models/models-config.ts';
import { type Entry, entriesOf, isTable } from './table-entry.ts';

export const tableSections = ['agents', 'hooks', 'mcp'] as const;
export type TableSection = (typeof tableSections)[number];

/** `agents.NAME` → its table, as it stands in the file that its readers took it from. */
export type TableEntries = ReadonlyMap<string, Entry>;

/** `settings`: one for each table that is in force, with its place. */
export function tableEntries(
  files: readonly ConfigFile[],
  settings: readonly TextSetting[],
): TableEntries {
  const origins = new Map(settings.map(({ key, origin }) => [key, origin]));
  const found = files
    .flatMap((file) => tableSections.flatMap((section) => entriesOf(file, section, [])))
    .map((entry) => [`${entry.section}.${entry.name}`, entry] as const);
  return new Map(found.filter(([key, { origin }]) => origins.get(key) === origin));
}

/** The value at a path below a section; undefined where nothing is said. */
export function tableSetting(
  entries: TableEntries,
  path: readonly string[],
): { readonly value: SettingValue; readonly origin: string } | undefined {
  const [section, name, ...rest] = path;
  const entry = entries.get(`${section}.${name}`);
  if (entry === undefined) return undefined;
  let value: unknown = entry.value;
  for (const member of rest) {
    value = isTable(value) && Object.hasOwn(value, member) ? value[member] : undefined;
  }
  if (!isSetting(value)) return undefined;
  return { value, origin: `${entry.file.path}:${entry.file.lineOf(...path)}` };
}

function isSetting(value: unknown): value is SettingValue {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string');
  return ['string', 'number', 'boolean'].includes(typeof value);
}
