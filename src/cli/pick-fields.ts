/** `--json FIELDS`: of records by their own fields, of lists of records by the fields of their rows. */
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { CommandSpec } from './command.ts';

export type RowFields = NonNullable<CommandSpec['rows']>;

/** Before the work begins. @throws {WhaleFlowError} WF2002 with the fields that there are. */
export function checkFields(
  fields: readonly string[] | undefined,
  { name: command, fields: own, moreFields = [], rows }: CommandSpec,
): void {
  if (fields === undefined || own === undefined) return;
  const names = [...new Set([...own, ...moreFields, ...(rows?.fields ?? [])])];
  const unknown = fields.find((field) => !names.includes(field));
  if (unknown === undefined) return;
  const hint = suggestion(unknown, names);
  throw new WhaleFlowError('WF2002', `--json: ${command} has no field \`${unknown}\``, {
    notes: [`there are: ${names.join(', ')}`],
    ...(hint === undefined ? {} : { hint }),
  });
}

/** `schema`, the wanted fields, and the wanted fields of rows; everything where none is named. */
export function pickFields(
  value: JsonObject,
  fields: readonly string[] | undefined,
  rows?: RowFields,
): JsonObject {
  if (fields === undefined) return value;
  const ofRows = fields.filter((field) => !Object.hasOwn(value, field));
  if (rows === undefined || ofRows.length === 0) return pickOf(value, fields);
  const named = rows.lists.filter((list) => fields.includes(list));
  const lists = named.length > 0 ? named : rows.lists;
  const picked: Record<string, Json> = { ...pickOf(value, fields) };
  for (const list of lists) {
    const records = value[list];
    if (!Array.isArray(records)) continue;
    picked[list] = records.map((one: Json) => (isJsonObject(one) ? pickOf(one, ofRows) : one));
  }
  return picked;
}

/** `schema` and the wanted fields that a record has. */
export function pickOf(record: JsonObject, fields: readonly string[] | undefined): JsonObject {
  if (fields === undefined) return record;
  const names = ['schema', ...fields];
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = record[name];
      return field === undefined ? [] : [[name, field] as const];
    }),
  );
}
