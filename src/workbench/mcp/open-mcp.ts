/** From rows of the configuration to servers that can be reached from this machine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import type { McpReach, McpServer } from '../../leaf/mcp-server.ts';
import { findProgram, programFolders } from '../agents/open-agents.ts';
import type { McpRow } from '../mcp-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {WhaleFlowError} WF3013 for a program that is not there, WF3003 for a key that is not set. */
export function toServer(row: McpRow, env: Environment): McpServer {
  const { name, callTimeoutMs, startTimeoutMs } = row;
  return { name, reach: toReach(row, env), callTimeoutMs, startTimeoutMs };
}

function toReach({ name, reach }: McpRow, env: Environment): McpReach {
  if (reach.type === 'http') {
    const { url, keyEnv } = reach;
    if (keyEnv === undefined) return { type: 'http', url };
    const key = env[keyEnv]?.trim() ?? '';
    if (!/^[\x21-\x7e]+$/.test(key)) {
      const message = `${keyEnv} holds no key, and the MCP server ${name} needs it`;
      throw new WhaleFlowError('WF3003', message, { hint: `export ${keyEnv}=…` });
    }
    return { type: 'http', url, key };
  }
  const home = env['HOME'] ?? '/';
  const absolute = (path: string): string =>
    path.startsWith('~/') ? join(home, path.slice(2)) : path;
  const [wanted = '', ...rest] = reach.argv.map(absolute);
  const program = findProgram(wanted, env['PATH']);
  if (program === undefined) {
    throw new WhaleFlowError(
      'WF3013',
      `the program ${wanted} of the MCP server ${name} is not there`,
      {
        hint: `install it, or change [mcp.${name}] command`,
      },
    );
  }
  const passed = reach.passes.flatMap((variable) => {
    const value = env[variable];
    return value === undefined ? [] : [[variable, value] as const];
  });
  return {
    type: 'process',
    argv: [program, ...rest],
    env: { ...Object.fromEntries(passed), ...reach.sets },
    readable: [...programFolders(program, home), ...reach.reads.map(absolute)],
    writable: reach.writes.map(absolute).filter((path) => existsSync(path)),
  };
}

/** Of these everybody knows what they hold; taking that out of texts would take places out of them. */
const PLAIN =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|TERM|TZ|TMPDIR|NODE_ENV|CI|LC_\w+|XDG_\w+)$/;

/** What must never reach a record: keys, and what it gets of the environment. */
export function mcpSecrets(
  rows: Iterable<McpRow>,
  env: Environment,
): readonly { readonly name: string; readonly value: string }[] {
  return Array.from(rows).flatMap(({ reach }) => {
    const names = reach.type === 'http' ? [reach.keyEnv ?? ''] : reach.passes;
    return names.flatMap((name) => {
      const value = env[name];
      return value === undefined || PLAIN.test(name) ? [] : [{ name, value }];
    });
  });
}
