/**
 * Reads `[mcp.NAME]`. A repository’s servers count only where its folder is trusted (its files are not even
 * here otherwise), and take the place of none of the person’s.
 */
import { dirname, isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { isServerName } from '../../workflow/outside-tool.ts';
import type { ConfigFile } from '../config-file.ts';
import {
  MCP_SECTION,
  type McpConfig,
  type McpRow,
  type McpRowReach,
  reachText,
} from '../mcp-config.ts';
import { isLoopback, isVariableName } from '../models/read-provider.ts';
import { type Entry, entriesOf, membersOf, misfit } from '../table-entry.ts';
import { readSeconds, readVariableNames, readVariables, readWords } from '../table-values.ts';

const OF_PROCESS = ['command', 'env', 'set', 'read', 'write'] as const;
const OF_HTTP = ['url', 'api_key_env'] as const;
const OF_BOTH = ['allow', 'timeout_s', 'start_timeout_s'] as const;
const MEMBERS: readonly string[] = [...OF_PROCESS, ...OF_HTTP, ...OF_BOTH];
const DEFAULT_CALL_S = 60;
const DEFAULT_START_S = 30;
const MAX_S = 600;
const MAX_SERVERS = 50;
/** More tools than any model chooses well from. */
const MAX_ALLOWED = 100;

/** `files`: strongest first. @throws {WhaleFlowError} WF2007 for what cannot be meant. */
export function readMcpConfig(files: readonly ConfigFile[]): McpConfig {
  const warnings: Diagnostic[] = [];
  const rows = new Map<string, McpRow>();
  const inOrder = [
    ...files.filter(({ owner }) => owner === 'user').toReversed(),
    ...files.filter(({ owner }) => owner === 'project').toReversed(),
  ];
  for (const file of inOrder) {
    for (const entry of entriesOf(file, MCP_SECTION, warnings)) {
      const before = rows.get(entry.name);
      if (file.owner === 'project' && before !== undefined && before.repository === undefined) {
        warnings.push(refused(entry));
        continue;
      }
      rows.set(entry.name, readServer(entry, warnings));
      if (rows.size > MAX_SERVERS) {
        throw misfit(entry.span, `there are more than ${MAX_SERVERS} MCP servers`);
      }
    }
  }
  const settings = Array.from(rows.values(), ({ name, reach, allow, origin }) => ({
    key: `mcp.${name}`,
    value: `${reachText(reach)} (allows ${allow.join(', ') || 'no tools'})`,
    origin,
  }));
  return { rows, settings, warnings };
}

const refused = ({ name, span }: Entry): Diagnostic => ({
  code: 'WF2008',
  severity: 'warning',
  message: `a repository may not change your MCP server ${name}`,
  span,
  help: 'give it another name',
});

function readServer(entry: Entry, warnings: Diagnostic[]): McpRow {
  const { name, span, file, origin } = entry;
  if (!isServerName(name)) {
    throw misfit(
      span,
      'an MCP server’s name is made of a–z, 0–9 and single - or _, at most 32 characters',
    );
  }
  const members = membersOf(entry, MEMBERS, warnings);
  const repository = file.owner === 'project' ? dirname(dirname(file.path)) : undefined;
  const allow = readWords(members.get('allow'));
  if (allow === undefined) {
    const hint = `allow = []     and then: whaleflow mcp test ${name}`;
    throw misfit(span, `mcp.${name} does not say which tools are allowed`, hint);
  }
  if (allow.length > MAX_ALLOWED) {
    throw misfit(span, `mcp.${name} allows more than ${MAX_ALLOWED} tools`);
  }
  return {
    name,
    reach: readReach(entry, members, { repository, warnings }),
    allow: [...new Set(allow)],
    callTimeoutMs: readSeconds(members.get('timeout_s'), DEFAULT_CALL_S, MAX_S) * 1000,
    startTimeoutMs: readSeconds(members.get('start_timeout_s'), DEFAULT_START_S, MAX_S) * 1000,
    ...(repository === undefined ? {} : { repository }),
    origin,
  };
}

interface Owner {
  readonly repository: string | undefined;
  readonly warnings: Diagnostic[];
}

function readReach(
  { name, span }: Entry,
  members: ReadonlyMap<string, Entry>,
  { repository, warnings }: Owner,
): McpRowReach {
  const url = readUrl(members.get('url'));
  const argv = readWords(members.get('command'));
  if ((url === undefined) === (argv === undefined)) {
    const hint = 'a program: command = ["npx", "-y", "a-server@1.2.3"]     or: url = "https://…"';
    throw misfit(span, `mcp.${name} has either a command or a url`, hint);
  }
  const strange = (url === undefined ? OF_HTTP : OF_PROCESS).find((word) => members.has(word));
  if (strange !== undefined) {
    throw misfit(
      span,
      `mcp.${name}: ${strange} does not go with ${url === undefined ? 'a command' : 'a url'}`,
    );
  }
  if (url !== undefined) {
    const keyEnv = readVariable(members.get('api_key_env'));
    if (keyEnv !== undefined && url.startsWith('http:') && !isLoopback(url)) {
      const message = `the key of the MCP server ${name} is sent unencrypted to ${url}`;
      warnings.push({ code: 'WF2007', severity: 'warning', message, span });
    }
    return { type: 'http', url, ...(keyEnv === undefined ? {} : { keyEnv }) };
  }
  const [program = '', ...rest] = argv ?? [];
  if (program === '') throw misfit(span, `mcp.${name} has an empty command`);
  return {
    type: 'process',
    argv: [programOf(program, { repository, span }), ...rest],
    passes: readVariableNames(members.get('env')) ?? [],
    sets: readVariables(members.get('set')),
    reads: readWords(members.get('read')) ?? [],
    writes: readWords(members.get('write')) ?? [],
  };
}

/** A name on the path, or a place that does not depend on the folder that it runs in. */
function programOf(
  program: string,
  { repository, span }: { readonly repository: string | undefined; readonly span: Entry['span'] },
): string {
  if (!program.includes('/') || isAbsolute(program) || program.startsWith('~/')) return program;
  if (repository !== undefined) return join(repository, program);
  throw misfit(span, 'the program is a name on your path, an absolute path or one with ~/');
}

/** No user, password or fragment in it: it is shown. A query may be part of an address. */
function readUrl(member: Entry | undefined): string | undefined {
  if (member === undefined) return undefined;
  const url = typeof member.value === 'string' ? URL.parse(member.value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw misfit(member.span, 'url is no http address');
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '' || url.search !== '') {
    throw misfit(
      member.span,
      'url has more than an address in it',
      'a key: api_key_env = "MY_KEY"',
    );
  }
  return url.href;
}

function readVariable(member: Entry | undefined): string | undefined {
  if (member === undefined) return undefined;
  if (typeof member.value === 'string' && isVariableName(member.value)) return member.value;
  // What looks like a key is never quoted.
  throw misfit(member.span, `${member.name} is no name of a variable`);
}
