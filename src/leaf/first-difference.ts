import { isJsonObject, type Json } from '../base/json.ts';
import { canonicalJson } from '../model/canonical-json.ts';

const MAX_SHOWN = 60;

/** Where two values differ first, with both sides, in one line: `model: big, now small`. */
export function firstDifference(then: Json, now: Json): string {
  let [left, right]: readonly [Json | undefined, Json | undefined] = [then, now];
  const place: string[] = [];
  for (;;) {
    const key = differingKey(left, right);
    if (key === undefined) break;
    place.push(key);
    [left, right] = [at(left, key), at(right, key)];
  }
  const where = place.length === 0 ? '' : `${place.join('.')}: `;
  return `${where}${pair(left, right)}`;
}

/** Long texts from shortly before the place where they part. */
function pair(left: Json | undefined, right: Json | undefined): string {
  if (typeof left !== 'string' || typeof right !== 'string') {
    return `${shown(left)}, now ${shown(right)}`;
  }
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const from = same <= MAX_SHOWN / 2 ? 0 : same - MAX_SHOWN / 4;
  const part = (text: string): string => shown(`${from === 0 ? '' : '…'}${text.slice(from)}`);
  return `${part(left)}, now ${part(right)}`;
}

/** The first key with another value, of two objects or two lists. */
function differingKey(left: Json | undefined, right: Json | undefined): string | undefined {
  const areLists = Array.isArray(left) && Array.isArray(right);
  const areObjects = isJsonObject(left) && isJsonObject(right);
  if (!areLists && !areObjects) return undefined;
  const keys = new Set([...Object.keys(left as object), ...Object.keys(right as object)]);
  return [...keys].find((key) => textOf(at(left, key)) !== textOf(at(right, key)));
}

function at(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as { readonly [key: string]: Json })[key];
}

const textOf = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : canonicalJson(value);

function shown(value: Json | undefined): string {
  if (value === undefined) return '(nothing)';
  const text = typeof value === 'string' ? value : canonicalJson(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1).toWellFormed()}…`;
}
