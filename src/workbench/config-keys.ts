/** Every key of the configuration: the one table that reads, checks and documents them. */
export interface ConfigRow {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** The minimum of all layers counts. */
  readonly isCeiling: boolean;
  readonly about: string;
}

const ceiling = (value: number, max: number, about: string): ConfigRow => {
  return { value, min: 0, max, isCeiling: true, about };
};

export type ConfigKey =
  | 'concurrency.model'
  | 'concurrency.command'
  | 'ceilings.max_usd'
  | 'ceilings.max_tokens'
  | 'ceilings.max_leaves'
  | 'ceilings.max_minutes';

export const configKeys: Readonly<Record<ConfigKey, ConfigRow>> = {
  'concurrency.model': {
    value: 8,
    min: 1,
    max: 1_000,
    isCeiling: false,
    about: 'Model leaves in flight at once.',
  },
  'concurrency.command': {
    value: 2,
    min: 1,
    max: 256,
    isCeiling: false,
    about: 'Commands and searches in flight at once.',
  },
  'ceilings.max_usd': ceiling(5, 1_000_000, 'US dollars a run may cost.'),
  'ceilings.max_tokens': ceiling(2_000_000, 1e12, 'Tokens a run may use.'),
  'ceilings.max_leaves': ceiling(1_000, 10_000_000, 'Leaf attempts a run may make.'),
  'ceilings.max_minutes': ceiling(60, 525_600, 'Minutes a run may take.'),
};

export function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(configKeys, key);
}
