/**
 * Ajv, loaded when the first schema is compiled: it takes as long to load as all that a run of untyped
 * leaves needs. `require` is the only way to load in the middle of a synchronous check; the build puts
 * what it names into the bundle.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function loadAjv(): typeof import('ajv/dist/2020.js') {
  return require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
}
