import type { SettingValue } from './check-setting.ts';
import type { EffectiveConfig } from './config.ts';
import type { Known, ModelsConfig } from './models/models-config.ts';
import type { SettingKey } from './setting-key.ts';
import { tableSetting } from './table-settings.ts';

export interface ReadSetting {
  readonly value: SettingValue;
  readonly origin: string;
}

/** What is in force under a key, all layers considered; undefined where nothing is. */
export function readSetting(
  key: SettingKey,
  { settings, models, tables }: EffectiveConfig,
): ReadSetting | undefined {
  switch (key.type) {
    case 'plain':
      return settings.find((setting) => setting.key === key.key);
    case 'table':
      return tableSetting(tables, key.path);
    case 'model':
      return ofModels(key, models);
  }
}

function ofModels(
  { section, name, member = '' }: Extract<SettingKey, { readonly type: 'model' }>,
  models: ModelsConfig,
): ReadSetting | undefined {
  switch (section) {
    case 'roles': {
      const role = [...models.roles].find(([known]) => known === name)?.[1];
      if (role === undefined) return undefined;
      const [only] = role.value;
      return role.value.length === 1 && only !== undefined ? { ...role, value: only } : role;
    }
    case 'providers':
      return ofProvider(name, member, models);
    case 'models': {
      const { capabilities = {}, contextTokens, maxOutputTokens } = models.facts.get(name) ?? {};
      if (member === 'context') return contextTokens;
      if (member === 'max_output') return maxOutputTokens;
      return Object.entries(capabilities).find(([capability]) => capability === member)?.[1];
    }
    case 'prices': {
      const price = models.prices.get(name);
      if (price === undefined) return undefined;
      const { input, output, cacheRead, cacheWrite } = price.value;
      const all = { input, output, cache_read: cacheRead, cache_write: cacheWrite };
      return sourced(all[member as keyof typeof all], price.origin);
    }
  }
}

function ofProvider(
  name: string,
  member: string,
  { providers }: ModelsConfig,
): ReadSetting | undefined {
  const row = providers.get(name);
  if (row === undefined) return undefined;
  const { dialect, baseUrl, key, capabilities, maxCalls, origin } = row;
  const all: Readonly<Record<string, string | number | undefined>> = {
    ...(capabilities as Readonly<Record<string, Known>>),
    dialect,
    base_url: baseUrl,
    max_calls: maxCalls,
    api_key_env: key?.type === 'env' ? key.name : undefined,
    api_key_cmd: key?.type === 'command' ? key.line : undefined,
  };
  return sourced(all[member], origin);
}

const sourced = (value: SettingValue | undefined, origin: string): ReadSetting | undefined =>
  value === undefined ? undefined : { value, origin };
