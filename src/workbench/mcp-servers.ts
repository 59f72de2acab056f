/** Servers of tools as they are configured and accepted. Starts nothing and asks nobody. */
import { WhaleFlowError } from '../base/errors.ts';
import type { EffectiveConfig } from './config.ts';
import { toServer } from './mcp/open-mcp.ts';
import { type McpRow, reachText } from './mcp-config.ts';
import { readPins } from './mcp-pins.ts';
import type { Workbench } from './workbench.ts';

export interface ListedServer {
  readonly row: McpRow;
  /** Names of tools that are allowed and accepted. */
  readonly pinned: readonly string[];
  /** `ready`, or what is in the way. */
  readonly state: string;
  readonly isReady: boolean;
}

export function listServers(
  { places, env }: Pick<Workbench, 'places' | 'env'>,
  { mcp }: Pick<EffectiveConfig, 'mcp'>,
): readonly ListedServer[] {
  return Array.from(mcp.rows.values(), (row) => {
    const problem = problemOf(() => toServer(row, env));
    let pinned: readonly string[] = [];
    let state = problem;
    const unread = problemOf(() => {
      const pins = readPins(places, row);
      const isSame = pins?.from === reachText(row.reach);
      if (pins !== undefined && !isSame) state ??= 'is another server now: pin it again';
      pinned = (isSame ? (pins?.tools ?? []) : [])
        .map(({ name }) => name)
        .filter((name) => row.allow.includes(name));
    });
    const open = row.allow.length - pinned.length;
    state ??= unread ?? (open > 0 ? `${open} of ${row.allow.length} tools not pinned` : undefined);
    if (row.allow.length === 0) state ??= 'allows no tools';
    return { row, pinned, state: state ?? 'ready', isReady: state === undefined };
  });
}

function problemOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof WhaleFlowError) return thrown.message;
    throw thrown;
  }
}
