/** Asks a server what it offers, outside of any run: in an empty folder of its own, gone afterwards. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { messageOf } from '../leaf/failure.ts';
import { openMcpSession } from '../leaf/mcp/mcp-session.ts';
import { definitionObstacle } from '../leaf/mcp/shown-definition.ts';
import { definitionDigest, listChanges } from '../leaf/mcp/tool-definition.ts';
import type { ToolDefinition } from '../leaf/mcp-server.ts';
import { commandEnvironment, privateHome } from '../leaf/runners/command-place.ts';
import { digestJson } from '../workflow/digest.ts';
import type { EffectiveConfig } from './config.ts';
import { toServer } from './mcp/open-mcp.ts';
import { type McpRow, reachText } from './mcp-config.ts';
import { readPins, type ToolPins } from './mcp-pins.ts';
import { withoutKeys } from './models/run-models.ts';
import { openSandbox } from './open-sandbox.ts';
import type { Workbench } from './workbench.ts';

export interface ServerPage {
  readonly row: McpRow;
  /** In its order. */
  readonly offered: readonly OfferedTool[];
  readonly pins: ToolPins | undefined;
  /** Of all that is allowed, as it is offered now. */
  readonly digest: string;
  /** How what is accepted differs from what is offered now, line by line; empty where it does not. */
  readonly changes: readonly string[];
  /** Allowed, and not offered. */
  readonly missing: readonly string[];
  /** The end of what it printed on stderr. */
  readonly notes: string;
}

export interface OfferedTool {
  readonly definition: ToolDefinition;
  readonly digest: string;
  readonly isAllowed: boolean;
  readonly isPinned: boolean;
  /** Why no model may have it. */
  readonly obstacle?: string;
}

const MAX_SAID = 2_000;

/** @throws {WhaleFlowError} WF3013, WF3003, WF4004 */
export async function tryServer(
  workbench: Workbench,
  config: Pick<EffectiveConfig, 'models' | 'sandbox'>,
  row: McpRow,
): Promise<ServerPage> {
  const pins = readPins(workbench.places, row);
  const { offered, notes } = await ask(workbench, config, row);
  const pinned = new Map(pins?.tools.map((tool) => [tool.name, definitionDigest(tool)]));
  const moved = pins !== undefined && pins.from !== reachText(row.reach);
  const tools = offered.map((definition): OfferedTool => {
    const digest = definitionDigest(definition);
    const obstacle = definitionObstacle(row.name, definition);
    return {
      definition,
      digest,
      isAllowed: row.allow.includes(definition.name),
      isPinned: !moved && pinned.get(definition.name) === digest,
      ...(obstacle === undefined ? {} : { obstacle }),
    };
  });
  const allowed = tools.filter(({ isAllowed }) => isAllowed);
  return {
    row,
    pins,
    notes,
    offered: tools,
    digest: digestJson([reachText(row.reach), ...allowed.map(({ digest }) => digest)]).slice(0, 16),
    missing: row.allow.filter((name) => !offered.some((one) => one.name === name)),
    changes: [
      ...(moved ? [printable(`it is another server: ${pins.from} → ${reachText(row.reach)}`)] : []),
      ...listChanges(
        (pins?.tools ?? []).filter(({ name }) => row.allow.includes(name)),
        offered,
      ),
    ],
  };
}

async function ask(
  workbench: Workbench,
  { models, sandbox: { mode } }: Pick<EffectiveConfig, 'models' | 'sandbox'>,
  row: McpRow,
): Promise<{ readonly offered: readonly ToolDefinition[]; readonly notes: string }> {
  const server = toServer(row, workbench.env);
  const sandbox = await openSandbox(workbench, mode === 'strict' ? 'strict' : 'none');
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-mcp-')));
  const home = await privateHome(tmpdir());
  const { signal } = new AbortController();
  try {
    const place = {
      root,
      cwd: root,
      env: commandEnvironment(withoutKeys(workbench.env, models), [], home),
      writable: [],
      scratch: [home.home, home.temporary],
      network: true,
    };
    const session = await openMcpSession({ server, sandbox, place }, signal);
    try {
      const offered = await session.list(signal);
      return { offered, notes: session.takeNotes() };
    } finally {
      await session.close();
    }
  } catch (thrown) {
    const why = printable(messageOf(thrown)).slice(0, MAX_SAID);
    throw new WhaleFlowError('WF3013', `the MCP server ${row.name} cannot be asked: ${why}`, {
      hint: `it is ${printable(reachText(row.reach))}`,
      cause: thrown,
    });
  } finally {
    await home.close();
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  }
}
