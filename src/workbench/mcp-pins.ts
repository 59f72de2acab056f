/**
 * Tools of servers as a person has accepted them: a file a server in the user’s own folder, to be read by
 * people. A repository’s server has a file of its own for each repository, and nothing in a repository can
 * write one.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { definitionDigest } from '../leaf/mcp/tool-definition.ts';
import type { ToolDefinition } from '../leaf/mcp-server.ts';
import { digestText } from '../workflow/digest.ts';
import { type McpRow, reachText } from './mcp-config.ts';
import type { Places } from './places.ts';
import type { Workbench } from './workbench.ts';
import { toWriteError } from './write-error.ts';
import { writeNewFile } from './write-new-file.ts';

export interface ToolPins {
  /** The command line or address that they were accepted from. */
  readonly from: string;
  readonly tools: readonly ToolDefinition[];
}

const FORMAT = 'whaleflow.mcp-pins/1';
const MAX_FILE_BYTES = 32 * 2 ** 20;

type PinnedRow = Pick<McpRow, 'name' | 'repository'>;

function pinsPath({ userFolder }: Pick<Places, 'userFolder'>, row: PinnedRow): string {
  const { name, repository } = row;
  const of = repository === undefined ? '' : `@${digestText(repository).slice(0, 16)}`;
  return join(userFolder, 'mcp', `${name}${of}.json`);
}

/** Undefined where nothing is accepted. @throws {WhaleFlowError} WF2007 for a file that cannot be read. */
export function readPins(places: Pick<Places, 'userFolder'>, row: PinnedRow): ToolPins | undefined {
  const path = pinsPath(places, row);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw damaged(path, row, cause);
  }
  if (text.length > MAX_FILE_BYTES) throw damaged(path, row);
  try {
    return toPins(JSON.parse(text) as Json);
  } catch (cause) {
    throw damaged(path, row, cause);
  }
}

/** @throws {Error} for what is none. */
function toPins(value: Json): ToolPins {
  if (!isJsonObject(value) || value['format'] !== FORMAT) throw new Error('not of this format');
  const { from, tools } = value;
  if (typeof from !== 'string' || !Array.isArray(tools)) throw new Error('no tools in it');
  return { from, tools: tools.map(toDefinition) };
}

function toDefinition(value: Json): ToolDefinition {
  if (!isJsonObject(value)) throw new Error('a tool is no object');
  const { name, title, description, input, output, annotations } = value;
  if (typeof name !== 'string' || !isJsonObject(input)) throw new Error('a tool is not whole');
  const text = (one: Json | undefined): string | undefined => {
    if (one !== undefined && typeof one !== 'string')
      throw new Error(`${name} has words that are none`);
    return one;
  };
  const object = (one: Json | undefined): JsonObject | undefined => {
    if (one !== undefined && !isJsonObject(one))
      throw new Error(`${name} has a schema that is none`);
    return one;
  };
  const parts = {
    title: text(title),
    description: text(description),
    output: object(output),
    annotations: object(annotations),
  };
  const given = Object.entries(parts).filter(([, one]) => one !== undefined);
  return { name, input, ...(Object.fromEntries(given) as Omit<ToolDefinition, 'name' | 'input'>) };
}

function damaged(path: string, { name }: PinnedRow, cause?: unknown): WhaleFlowError {
  return new WhaleFlowError('WF2007', `${path} cannot be read`, {
    ...(cause === undefined ? {} : { cause }),
    hint: `accept the tools anew: whaleflow mcp unpin ${name} && whaleflow mcp pin ${name}`,
  });
}

/** Accepts exactly these. Gives the path. @throws {WhaleFlowError} WF2003, WF7004 */
export function writePins(
  { places, chance }: Workbench,
  row: McpRow,
  tools: readonly ToolDefinition[],
): string {
  const path = pinsPath(places, row);
  const content = {
    format: FORMAT,
    server: row.name,
    ...(row.repository === undefined ? {} : { repository: row.repository }),
    from: reachText(row.reach),
    tools: tools.map((tool) => ({ digest: definitionDigest(tool), ...tool })),
  };
  try {
    mkdirSync(join(places.userFolder, 'mcp'), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw toWriteError(cause, path);
  }
  writeNewFile({ path, pieces: [`${JSON.stringify(content, null, 2)}\n`], force: true }, chance);
  return path;
}

/** Gives whether there was one. */
export function removePins(places: Pick<Places, 'userFolder'>, row: PinnedRow): boolean {
  const path = pinsPath(places, row);
  try {
    rmSync(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw toWriteError(cause, path);
  }
}
