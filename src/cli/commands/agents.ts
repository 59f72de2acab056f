/** `whaleflow agents ls`: other coding agents, and what of them is here. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { type AgentPage, listAgents } from '../../workbench/list-agents.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { tableText } from '../table-text.ts';
import { warn } from './run.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [what = 'ls'] = input.words;
  if (what !== 'ls') throw new WhaleFlowError('WF2002', `agents takes ls, not \`${what}\``);
  const { output, flags } = context;
  const config = await context.config();
  const pages = listAgents(await context.workbench(), config);
  warn(context, config.warnings);
  if (output.isJson) {
    output.json({ schema: 'whaleflow.agents/1', agents: pages.map(toJson) });
    return 0;
  }
  const titles = ['AGENT', 'PROGRAM', 'VERSION', 'PROTOCOL', 'USAGE', 'BILLING', 'FROM'];
  const rows = pages.map((page) =>
    [
      page.name,
      page.program,
      page.path === undefined ? 'not installed' : (page.version ?? 'installed'),
      page.protocol,
      page.usage,
      page.billing,
      page.origin,
    ].map((text) => ({ text })),
  );
  const look = { style: output.style, width: output.columns, isPlain: flags.plain };
  const columns = titles.map((title) => ({ title }));
  for (const line of tableText(columns, rows, look)) output.data(line);
  return 0;
}

function toJson(page: AgentPage): JsonObject {
  const { path = null, version = null, ...rest } = page;
  return { ...rest, path, version };
}
