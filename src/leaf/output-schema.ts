/** Holds outputs against the JSON Schemas that authors gave. */
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Json } from '../base/json.ts';
import type { Failure } from '../trace/outcome.ts';
import type { JsonSchema } from '../workflow/limits.ts';
import { makeAjv } from '../workflow/load-ajv.ts';
import { surelyFits } from '../workflow/plain-schema.ts';
import { failure, messageOf } from './failure.ts';

let ajv: Ajv2020 | undefined;
const compiled = new WeakMap<object, ValidateFunction>();
/** An answer is asked about where it is found, where it is reported, and where it is recorded. */
const verdicts = new WeakMap<
  object,
  { readonly schema: JsonSchema; readonly why: Failure | undefined }
>();

/** Says why `output`, which never changes, is not of the schema: the first violation, with its place. */
export function checkOutput(schema: JsonSchema, output: Json): Failure | undefined {
  if (typeof output !== 'object' || output === null) return judge(schema, output);
  const known = verdicts.get(output);
  if (known?.schema === schema) return known.why;
  const why = judge(schema, output);
  verdicts.set(output, { schema, why });
  return why;
}

function judge(schema: JsonSchema, output: Json): Failure | undefined {
  if (schema === true || surelyFits(schema, output)) return undefined;
  if (schema === false) return failure('schema', 'the schema allows no output');
  try {
    const validate = compiled.get(schema) ?? compile(schema);
    if (validate(output)) return undefined;
    return failure('schema', describe(validate.errors?.[0]));
  } catch (thrown) {
    return failure('schema', `the output schema cannot be used: ${messageOf(thrown)}`);
  }
}

function compile(schema: object): ValidateFunction {
  // Unknown keywords, and whatever else is no schema, have been refused by the parser.
  ajv ??= makeAjv({ strict: false });
  const validate = ajv.compile(schema);
  // Schemas belong to specs; when a spec is gone its schema and the compiled check go too.
  ajv.removeSchema(schema);
  compiled.set(schema, validate);
  return validate;
}

function describe(error: ErrorObject | undefined): string {
  const place = error?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  const where = place === '' ? 'the output' : `output field ${place}`;
  const extra: unknown = error?.params['additionalProperty'];
  const detail = typeof extra === 'string' ? ` (${extra})` : '';
  return `${where} ${error?.message ?? 'does not match its schema'}${detail}`;
}
