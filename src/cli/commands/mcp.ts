/** `whaleflow mcp ls|test|pin|unpin`: servers of tools, what they offer, and what of it is accepted. */
import { suggestion } from '../../base/did-you-mean.ts';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { type McpRow, reachText } from '../../workbench/mcp-config.ts';
import { removePins } from '../../workbench/mcp-pins.ts';
import { listServers } from '../../workbench/mcp-servers.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { mcpPin, mcpTest } from '../mcp-pin.ts';
import { subcommand } from '../subcommand.ts';
import { type Column, tableText } from '../table-text.ts';
import { warn } from './run.ts';

const COLUMNS: readonly Column[] = [
  { title: 'SERVER' },
  { title: 'REACH' },
  { title: 'ALLOWED', least: 12 },
  { title: 'PINNED', least: 12 },
  { title: 'STATE' },
  { title: 'FROM', dropped: 1 },
];

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [what, ...words] = subcommand('mcp', input.words, ['ls', 'test', 'pin', 'unpin']);
  const { mcp, warnings } = await context.config();
  warn(context, warnings);
  if (what === 'ls') return list(context, words);
  const [name, more] = words;
  if (name === undefined || more !== undefined) {
    throw new WhaleFlowError('WF2002', `mcp ${what} takes the name of one server`, {
      hint: `whaleflow mcp ${what} NAME     those that there are: whaleflow mcp ls`,
    });
  }
  const row = mcp.rows.get(name);
  if (row === undefined) {
    throw new WhaleFlowError('WF3013', `no MCP server \`${name}\` is configured`, {
      hint: suggestion(name, [...mcp.rows.keys()]) ?? 'those that there are: whaleflow mcp ls',
    });
  }
  if (what === 'test') return mcpTest(context, row);
  return what === 'pin' ? mcpPin(context, row, input.text('accept')) : unpin(context, row);
}

async function list(context: CommandContext, words: readonly string[]): Promise<ExitStatus> {
  if (words.length > 0) throw new WhaleFlowError('WF2002', 'mcp ls takes no more words');
  const { output, flags } = context;
  const config = await context.config();
  const pages = listServers(await context.workbench(), config);
  if (output.isJson) {
    const servers = pages.map(({ row, pinned, state }) => ({
      ...{ name: row.name, reach: reachText(row.reach), type: row.reach.type },
      ...{ allowed: row.allow, pinned, state, origin: row.origin },
    }));
    output.json({ schema: 'whaleflow.mcp/1', servers });
    return 0;
  }
  if (pages.length === 0) {
    output.talk('no MCP server is configured: [mcp.NAME] in your config.toml');
    return 0;
  }
  const rows = pages.map(({ row, pinned, state }) =>
    [
      row.name,
      reachText(row.reach),
      row.allow.join(', ') || 'none',
      pinned.join(', ') || 'none',
      state,
      row.origin,
    ].map((text) => ({ text })),
  );
  const look = { style: output.style, width: output.columns, isPlain: flags.plain };
  for (const line of tableText(COLUMNS, rows, look)) output.data(line);
  return 0;
}

async function unpin({ output, workbench }: CommandContext, row: McpRow): Promise<ExitStatus> {
  const { places } = await workbench();
  const wasThere = removePins(places, row);
  if (output.isJson) output.json({ schema: 'whaleflow.mcp-unpin/1', server: row.name, wasThere });
  else {
    output.talk(
      wasThere
        ? `no tool of ${row.name} is accepted any more`
        : `no tool of ${row.name} was accepted`,
    );
  }
  return 0;
}
