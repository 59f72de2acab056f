/** The tools of servers that a run has: which were accepted, and that they still are. */
import { suggestion } from '../../base/did-you-mean.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { failure } from '../../leaf/failure.ts';
import type { AcceptedTool, AcceptedTools } from '../../leaf/mcp/accepted-tool.ts';
import { definitionDigest } from '../../leaf/mcp/tool-definition.ts';
import type { ToolDefinition } from '../../leaf/mcp-server.ts';
import type { Failure } from '../../trace/outcome.ts';
import {
  mayUseOutside,
  outsideToolName,
  outsideToolParts,
  outsideWishes,
} from '../../workflow/outside-tool.ts';
import { leavesBelow, planOf } from '../../workflow/plan.ts';
import type { LeafNode, WorkflowSpec } from '../../workflow/workflow-spec.ts';
import { type McpConfig, type McpRow, reachText } from '../mcp-config.ts';
import { readPins } from '../mcp-pins.ts';
import type { Workbench } from '../workbench.ts';
import { toServer } from './open-mcp.ts';
import type { McpDigests, RunMcp } from './recorded-mcp.ts';

type Bench = Pick<Workbench, 'places' | 'env'>;

interface PinnedTool {
  readonly name: string;
  readonly row: McpRow;
  readonly definition: ToolDefinition;
}

/** Those of a server that are allowed and accepted, where it is still the server that they were accepted from. */
function pinnedTools({ places }: Bench, row: McpRow): readonly PinnedTool[] {
  const pins = readPins(places, row);
  if (pins === undefined || pins.from !== reachText(row.reach)) return [];
  return pins.tools.flatMap((definition) => {
    const name = outsideToolName(row.name, definition.name);
    return name === undefined || !row.allow.includes(definition.name)
      ? []
      : [{ name, row, definition }];
  });
}

const agentsOf = (spec: WorkflowSpec): readonly LeafNode[] =>
  leavesBelow(planOf(spec).root)
    .map(({ node }) => node)
    .filter((node) => outsideWishes(node).length > 0);

/** Of the tools that leaves of a workflow are offered, for the record. */
export function mcpDigests(bench: Bench, spec: WorkflowSpec, config: McpConfig): McpDigests {
  const agents = agentsOf(spec);
  if (agents.length === 0) return {};
  const tools = [...config.rows.values()].flatMap((row) => pinnedTools(bench, row));
  const used = tools.filter(({ name }) => agents.some((node) => mayUseOutside(node, name)));
  const rows = used.map(({ name, definition }) => [name, definitionDigest(definition)] as const);
  return Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The first of: WF3013 no such server or tool, WF3014 not accepted, WF4002 a network that the leaf has not. */
export function mcpObstacle(
  bench: Bench,
  spec: WorkflowSpec,
  { digests, config }: RunMcp,
): WhaleFlowError | undefined {
  for (const node of agentsOf(spec)) {
    for (const wish of outsideWishes(node)) {
      const obstacle = obstacleOf(bench, { node, wish, config });
      if (obstacle !== undefined) return obstacle;
    }
  }
  const accepted = acceptedTools(bench, { digests, config }).of(Object.keys(digests));
  if (!('kind' in accepted)) return undefined;
  return new WhaleFlowError('WF3014', accepted.message, {
    hint: 'a run keeps to the definitions that it began with: fork it, or begin anew',
  });
}

interface Wish {
  readonly node: LeafNode;
  /** A name or a glob. */
  readonly wish: string;
  readonly config: McpConfig;
}

function obstacleOf(bench: Bench, { node, wish, config }: Wish): WhaleFlowError | undefined {
  const { server, tool } = outsideToolParts(wish);
  const notes = [`${node.id} may use ${wish}`];
  // A glob over servers asks for what there is.
  if (/[*?[{]/.test(server)) return undefined;
  const row = config.rows.get(server);
  if (row === undefined) {
    const known = [...config.rows.keys()];
    return new WhaleFlowError('WF3013', `no MCP server \`${server}\` is configured`, {
      notes,
      hint: suggestion(server, known) ?? `[mcp.${server}] command = ["…"]     allow = ["${tool}"]`,
    });
  }
  if (row.reach.type === 'http' && !node.permissions.network) {
    return new WhaleFlowError('WF4002', `the MCP server ${server} is on the network`, {
      notes: [...notes, `${node.id} may not use the network`],
      hint: 'let the workflow ask for it: permissions: {network: true}',
    });
  }
  const isGlob = /[*?[{]/.test(tool);
  if (!isGlob && !row.allow.includes(tool)) {
    return new WhaleFlowError(
      'WF3013',
      `the tool ${tool} of the MCP server ${server} is not allowed`,
      {
        notes,
        hint: `${suggestion(tool, row.allow) ?? `it allows ${row.allow.join(', ') || 'none'}`}     [mcp.${server}] allow = […]`,
      },
    );
  }
  const isPinned = pinnedTools(bench, row).some((one) => isGlob || one.definition.name === tool);
  if (isPinned) return undefined;
  const what = isGlob
    ? `no tool of the MCP server ${server}`
    : `the tool ${tool} of the MCP server ${server}`;
  return new WhaleFlowError('WF3014', `${what} ${isGlob ? 'is' : 'has not been'} accepted`, {
    notes,
    hint: `look at what it offers and accept it: whaleflow mcp pin ${server}`,
  });
}

/** The tools of a run, as they are accepted now; what is not as recorded is a failure. */
export function acceptedTools(bench: Bench, { digests, config }: RunMcp): AcceptedTools {
  const known = new Map<string, AcceptedTool | Failure>();
  const look = (name: string): AcceptedTool | Failure => {
    const found = known.get(name) ?? accepted(bench, { name, digests, config });
    known.set(name, found);
    return found;
  };
  return {
    names: Object.keys(digests),
    of(names) {
      const tools: AcceptedTool[] = [];
      for (const name of names) {
        const one = look(name);
        if ('kind' in one) return one;
        tools.push(one);
      }
      return tools;
    },
  };
}

function accepted(
  bench: Bench,
  { name, digests, config }: RunMcp & { readonly name: string },
): AcceptedTool | Failure {
  const { server } = outsideToolParts(name);
  const row = config.rows.get(server);
  const tool = row && pinnedTools(bench, row).find((one) => one.name === name);
  if (row === undefined || tool === undefined) {
    return failure('permission', `${name} is not configured, allowed and accepted any more`);
  }
  const digest = definitionDigest(tool.definition);
  if (digest !== digests[name]) {
    return failure(
      'permission',
      `${name} has been accepted with another definition since the run began`,
    );
  }
  try {
    return { name, definition: tool.definition, digest, server: toServer(row, bench.env) };
  } catch (thrown) {
    if (thrown instanceof WhaleFlowError) return failure('permission', thrown.message);
    throw thrown;
  }
}
