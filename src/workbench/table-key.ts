/** Keys of `[agents]`, `[hooks]` and `[mcp]`: a name of the user’s own, then a member of its table. */
import { didYouMean } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { agentsSchema } from './agents/agents-schema.ts';
import type { SettingValue } from './check-setting.ts';
import { hooksSchema } from './hooks/hooks-schema.ts';
import { mcpSchema } from './mcp/mcp-schema.ts';
import type { TableSection } from './table-settings.ts';

export interface TableKey {
  readonly type: 'table';
  readonly section: TableSection;
  readonly name: string;
  readonly path: readonly string[];
  /** What its value may be, as it is published. */
  readonly schema: JsonObject;
}

const SCHEMAS: { readonly [S in TableSection]: () => JsonObject } = {
  agents: agentsSchema,
  hooks: hooksSchema,
  mcp: mcpSchema,
};

/** Members of a table, by their published schema. */
function membersOf(section: TableSection): Readonly<Record<string, Json>> {
  const row = SCHEMAS[section]()['additionalProperties'] as JsonObject;
  return row['properties'] as JsonObject;
}

/** @throws {WhaleFlowError} WF2002 for no key, with the nearest one. */
export function parseTableKey(section: TableSection, rest: string): TableKey {
  const members = membersOf(section);
  // Variables stand in a table below: `agents.NAME.set.VARIABLE`.
  const [, owner, variable] = /^(.+)\.set\.([^.]+)$/.exec(rest) ?? [];
  if (owner !== undefined && variable !== undefined && members['set'] !== undefined) {
    const name = unquoted(owner);
    const path = [section, name, 'set', variable];
    return { type: 'table', section, name, path, schema: { type: 'string' } };
  }
  // Names may have dots of their own, so that the last one counts.
  const cut = rest.lastIndexOf('.');
  const name = unquoted(rest.slice(0, Math.max(0, cut)));
  const member = rest.slice(cut + 1);
  const schema = Object.hasOwn(members, member) ? (members[member] as JsonObject) : undefined;
  if (name !== '' && schema !== undefined && schema['type'] !== 'object') {
    return { type: 'table', section, name, path: [section, name, member], schema };
  }
  const known = Object.keys(members).map((one) => (one === 'set' ? 'set.VARIABLE' : one));
  const meant = member === 'set' ? 'set.VARIABLE' : didYouMean(member, known);
  throw new WhaleFlowError('WF2002', `no key ${section}.${rest}`, {
    hint:
      name !== '' && meant !== undefined
        ? `did you mean \`${section}.${rest.slice(0, cut)}.${meant}\`?`
        : `write ${section}.NAME.MEMBER with one of ${known.join(', ')}`,
  });
}

/** What was typed, as data of a file; readers check the rest. @throws {WhaleFlowError} WF2007 for what does not fit. */
export function parseTableValue({ path, schema }: TableKey, text: string): SettingValue {
  const key = path.join('.');
  const isList = text.trimStart().startsWith('[');
  switch (schema['type']) {
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new WhaleFlowError('WF2007', `${key} is true or false`, {
        hint: `whaleflow config set ${key} true`,
      });
    case 'number': {
      const number = /^\s*\d/.test(text) ? Number(text) : Number.NaN;
      if (Number.isFinite(number)) return number;
      throw new WhaleFlowError('WF2007', `${key} is a number, not \`${text}\``, {
        hint: `whaleflow config set ${key} 30`,
      });
    }
    case 'array':
      return isList ? listOf(key, text) : wordsOf(path.at(-1), text);
    default:
      // A line for sh may begin with a bracket; `[ ` is a program, `["` is not.
      return schema['anyOf'] !== undefined && /^\s*\["/.test(text) ? listOf(key, text) : text;
  }
}

/** A command is parted where there are blanks, all else at commas. */
function wordsOf(member: string | undefined, text: string): readonly string[] {
  const parts = text.split(member === 'command' ? /\s+/ : ',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function listOf(key: string, text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  } catch {
    // Said below, without the text: it may hold a secret.
  }
  throw new WhaleFlowError('WF2007', `${key} begins with [ and is no list of texts`, {
    hint: `as JSON: '["my-agent", "--flag"]'`,
  });
}

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
