/** Definitions of tools of servers: what of them counts, when two are the same, and what differs. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';
import { digestJson } from '../../workflow/digest.ts';
import type { ToolDefinition } from '../mcp-server.ts';

const DIGEST_HEX = 32;
const MAX_LINES = 40;
const MAX_VALUE = 200;

/** Of all that it says: 32 hex. */
export function definitionDigest(definition: ToolDefinition): string {
  return digestJson(definition as unknown as JsonObject).slice(0, DIGEST_HEX);
}

/** What has changed, a line each, printable: `~ PLACE: OLD → NEW`, `+ PLACE: NEW`, `- PLACE: OLD`. */
function definitionChanges(before: ToolDefinition, after: ToolDefinition): readonly string[] {
  const then = flat(before as unknown as Json);
  const now = flat(after as unknown as Json);
  const lines = [...new Set([...then.keys(), ...now.keys()])].flatMap((place) => {
    const [old, fresh] = [then.get(place), now.get(place)];
    if (old === fresh) return [];
    if (old === undefined) return [`+ ${shown(place)}: ${shown(fresh)}`];
    if (fresh === undefined) return [`- ${shown(place)}: ${shown(old)}`];
    return [`~ ${shown(place)}: ${differing(old, fresh)}`];
  });
  const more = lines.length - MAX_LINES;
  return more <= 0 ? lines : [...lines.slice(0, MAX_LINES), `… and ${more} more`];
}

/** Changes of a whole list, by tools: those of `before` that are gone or other now. */
export function listChanges(
  before: readonly ToolDefinition[],
  offered: readonly ToolDefinition[],
): readonly string[] {
  return before.flatMap((definition) => {
    const now = offered.find(({ name }) => name === definition.name);
    if (now === undefined) return [`${printable(definition.name)} is not offered any more`];
    if (definitionDigest(now) === definitionDigest(definition)) return [];
    return [
      `${printable(definition.name)} has changed:`,
      ...definitionChanges(definition, now).map((line) => `  ${line}`),
    ];
  });
}

/** Long texts are shown from where they begin to differ: what matters stands at the end as often as not. */
function differing(old: string, fresh: string): string {
  let same = 0;
  while (same < old.length && old[same] === fresh[same]) same += 1;
  const from = Math.max(0, same - 20);
  const cut = (text: string): string => (from === 0 ? text : `…${text.slice(from)}`);
  return `${shown(cut(old))} → ${shown(cut(fresh))}`;
}

function shown(text: string | undefined): string {
  const plain = printable((text ?? '').toWellFormed());
  return plain.length <= MAX_VALUE ? plain : `${plain.slice(0, MAX_VALUE - 1).toWellFormed()}…`;
}

/** Every value by its place. */
function flat(value: Json): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const open: (readonly [place: string, value: Json])[] = [['', value]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [place, one] = next;
    const inner = Array.isArray(one)
      ? one.map((item, index) => [`${index}`, item] as const)
      : isJsonObject(one)
        ? Object.entries(one).toReversed()
        : undefined;
    if (inner === undefined || inner.length === 0) found.set(place, JSON.stringify(one));
    else
      for (const [name, item] of inner) open.push([place === '' ? name : `${place}.${name}`, item]);
  }
  return found;
}
