/** What a run was recorded with of servers; a driver loads no more of them than this. */
import { type McpConfig, NO_MCP } from '../mcp-config.ts';
import type { Workbench } from '../workbench.ts';

/** Name of a tool → digest of its definition. */
export type McpDigests = Readonly<Record<string, string>>;

/** What a run has of servers: what it was recorded with, under the configuration of now. */
export interface RunMcp {
  readonly digests: McpDigests;
  readonly config: McpConfig;
}

export const NO_RUN_MCP: RunMcp = { digests: {}, config: NO_MCP };

/** The configuration is read only where the run has such tools. @throws {WhaleFlowError} WF2007 */
export async function recordedMcp(
  { places, env }: Workbench,
  digests: McpDigests | undefined,
): Promise<RunMcp> {
  if (digests === undefined || Object.keys(digests).length === 0) return NO_RUN_MCP;
  const { readConfig } = await import('../config.ts');
  return { digests, config: readConfig({ places, env, set: [] }).mcp };
}
