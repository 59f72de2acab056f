/**
 * Templates in prompts and arguments: `{{inputs.NAME.path}}`, `{{params.X}}`, `{{item.X}}`,
 * `{{iteration}}`, `{{previous.NODE.path}}`; `\{{` is a literal `{{`. There is no logic in them and
 * no second pass: what a value says is never read as a template. In prompts, values that came from
 * leaves are fenced as data, so that a model can tell them from its instructions; in arguments each
 * value stays inside of its one element.
 */
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { previousName } from './node-id.ts';

export type TemplateSource = 'inputs' | 'params' | 'item' | 'iteration' | 'previous';

export type TemplatePart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'value';
      readonly source: TemplateSource;
      /** Segments after the source; names with dots are several. */
      readonly path: readonly string[];
      /** As written, without the braces. */
      readonly text: string;
    };

export type TemplateValuePart = Extract<TemplatePart, { type: 'value' }>;

export interface Template {
  readonly parts: readonly TemplatePart[];
  /** What cannot be read, as written, with a reason; such parts stay in `parts` as text. */
  readonly problems: readonly { readonly text: string; readonly message: string }[];
}

/** What a template may be filled with; absent inputs are null. */
export interface TemplateValues {
  readonly inputs: JsonObject;
  readonly params: JsonObject;
  readonly item?: Json;
  readonly iteration?: number;
}

/** Cap of one value in bytes of UTF-8; what is cut is said in place. */
const MAX_VALUE_BYTES = 32_768;

const MAX_SEGMENTS = 64;
const SOURCES: readonly string[] = ['inputs', 'params', 'item', 'iteration', 'previous'];

export function parseTemplate(template: string): Template {
  const parts: TemplatePart[] = [];
  const problems: { text: string; message: string }[] = [];
  let text = '';
  let at = 0;
  for (let open = template.indexOf('{{'); open >= 0; open = template.indexOf('{{', at)) {
    const isLiteral = template[open - 1] === '\\' && open > at;
    const close = isLiteral ? -1 : template.indexOf('}}', open);
    if (isLiteral) text += `${template.slice(at, open - 1)}{{`;
    else if (close < 0) {
      problems.push({ text: '{{', message: 'a `{{` is not closed' });
      break;
    } else {
      text += template.slice(at, open);
      const inside = template.slice(open + 2, close).trim();
      const part = parseHole(inside);
      if (typeof part === 'string') {
        text += template.slice(open, close + 2);
        problems.push({ text: inside, message: part });
      } else {
        if (text !== '') parts.push({ type: 'text', text });
        parts.push(part);
        text = '';
      }
    }
    at = isLiteral ? open + 2 : close + 2;
  }
  text += template.slice(at);
  if (text !== '') parts.push({ type: 'text', text });
  return { parts, problems };
}

/** The values that a template asks for. */
export function templateHoles(template: string): readonly TemplateValuePart[] {
  return parseTemplate(template).parts.filter((part) => part.type === 'value');
}

function parseHole(text: string): TemplateValuePart | string {
  const [source, ...path] = text.split('.');
  if (source === undefined || !SOURCES.includes(source))
    return 'a template starts with `inputs.`, `params.`, `item`, `iteration` or `previous.`';
  if (path.length > MAX_SEGMENTS) return `a template has at most ${MAX_SEGMENTS} parts`;
  if (path.some((segment) => segment === '')) return 'a template has an empty part';
  if (source === 'iteration' && path.length > 0) return '`iteration` is a number, without fields';
  if (path.length === 0 && (source === 'inputs' || source === 'params' || source === 'previous'))
    return `\`${source}\` needs a name after it`;
  return { type: 'value', source: source as TemplateSource, path, text };
}

/**
 * Splits a path into a name and the rest: the longest run of segments that is a known name, since
 * ids may have dots in them.
 */
export function splitName(
  path: readonly string[],
  isName: (name: string) => boolean,
): { readonly name: string; readonly rest: readonly string[] } | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const name = path.slice(0, length).join('.');
    if (isName(name)) return { name, rest: path.slice(length) };
  }
  return undefined;
}

/** Fills a prompt. Values of inputs, items and earlier iterations are fenced. */
export function renderPrompt(template: string, values: TemplateValues): string {
  return render(template, values, (part, value) =>
    part.source === 'params' || typeof value === 'number' || typeof value === 'boolean'
      ? capped(plain(value))
      : fenced(part.text, value),
  );
}

/** Fills one argument of a command, a query or a key: the plain text of each value. */
export function renderArgument(template: string, values: TemplateValues): string {
  return render(template, values, (_part, value) => (value === null ? '' : capped(plain(value))));
}

function render(
  template: string,
  values: TemplateValues,
  show: (part: TemplateValuePart, value: Json) => string,
): string {
  return parseTemplate(template)
    .parts.map((part) => (part.type === 'text' ? part.text : show(part, holeValue(part, values))))
    .join('');
}

/** The value that a part stands for; null where it is absent. */
function holeValue(part: TemplateValuePart, values: TemplateValues): Json {
  switch (part.source) {
    case 'iteration':
      return values.iteration ?? null;
    case 'item':
      return fieldOf(values.item ?? null, part.path);
    case 'params':
    case 'inputs':
      return named(values[part.source], part.path, (name) => name);
    case 'previous':
      return named(values.inputs, part.path, previousName);
  }
}

function named(all: JsonObject, path: readonly string[], key: (name: string) => string): Json {
  const split = splitName(path, (name) => Object.hasOwn(all, key(name)));
  return split === undefined ? null : fieldOf(all[key(split.name)] ?? null, split.rest);
}

/** A field by its dotted path; null where there is none. */
export function fieldOf(value: Json, path: readonly string[]): Json {
  let found: Json = value;
  for (const segment of path) {
    if (Array.isArray(found)) found = (found as readonly Json[])[Number(segment)] ?? null;
    else if (isJsonObject(found) && Object.hasOwn(found, segment)) found = found[segment] ?? null;
    else return null;
  }
  return found;
}

const plain = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);

function fenced(name: string, value: Json): string {
  if (value === null) return `<data name="${name}">(none)</data>`;
  // The only text that could end the fence early is written so that it cannot.
  const text = capped(plain(value)).replace(/<(?=\/?data\b)/gi, '<\\');
  const line = text.includes('\n') ? '\n' : '';
  return `<data name="${name}">${line}${text}${line}</data>`;
}

function capped(text: string): string {
  if (text.length * 3 <= MAX_VALUE_BYTES) return text;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= MAX_VALUE_BYTES) return text;
  let end = MAX_VALUE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  const kept = new TextDecoder().decode(bytes.subarray(0, end));
  return `${kept}\n[cut: ${bytes.length - end} of ${bytes.length} bytes are not shown]`;
}
