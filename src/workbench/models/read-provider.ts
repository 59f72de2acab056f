import type { Diagnostic } from '../../base/diagnostic.ts';
import { type Entry, membersOf, misfit } from '../table-entry.ts';
import {
  capabilityNames,
  dialectNames,
  type KeySource,
  type ProviderRow,
} from './models-config.ts';
import { readKnown } from './read-model-tables.ts';

const MEMBERS = [
  'dialect',
  'base_url',
  'api_key_env',
  'api_key_cmd',
  'max_calls',
  ...capabilityNames,
];
export const MAX_CALLS = 10_000;
/** Words for a key itself, which belongs into no file. */
const KEY_MEMBERS = /^(?:api[_-]?)?(?:key|token|secret|password)$/i;
const KEY_HINT =
  'name the variable that holds it: api_key_env = "MY_KEY"     or a command: api_key_cmd';

/** `before`: a row of that name that this one changes. @throws {WhaleFlowError} WF2007 */
export function readProvider(
  entry: Entry,
  before: ProviderRow | undefined,
  warnings: Diagnostic[],
): ProviderRow {
  const { name, value, span, origin } = entry;
  if (!/^[a-z0-9][\w.-]{0,63}$/i.test(name)) throw misfit(span, 'a provider’s name is a word');
  if (before?.demo !== undefined) {
    throw misfit(
      span,
      `providers.${name} is built in and answers by a script`,
      'take another name',
    );
  }
  const words = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (words.some((word) => KEY_MEMBERS.test(word))) {
    throw misfit(span, `providers.${name} holds a key itself`, KEY_HINT);
  }
  const members = membersOf(entry, MEMBERS, warnings);
  const dialect = readDialect(members.get('dialect')) ?? before?.dialect ?? 'openai';
  const baseUrl = readBaseUrl(members.get('base_url')) ?? before?.baseUrl;
  if (baseUrl === undefined) throw misfit(span, `providers.${name} has no base_url`);
  const key = readKey(members.get('api_key_env'), members.get('api_key_cmd')) ?? before?.key;
  if (key !== undefined && isOpenHttp(baseUrl)) {
    const message = `the key of ${name} is sent unencrypted to ${baseUrl}`;
    warnings.push({ code: 'WF2007', severity: 'warning', message, span });
  }
  const maxCalls = readMaxCalls(members.get('max_calls')) ?? before?.maxCalls;
  const own = capabilityNames.flatMap((capability) => {
    const member = members.get(capability);
    return member === undefined ? [] : [[capability, readKnown(member)] as const];
  });
  // Another server need not have what the known one has, nor its prices.
  const isMoved = before !== undefined && before.baseUrl !== baseUrl;
  const inherited = before === undefined || isMoved ? {} : before.capabilities;
  return {
    name,
    dialect,
    baseUrl,
    ...(key === undefined ? {} : { key }),
    ...(maxCalls === undefined ? {} : { maxCalls }),
    capabilities: { ...inherited, ...Object.fromEntries(own) },
    ...(before?.listName === undefined || isMoved ? {} : { listName: before.listName }),
    ...(before?.outputLimitField === undefined || isMoved
      ? {}
      : { outputLimitField: before.outputLimitField }),
    origin,
  };
}

function readDialect(member: Entry | undefined): ProviderRow['dialect'] | undefined {
  if (member === undefined) return undefined;
  const found = dialectNames.find((name) => name === member.value);
  if (found !== undefined) return found;
  throw misfit(member.span, `dialect is one of ${dialectNames.join(', ')}`);
}

function readMaxCalls(member: Entry | undefined): number | undefined {
  if (member === undefined) return undefined;
  const { value } = member;
  const isFit = typeof value === 'number' && Number.isInteger(value) && value >= 1;
  if (isFit && value <= MAX_CALLS) return value;
  throw misfit(member.span, `max_calls is a whole number from 1 to ${MAX_CALLS}`);
}

/** No user, password or query in it: it is shown and recorded. */
function readBaseUrl(member: Entry | undefined): string | undefined {
  if (member === undefined) return undefined;
  const url = typeof member.value === 'string' ? URL.parse(member.value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw misfit(member.span, 'base_url is no http address');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw misfit(member.span, 'base_url has more than an address in it', KEY_HINT);
  }
  return url.href.replace(/\/+$/, '');
}

function readKey(env: Entry | undefined, command: Entry | undefined): KeySource | undefined {
  if (env !== undefined && command !== undefined) {
    throw misfit(env.span, 'api_key_env and api_key_cmd cannot both be set');
  }
  if (env !== undefined) {
    // What looks like a key is never quoted.
    if (typeof env.value !== 'string' || !isVariableName(env.value)) {
      throw misfit(env.span, 'api_key_env is no name of a variable', KEY_HINT);
    }
    return { type: 'env', name: env.value };
  }
  if (command === undefined) return undefined;
  if (typeof command.value !== 'string' || command.value.trim() === '') {
    throw misfit(command.span, 'api_key_cmd is no command line');
  }
  return { type: 'command', line: command.value };
}

const MAX_NAME_LENGTH = 64;

/** Keys of providers have lower-case letters after a prefix; names of variables hardly ever do. */
export function isVariableName(text: string): boolean {
  return (
    text.length <= MAX_NAME_LENGTH &&
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) &&
    !/^(?:sk|pk|gsk|xai|AIza|hf|key)[_A-Za-z0-9]{16,}$/.test(text) &&
    !/^[0-9a-f]{24,}$/i.test(text)
  );
}

/** Unencrypted, and to another machine. */
function isOpenHttp(baseUrl: string): boolean {
  return baseUrl.startsWith('http:') && !isLoopback(baseUrl);
}

export function isLoopback(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}
