/** A key as it is typed, `ceilings.max_usd` or `models."lab:gpt-4.1".tools`, and what may stand under it. */
import { delimiter } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { roleNames } from '../workflow/roles.ts';
import { checkSetting, type SettingValue } from './check-setting.ts';
import { type ConfigKey, configKeys, isConfigKey } from './config-keys.ts';
import { modelSectionSchemas } from './models/models-schema.ts';
import { parseTableKey, parseTableValue, type TableKey } from './table-key.ts';
import { tableSections } from './table-settings.ts';

export type SettingKey =
  | { readonly type: 'plain'; readonly key: ConfigKey; readonly path: readonly string[] }
  | {
      readonly type: 'model';
      readonly section: ModelSection;
      /** Of a role, a provider or a model. */
      readonly name: string;
      /** Undefined of a role, which is a value itself. */
      readonly member: string | undefined;
      readonly path: readonly string[];
    }
  | TableKey;

export type ModelSection = 'providers' | 'roles' | 'models' | 'prices';

/** Members of the tables that have names of the user’s own, as their published schema has them. */
function membersOf(section: Exclude<ModelSection, 'roles'>): Readonly<Record<string, Json>> {
  const tables = modelSectionSchemas()[section] as JsonObject;
  const table = tables['additionalProperties'] as JsonObject;
  return table['properties'] as JsonObject;
}

const roles: readonly string[] = ['default', ...roleNames];

/** @throws {WhaleFlowError} WF2002 for no key, with the nearest one. */
export function parseSettingKey(text: string): SettingKey {
  if (isConfigKey(text)) return { type: 'plain', key: text, path: text.split('.') };
  const [section = ''] = text.split('.');
  const rest = text.slice(section.length + 1);
  if (section === 'roles') return roleKey(text, unquoted(rest));
  const table = tableSections.find((one) => one === section);
  if (table !== undefined) return parseTableKey(table, rest);
  if (section !== 'providers' && section !== 'models' && section !== 'prices') {
    throw unknownKey(text, [...Object.keys(configKeys), ...roles.map((role) => `roles.${role}`)]);
  }
  // Names of models have dots of their own, so that the last one counts.
  const cut = rest.lastIndexOf('.');
  const name = unquoted(rest.slice(0, Math.max(0, cut)));
  const member = rest.slice(cut + 1);
  const known = Object.keys(membersOf(section));
  if (name === '' || !known.includes(member)) {
    const shown = section === 'providers' ? 'NAME' : '"PROVIDER:MODEL"';
    const meant = didYouMean(member, known);
    throw new WhaleFlowError('WF2002', `no key ${text}`, {
      hint:
        name !== '' && meant !== undefined
          ? `did you mean \`${section}.${rest.slice(0, cut)}.${meant}\`?`
          : `write ${section}.${shown}.MEMBER with one of ${known.join(', ')}`,
    });
  }
  return { type: 'model', section, name, member, path: [section, name, member] };
}

function roleKey(text: string, name: string): SettingKey {
  if (roles.includes(name)) {
    return { type: 'model', section: 'roles', name, member: undefined, path: ['roles', name] };
  }
  throw unknownKey(
    text,
    roles.map((role) => `roles.${role}`),
  );
}

function unknownKey(text: string, known: readonly string[]): WhaleFlowError {
  const meant = didYouMean(text, known);
  return new WhaleFlowError('WF2002', `no key ${text}`, {
    hint: meant === undefined ? 'keys: whaleflow config ls' : `did you mean \`${meant}\`?`,
  });
}

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;

/** What was typed, as data of a file. @throws {WhaleFlowError} WF2007 for what does not fit. */
export function parseSettingValue(key: SettingKey, text: string): SettingValue {
  if (key.type === 'plain') {
    const value = checkSetting(key.key, text, 'as typed');
    // Folders stay as they were typed: `~/` is somebody else’s home elsewhere.
    return typeof value === 'object' ? text.split(delimiter) : value;
  }
  if (key.type === 'table') return parseTableValue(key, text);
  if (key.section === 'roles') {
    const names = text.split(',').map((name) => name.trim());
    return names.length === 1 ? text.trim() : names;
  }
  const schema = membersOf(key.section)[key.member ?? ''] as JsonObject;
  if (schema['type'] !== 'number' && schema['type'] !== 'integer') return text;
  const number = /^\s*\d/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw new WhaleFlowError('WF2007', `${key.path.join('.')} is a number, not \`${text}\``, {
    hint: 'write digits: 0.5',
  });
}
