/** `whaleflow agents ls|test`: other coding agents, what of them is here, and whether one works. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { EffectiveConfig } from '../../workbench/config.ts';
import { type AgentPage, listAgents } from '../../workbench/list-agents.ts';
import { type AgentCheck, testAgent } from '../../workbench/test-agent.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { type Column, tableText } from '../table-text.ts';
import { warn } from './run.ts';

const COLUMNS: readonly Column[] = [
  { title: 'AGENT' },
  { title: 'PROGRAM' },
  { title: 'VERSION', least: 20 },
  { title: 'PROTOCOL' },
  { title: 'USAGE', dropped: 1 },
  { title: 'BILLING', dropped: 2 },
  { title: 'FROM', dropped: 3 },
];

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [what = 'ls', name, ...more] = input.words;
  const config = await context.config();
  if (what === 'ls' && name === undefined) return list(context, config);
  if (what === 'test' && name !== undefined && more.length === 0) {
    return test(context, config, { name, asks: input.has('ask') });
  }
  throw new WhaleFlowError(
    'WF2002',
    `agents takes ls or test NAME, not \`${input.words.join(' ')}\``,
  );
}

async function list(context: CommandContext, config: EffectiveConfig): Promise<ExitStatus> {
  const { output, flags } = context;
  const pages = listAgents(await context.workbench(), config);
  warn(context, config.warnings);
  if (output.isJson) {
    output.json({ schema: 'whaleflow.agents/1', agents: pages.map(toJson) });
    return 0;
  }
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
  for (const line of tableText(COLUMNS, rows, look)) output.data(line);
  return 0;
}

async function test(
  context: CommandContext,
  config: EffectiveConfig,
  request: Parameters<typeof testAgent>[2],
): Promise<ExitStatus> {
  const { output, flags } = context;
  warn(context, config.warnings);
  const checks = await testAgent(await context.workbench(), config, request);
  const ok = checks.every(({ verdict }) => verdict !== 'problem');
  if (output.isJson) {
    const all = checks.map((one: AgentCheck): JsonObject => ({ ...one }));
    output.json({ schema: 'whaleflow.agent-test/1', agent: request.name, ok, checks: all });
  } else {
    const columns = ['CHECK', 'VERDICT', 'FOUND'].map((title) => ({ title }));
    const rows = checks.map(({ check, verdict, found }) =>
      [check, verdict, found].map((text) => ({ text })),
    );
    const look = { style: output.style, width: output.columns, isPlain: flags.plain };
    for (const line of tableText(columns, rows, look)) output.data(line);
    const isAsked = checks.some(({ check }) => check === 'answer');
    if (ok && !isAsked) output.talk('it was not asked anything; that may cost: --ask');
  }
  return ok ? 0 : 4;
}

function toJson(page: AgentPage): JsonObject {
  const { path = null, version = null, ...rest } = page;
  return { ...rest, path, version };
}
