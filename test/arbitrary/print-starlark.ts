/** Documents as programs: the calls that make them, by the table of builtins. */

import { toSnakeCase } from '../../src/authoring/snake-case.ts';
import { builtinTable } from '../../src/authoring/starlark/builtin-table.ts';
import {
  type BuiltinRow,
  type Parameter,
  parametersOf,
  targetOf,
} from '../../src/authoring/starlark/parameter.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { isJsonObject } from '../../src/base/json.ts';
import type { WorkflowDocument } from '../../src/workflow/document.ts';

export function printStarlark(document: WorkflowDocument): string {
  const row = builtinTable.find(({ makes }) => makes === 'workflow') as BuiltinRow;
  return `${printCall(row, document as unknown as JsonObject)}\n`;
}

function printCall(row: BuiltinRow, document: JsonObject): string {
  const given = parametersOf(row).flatMap((parameter) => {
    const value = valueAt(document, targetOf(parameter));
    return value === undefined ? [] : [`${parameter.name} = ${printArgument(parameter, value)}`];
  });
  return `${row.name}(${given.join(', ')})`;
}

function printArgument({ type }: Parameter, value: Json): string {
  switch (type) {
    case 'node':
      return printNode(value as JsonObject);
    case 'nodes':
      return `[${(value as readonly JsonObject[]).map(printNode).join(', ')}]`;
    case 'condition':
      return isJsonObject(value) ? printPredicate(value) : literal(value);
    case 'budget':
    case 'permissions':
    case 'model_policy':
    case 'promotion_policy':
    case 'retry':
      return literal(snakeKeys(value));
    default:
      return literal(value);
  }
}

function printNode(node: JsonObject): string {
  const task = node['task'] as JsonObject | undefined;
  const row = builtinTable.find(({ base }) => {
    const own = base['task'] as JsonObject | undefined;
    if (base['kind'] !== node['kind']) return false;
    if (node['kind'] !== 'leaf') return true;
    const purpose = task?.['purpose'] ?? 'shell';
    return own?.['type'] === task?.['type'] && (own?.['purpose'] ?? purpose) === purpose;
  });
  if (row === undefined) throw new Error(`no builtin for ${JSON.stringify(node)}`);
  if (node['kind'] !== 'reduce') return printCall(row, node);
  // Any task fits a reduce; a call has either a prompt or a task.
  const { task: own, ...rest } = node;
  return printCall(row, rest).replace(/\)$/, `, task = ${literal(own as Json)})`);
}

function printPredicate(predicate: JsonObject): string {
  const { op, node, field, previous, value, of } = predicate;
  if (Array.isArray(of)) {
    return `${String(op)}([${(of as readonly JsonObject[]).map(printPredicate).join(', ')}])`;
  }
  if (isJsonObject(of)) return `${String(op)}(${printPredicate(of)})`;
  const named = previous === true ? `previous(${literal(node as Json)})` : literal(node as Json);
  const more = [
    ...(value === undefined ? [] : [`value = ${literal(value)}`]),
    ...(field === undefined ? [] : [`field = ${literal(field)}`]),
  ];
  return `${String(op)}(${[named, ...more].join(', ')})`;
}

function valueAt(document: JsonObject, path: readonly string[]): Json | undefined {
  if (path.length === 0) return undefined;
  let value: Json | undefined = document;
  for (const name of path) value = isJsonObject(value) ? value[name] : undefined;
  return value;
}

const snakeKeys = (value: Json): Json =>
  isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [toSnakeCase(key), one]))
    : value;

function literal(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(literal).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)}: ${literal(one)}`,
  );
  return `{${entries.join(', ')}}`;
}
