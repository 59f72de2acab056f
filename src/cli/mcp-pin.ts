/** `whaleflow mcp test` and `pin`: what a server offers, and accepting it. */
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { printable } from '../base/printable.ts';
import { type McpRow, reachText } from '../workbench/mcp-config.ts';
import type { OfferedTool, ServerPage } from '../workbench/try-mcp-server.ts';
import { ask } from './ask.ts';
import type { CommandContext } from './context.ts';

const MAX_DESCRIPTION = 300;
/** Of tools that are not allowed only names are shown. */
const MAX_NAMES = 200;

/** Exit status 4 where something that is allowed cannot be used as it is. */
export async function mcpTest(context: CommandContext, row: McpRow): Promise<ExitStatus> {
  const page = await look(context, row);
  const { output } = context;
  if (output.isJson) output.json(toJson(page));
  else for (const line of pageLines(page)) output.data(line);
  const isReady =
    page.missing.length === 0 &&
    page.changes.length === 0 &&
    allowed(page).every(({ isPinned, obstacle }) => isPinned && obstacle === undefined);
  if (!isReady && !output.isJson)
    output.talk(`to accept what is allowed: whaleflow mcp pin ${row.name}`);
  return isReady ? 0 : 4;
}

/** `word`: the digest of what was looked at, where nobody is there to be asked. */
export async function mcpPin(
  context: CommandContext,
  row: McpRow,
  word: string | undefined,
): Promise<ExitStatus> {
  const { output, mayAsk } = context;
  const page = await look(context, row);
  const tools = allowed(page).filter(({ obstacle }) => obstacle === undefined);
  if (!output.isJson) for (const line of pageLines(page)) output.talk(line);
  if (tools.length === 0) {
    throw new WhaleFlowError('WF3013', `nothing that ${row.name} offers is allowed`, {
      hint: `name its tools: [mcp.${row.name}] allow = ["…"]`,
    });
  }
  if (word !== undefined && word !== page.digest) {
    throw new WhaleFlowError(
      'WF3014',
      `what ${row.name} offers is not ${word} but ${page.digest}`,
      {
        hint: `look at it again: whaleflow mcp test ${row.name}`,
      },
    );
  }
  if (word === undefined && !mayAsk) {
    throw new WhaleFlowError(
      'WF2101',
      'the tools have to be accepted, and nobody can be asked here',
      {
        hint: `once you have read them: whaleflow mcp pin ${row.name} --accept ${page.digest}`,
      },
    );
  }
  const question = ` accept ${tools.length === 1 ? 'this tool' : `these ${tools.length} tools`}?  [Enter] yes   [Esc] no `;
  if (word === undefined && !(await ask(context, question))) {
    output.talk('nothing was accepted');
    return 1;
  }
  const { writePins } = await import('../workbench/mcp-pins.ts');
  const file = writePins(
    await context.workbench(),
    row,
    tools.map(({ definition }) => definition),
  );
  if (output.isJson) output.json({ ...toJson(page), file });
  else
    output.talk(`accepted: ${tools.map(({ definition }) => definition.name).join(', ')} (${file})`);
  return 0;
}

async function look(context: CommandContext, row: McpRow): Promise<ServerPage> {
  const { tryServer } = await import('../workbench/try-mcp-server.ts');
  return tryServer(await context.workbench(), await context.config(), row);
}

const allowed = ({ offered }: ServerPage): readonly OfferedTool[] =>
  offered.filter(({ isAllowed }) => isAllowed);

function pageLines(page: ServerPage): readonly string[] {
  const { row, offered, missing, changes, notes } = page;
  const others = offered
    .filter(({ isAllowed }) => !isAllowed)
    .map(({ definition }) => definition.name);
  const more = others.length - MAX_NAMES;
  const rest = more > 0 ? ` and ${more} more` : '';
  return [
    `${row.name}  ${printable(reachText(row.reach))}`,
    ...allowed(page).flatMap(toolLines),
    ...missing.map((name) => `  ${printable(name)}  allowed, but not offered`),
    ...(others.length === 0
      ? []
      : [`  not allowed: ${others.slice(0, MAX_NAMES).map(printable).join(', ')}${rest}`]),
    ...(changes.length === 0
      ? []
      : ['since it was accepted:', ...changes.map((line) => `  ${line}`)]),
    ...(notes.trim() === ''
      ? []
      : [`it printed: ${printable(notes.trim()).slice(0, MAX_DESCRIPTION)}`]),
    `digest of what is allowed: ${page.digest}`,
  ];
}

function toolLines({ definition, digest, isPinned, obstacle }: OfferedTool): readonly string[] {
  const { name, description = '', input } = definition;
  const state = obstacle ?? (isPinned ? 'accepted' : 'not accepted');
  const parameters = Object.keys((input['properties'] ?? {}) as JsonObject).map(printable);
  const words = printable(description.toWellFormed());
  const cut =
    words.length <= MAX_DESCRIPTION
      ? words
      : `${words.slice(0, MAX_DESCRIPTION)}… (${words.length} characters)`;
  return [
    `  ${printable(name)}(${parameters.join(', ')})  ${digest.slice(0, 12)}  ${state}`,
    ...(cut === '' ? [] : [`    “${cut}”`]),
  ];
}

function toJson({ row, offered, missing, changes, notes, digest }: ServerPage): JsonObject {
  const tools = offered.map(
    ({ definition, isAllowed, isPinned, obstacle = null, digest: own }) => ({
      ...{ name: definition.name, description: definition.description ?? null },
      ...{ digest: own, allowed: isAllowed, pinned: isPinned, obstacle },
    }),
  );
  const { name } = row;
  return { schema: 'whaleflow.mcp-server/1', server: name, digest, tools, missing, changes, notes };
}
