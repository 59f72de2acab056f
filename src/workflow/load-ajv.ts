/**
 * Ajv, loaded when the first schema is compiled: it takes as long to load as all that a run of untyped
 * leaves needs. `require` is the only way to load in the middle of a synchronous check; the build puts
 * what it names into a file beside the bundle.
 */
import { createRequire } from 'node:module';
import type { Ajv2020, Options } from 'ajv/dist/2020.js';
import { boundedPattern } from './checks/pattern.ts';

let require: NodeJS.Require | undefined;

/**
 * As workflows use JSON Schema: `format` is an annotation, patterns run in bounded time. Schemas are not
 * held against the meta-schema unless `validateSchema` is called.
 */
export function makeAjv(options: Options): Ajv2020 {
  require ??= createRequire(import.meta.url);
  const { Ajv2020: Made } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
  return new Made({
    ...options,
    validateSchema: false,
    validateFormats: false,
    logger: false,
    code: { regExp: Object.assign(boundedPattern, { code: 'boundedPattern' }) },
  });
}
