/** Params of a used workflow, put in as constants. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import {
  fieldOf,
  splitName,
  type TemplateValuePart,
  templateHoles,
} from '../../workflow/template.ts';
import { mapHoles } from './template-text.ts';

/** Whether a text somewhere in a value has a hole. */
export function hasTemplate(value: Json): boolean {
  return texts(value).some((text) => templateHoles(text).length > 0);
}

/** Names of params that texts ask for and that have no value. */
export function unboundParams(nodes: Json, params: JsonObject): readonly string[] {
  const holes = texts(nodes).flatMap(templateHoles);
  return [
    ...new Set(
      holes
        .filter((hole) => hole.source === 'params' && lookUp(hole, params) === undefined)
        .map(({ path }) => path.join('.')),
    ),
  ];
}

/**
 * Replaces `{{params.X}}` everywhere: a text that is nothing else becomes the value itself, so that
 * numbers and lists can be parameters of fields; in longer texts it is put in as text.
 */
export function substituted(value: Json, params: JsonObject): Json {
  if (typeof value === 'string') return inText(value, params);
  if (Array.isArray(value)) return value.map((item: Json) => substituted(item, params));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, substituted(member, params)]),
  );
}

function inText(text: string, params: JsonObject): Json {
  const holes = templateHoles(text);
  const [only] = holes;
  if (!holes.some(({ source }) => source === 'params')) return text;
  if (only !== undefined && holes.length === 1 && text.trim() === `{{${only.text}}}`) {
    const value = lookUp(only, params);
    if (value !== undefined) return value;
  }
  return mapHoles(text, (hole) => {
    const value = hole.source === 'params' ? lookUp(hole, params) : undefined;
    if (value === undefined) return `{{${hole.text}}}`;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function lookUp({ path }: TemplateValuePart, params: JsonObject): Json | undefined {
  const split = splitName(path, (name) => Object.hasOwn(params, name));
  return split === undefined ? undefined : fieldOf(params[split.name] ?? null, split.rest);
}

function texts(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}
