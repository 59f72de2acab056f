import type { JsonSchema } from '../limits.ts';
import type { DocumentPath } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import { compileSchema } from '../schema-validator.ts';
import { below, type Check } from './plan.ts';

/** Schemas of outputs and params are valid JSON Schema 2020-12. */
export const checkSchemas: Check = ({ document, entries }) => [
  ...(document.params === undefined ? [] : checkParams(document.params)),
  ...entries.flatMap(({ document: node, at }) =>
    (node.kind === 'leaf' || node.kind === 'reduce') && node.output !== undefined
      ? checkSchema(node.output, below(at, 'output'))
      : [],
  ),
];

function checkSchema(schema: JsonSchema, at: DocumentPath): readonly Problem[] {
  const made = compileSchema(schema);
  return typeof made === 'string'
    ? [{ code: 'WF1207', message: `not a JSON Schema: ${made}`, at }]
    : [];
}

function checkParams(schema: JsonSchema): readonly Problem[] {
  const at = ['params'];
  const type = typeof schema === 'object' ? schema['type'] : undefined;
  if (typeof schema === 'boolean' || type !== 'object')
    return [
      {
        code: 'WF1207',
        message: 'the `params` schema describes no object',
        at,
        help: 'write `params: {type: "object", properties: {name: {type: "string"}}}`',
      },
    ];
  const invalid = checkSchema(schema, at);
  return invalid.length > 0 ? invalid : checkDefaults(schema);
}

/** A default has to fit the schema that it stands in. */
function checkDefaults(schema: Exclude<JsonSchema, boolean>): readonly Problem[] {
  const properties = schema['properties'];
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    if (typeof property !== 'object' || property === null || !('default' in property)) return [];
    const { $defs } = schema;
    const made = compileSchema({ ...($defs === undefined ? {} : { $defs }), ...property });
    if (typeof made === 'string') return [];
    const [violation] = made.validate(property['default'] ?? null);
    return violation === undefined
      ? []
      : [
          {
            code: 'WF1207' as const,
            message: `the default of \`${name}\` does not fit its own schema: ${violation.message}`,
            at: ['params', 'properties', name, 'default'],
          },
        ];
  });
}
