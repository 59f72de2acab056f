/** Names of tools that come from servers outside, and which of them a leaf may use. */
import { matchesText } from '../base/glob.ts';
import type { LeafNode } from './workflow-spec.ts';

const PREFIX = 'mcp__';
/** What providers of models take for the name of a tool. */
const MAX_NAME_CHARACTERS = 64;
const SERVER_NAME = /^(?=.{1,32}$)[a-z0-9]+(?:[_-][a-z0-9]+)*$/;

export const isServerName = (name: string): boolean => SERVER_NAME.test(name);

/** `mcp__SERVER__TOOL`; undefined for a tool that no model could name. */
export function outsideToolName(server: string, tool: string): string | undefined {
  const name = `${PREFIX}${server}__${tool}`;
  return /^[\w-]+$/.test(tool) && name.length <= MAX_NAME_CHARACTERS ? name : undefined;
}

/** Whether it is a tool of a server, or a glob of such. */
const isOutsideTool = (name: string): boolean => name.startsWith(PREFIX);

/** The parts of a name; of a glob too, as far as it spells them out. */
export function outsideToolParts(name: string): { readonly server: string; readonly tool: string } {
  const rest = name.slice(PREFIX.length);
  const cut = rest.indexOf('__');
  return cut < 0
    ? { server: rest, tool: '' }
    : { server: rest.slice(0, cut), tool: rest.slice(cut + 2) };
}

/** Its rights have to name the tool; names in its task narrow that down. Only agents have tools. */
export function mayUseOutside({ task, permissions }: LeafNode, name: string): boolean {
  if (task.type !== 'agent') return false;
  const isNamed = (globs: readonly string[]): boolean =>
    globs.some((glob) => isOutsideTool(glob) && matchesText(glob, name));
  return isNamed(permissions.tools) && (task.tools === undefined || isNamed(task.tools));
}

/** What a leaf names of them: names and globs, as written, that its rights grant. */
export function outsideWishes({ task, permissions }: LeafNode): readonly string[] {
  if (task.type !== 'agent') return [];
  const named = task.tools ?? permissions.tools;
  return [...new Set(named.filter(isOutsideTool))];
}
