/**
 * What an agent asks leave for, held against the rights of its leaf. Leave is for our side of the wall
 * only: what the sandbox forbids stays forbidden. Where nothing but manners holds the agent, a command that
 * nobody has accepted yet is a question for a person.
 */
import { relative, sep } from 'node:path';
import { matchesPath, matchesText } from '../../../../base/glob.ts';
import type { JsonObject } from '../../../../base/json.ts';
import type { SandboxLevel } from '../../../../sandbox/sandbox.ts';
import type { ExternalTask } from '../../../../workflow/task.ts';
import type { LeafJob } from '../../../leaf-job.ts';
import { objectAt, objectsAt, textAt } from '../formats/report.ts';

export type Verdict =
  | { readonly type: 'allow' }
  | { readonly type: 'deny'; readonly why: string }
  /** `what`: one line, for a person. */
  | { readonly type: 'ask'; readonly what: string };

export interface PermissionPlace {
  /** The tree’s root, links followed. */
  readonly base: string;
  readonly level: SandboxLevel;
}

const ALLOW: Verdict = { type: 'allow' };
const deny = (why: string): Verdict => ({ type: 'deny', why });

/** `call`: the tool call as the agent describes it. */
export function judgePermission(
  { node, consent }: LeafJob<ExternalTask>,
  call: JsonObject,
  { base, level }: PermissionPlace,
): Verdict {
  const { permissions, mode } = node;
  const kind = textAt(call, 'kind') ?? 'other';
  switch (kind) {
    case 'read':
    case 'search':
    case 'think':
      return outsideOf(base, call) ?? ALLOW;
    case 'edit':
    case 'delete':
    case 'move':
      if (mode === 'read_only') return deny('this leaf reads only');
      return outsideOf(base, call) ?? outOfScope(node.fileScope, base, call) ?? ALLOW;
    case 'execute': {
      if (!permissions.shell) return deny('no commands are permitted');
      const command = commandOf(call);
      if (!permissions.commands.some((glob) => matchesText(glob, command))) {
        return deny(`not among the permitted commands: ${permissions.commands.join(', ')}`);
      }
      const isAgreed = consent.commands.some((glob) => matchesText(glob, command));
      return level === 'strict' || isAgreed ? ALLOW : { type: 'ask', what: `run ${command}` };
    }
    case 'fetch':
      return permissions.network ? ALLOW : deny('no network is permitted');
    // The end of a plan is the beginning of changes.
    case 'switch_mode':
      return mode === 'read_only' ? deny('this leaf reads only') : ALLOW;
    default: {
      if (level === 'strict') return ALLOW;
      const isAgreed = consent.commands.includes('*');
      return isAgreed ? ALLOW : { type: 'ask', what: `use ${textAt(call, 'title') ?? 'a tool'}` };
    }
  }
}

/** The command line as far as it is told; else what the agent calls it. */
function commandOf(call: JsonObject): string {
  const input = objectAt(call, 'rawInput');
  const command = input?.['command'] ?? input?.['cmd'];
  if (typeof command === 'string') return command;
  if (Array.isArray(command)) return command.filter((word) => typeof word === 'string').join(' ');
  return textAt(call, 'title') ?? '';
}

/** Absolute paths that it names. */
function pathsOf(call: JsonObject): readonly string[] {
  const diffs = objectsAt(call, 'content').filter(({ type }) => type === 'diff');
  const named = [...objectsAt(call, 'locations'), ...diffs];
  const input = objectAt(call, 'rawInput');
  const own = [textAt(input, 'file_path'), textAt(input, 'path'), textAt(input, 'abs_path')];
  const all = [...named.map((one) => textAt(one, 'path')), ...own];
  return all.filter((path): path is string => path?.startsWith(sep) === true);
}

function outsideOf(base: string, call: JsonObject): Verdict | undefined {
  const outside = pathsOf(call).find((path) => placeIn(base, path) === undefined);
  return outside === undefined ? undefined : deny(`${outside} is outside of the tree`);
}

function outOfScope(
  scope: readonly string[] | undefined,
  base: string,
  call: JsonObject,
): Verdict | undefined {
  if (scope === undefined) return undefined;
  const places = pathsOf(call).flatMap((path) => placeIn(base, path) ?? []);
  const other = places.find((place) => !scope.some((glob) => matchesPath(glob, place)));
  if (other === undefined) return undefined;
  return deny(`${other} is outside of the files that this leaf may change: ${scope.join(', ')}`);
}

/** A path relative to the tree; undefined for one outside of it. Links are no matter of names. */
export function placeIn(base: string, path: string): string | undefined {
  const place = relative(base, path);
  return place === '..' || place.startsWith(`..${sep}`) || place.startsWith(sep)
    ? undefined
    : place;
}
