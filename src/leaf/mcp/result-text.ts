/** What a model is told of the answer of a server: text as material, and of all else that it was left out. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { printable, printableLines } from '../../base/printable.ts';
import { capped } from '../../tool/tool.ts';
import type { ServerAnswer } from '../mcp-server.ts';
import { withoutDataTags } from './outside-text.ts';

const MAX_ANSWER_BYTES = 32 * 1024;
const MAX_PARTS = 200;
const MAX_WORD = 200;

export interface RawAnswer {
  readonly content?: readonly JsonObject[];
  readonly structuredContent?: Json;
  readonly isError?: boolean;
}

export function answerText(
  { content = [], structuredContent, isError = false }: RawAnswer,
  tool: string,
): ServerAnswer {
  const texts = content.slice(0, MAX_PARTS).map(partText);
  const more = content.length - MAX_PARTS;
  if (more > 0) texts.push(`[${more} more parts are left out]`);
  const hasText = content.some(({ type }) => type === 'text');
  if (!hasText && structuredContent !== undefined) texts.push(JSON.stringify(structuredContent));
  const said = withoutDataTags(printableLines(texts.join('\n').toWellFormed()));
  const text = `<data name="${tool}">\n${capped(said, MAX_ANSWER_BYTES) || '(nothing)'}\n</data>`;
  return { text, isError };
}

function partText(part: JsonObject): string {
  const { type, text, mimeType, data, uri, resource } = part;
  const kind = word(mimeType) || 'unknown type';
  switch (type) {
    case 'text':
      return typeof text === 'string' ? text : '';
    case 'image':
    case 'audio': {
      const bytes = typeof data === 'string' ? Math.floor((data.length * 3) / 4) : 0;
      return `[left out: ${type === 'image' ? 'an image' : 'a sound'} (${kind}, ${bytes} bytes)]`;
    }
    case 'resource_link':
      return `[left out: a link to the resource ${word(uri)}]`;
    case 'resource':
      return `[left out: the resource ${isJsonObject(resource) ? word(resource['uri']) : ''}]`;
    default:
      return `[left out: a part of the type ${word(type)}]`;
  }
}

const word = (value: Json | undefined): string =>
  typeof value === 'string' ? printable(value.toWellFormed()).slice(0, MAX_WORD) : '';
