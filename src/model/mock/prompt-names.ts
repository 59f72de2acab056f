/** What the data of a prompt is about: names of candidates, or of the sections that hold data. */
import { isJsonObject, type Json } from '../../base/json.ts';
import type { ModelRequest } from '../model-provider.ts';

const SECTION = /<data name="([^"]*)">([\s\S]*?)<\/data>/g;
const NAME_FIELDS = ['candidate', 'name', 'id'];

/** In order, without repetition: candidates where a list of them stands in the data, else sections. */
export function promptNames(request: ModelRequest): readonly string[] {
  const sections = request.messages.flatMap(({ text }) => Array.from(text.matchAll(SECTION)));
  const listed = sections.flatMap((section) => namesInList(parsed(section[2] ?? '')));
  const named = sections.map((section) => (section[1] ?? '').replace(/^inputs\./, ''));
  return [...new Set(listed.length > 0 ? listed : named)];
}

function namesInList(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry) => {
    if (!isJsonObject(entry)) return [];
    const name = NAME_FIELDS.map((field) => entry[field]).find(
      (field) => typeof field === 'string',
    );
    return name === undefined ? [] : [name];
  });
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
