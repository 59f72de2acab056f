/** What the configuration says about servers of tools: where they are, and which of their tools may be used. */
import type { Diagnostic } from '../base/diagnostic.ts';
import type { TextSetting } from './models/models-config.ts';

export const MCP_SECTION = 'mcp';

export interface McpRow {
  readonly name: string;
  readonly reach: McpRowReach;
  /** Names of tools, as the server has them; nothing else of it is ever shown to a model. */
  readonly allow: readonly string[];
  readonly callTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** Root of the repository whose configuration names it; absent for a person’s own. */
  readonly repository?: string;
  readonly origin: string;
}

export type McpRowReach =
  | {
      readonly type: 'process';
      readonly argv: readonly string[];
      /** Names of variables that it gets from the environment. */
      readonly passes: readonly string[];
      readonly sets: Readonly<Record<string, string>>;
      /** What it may read and write outside of its tree in a strict sandbox; `~/` is the home. */
      readonly reads: readonly string[];
      readonly writes: readonly string[];
    }
  | {
      readonly type: 'http';
      readonly url: string;
      /** The variable that holds its key. */
      readonly keyEnv?: string;
    };

export interface McpConfig {
  readonly rows: ReadonlyMap<string, McpRow>;
  readonly settings: readonly TextSetting[];
  readonly warnings: readonly Diagnostic[];
}

export const NO_MCP: McpConfig = { rows: new Map(), settings: [], warnings: [] };

/** Where it is and what it is given, on one line: what a person accepts together with its tools. */
export function reachText(reach: McpRowReach): string {
  if (reach.type === 'http') {
    return reach.keyEnv === undefined ? reach.url : `${reach.url} (key: $${reach.keyEnv})`;
  }
  const { argv, passes, sets, reads, writes } = reach;
  const given = [
    ['env', passes],
    ['set', Object.keys(sets)],
    ['read', reads],
    ['write', writes],
  ] as const;
  const parts = given.flatMap(([what, list]) =>
    list.length === 0 ? [] : [`${what}: ${list.join(', ')}`],
  );
  const command = argv.join(' ');
  return parts.length === 0 ? command : `${command} (${parts.join('; ')})`;
}
