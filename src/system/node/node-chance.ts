import type { Chance } from '../chance.ts';

/** Loaded with the first byte: `--help` and most looks at runs need none. */
export const nodeChance: Chance = {
  bytes: (count) => process.getBuiltinModule('node:crypto').randomBytes(count),
};
