/**
 * The YAML library, loaded when the first text is read: drivers, and runs of Starlark files, read none.
 * `require` is the only way to load in the middle of a synchronous function; the build puts what it
 * names into a file beside the bundle.
 */
import { createRequire } from 'node:module';

let require: NodeJS.Require | undefined;

export function loadYaml(): typeof import('yaml') {
  require ??= createRequire(import.meta.url);
  return require('yaml') as typeof import('yaml');
}
