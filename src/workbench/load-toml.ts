/** The TOML package, loaded when the first config file is read: most runs have none. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function loadToml(): typeof import('smol-toml') {
  return require('smol-toml') as typeof import('smol-toml');
}
