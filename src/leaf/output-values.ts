import { isJsonObject, type Json } from '../base/json.ts';
import { canonicalJson } from '../model/canonical-json.ts';

/** Bytes of canonical JSON that the values of one leaf may take in the trace. */
export const MAX_VALUES_BYTES: number = 64 * 1024;

/** The value at a dotted path (`scores.total`, `items.0`; `''` is the whole), or undefined. */
function valueAt(output: Json, field: string): Json | undefined {
  if (field === '') return output;
  let value: Json | undefined = output;
  for (const step of field.split('.')) value = stepInto(value, step);
  return value;
}

/** The wanted fields that the output has; undefined when they take too much room together. */
export function pickValues(
  output: Json,
  wanted: readonly string[],
): Readonly<Record<string, Json>> | undefined {
  const entries = wanted.flatMap((field) => {
    const value = valueAt(output, field);
    return value === undefined ? [] : [[field, value] as const];
  });
  const values: Record<string, Json> = Object.fromEntries(entries);
  return Buffer.byteLength(canonicalJson(values)) > MAX_VALUES_BYTES ? undefined : values;
}

function stepInto(value: Json | undefined, step: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
