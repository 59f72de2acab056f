/** A tool of a server as a person has accepted it, and the server that it is asked of. */
import type { Failure } from '../../trace/outcome.ts';
import type { McpServer, ToolDefinition } from '../mcp-server.ts';

export interface AcceptedTool {
  /** `mcp__SERVER__TOOL`. */
  readonly name: string;
  readonly definition: ToolDefinition;
  /** Its digest. */
  readonly digest: string;
  readonly server: McpServer;
}

export interface AcceptedTools {
  /** The tools of these names that a run has; a failure where one is not what the run began with. */
  of(names: readonly string[]): readonly AcceptedTool[] | Failure;
  /** All that the run has, by name. */
  readonly names: readonly string[];
}
