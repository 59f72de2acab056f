/** The TOML package, loaded when the first config file is read: most runs have none. */
import { createRequire } from 'node:module';

let require: NodeJS.Require | undefined;

export function loadToml(): typeof import('smol-toml') {
  require ??= createRequire(import.meta.url);
  return require('smol-toml') as typeof import('smol-toml');
}
