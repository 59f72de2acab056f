/**
 * Reads `[hooks.NAME]`. A person’s own hooks hold in every folder and run in the folder of their
 * configuration, so that nothing of a repository is taken for a program. A repository’s hooks count only
 * where its folder is trusted (its files are not even here otherwise), run in the repository, and take the
 * place of none of the person’s.
 */
import { dirname } from 'node:path';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { HOOK_MOMENTS, type Hook, type HookMoment } from '../../leaf/hooks.ts';
import type { ConfigFile } from '../config-file.ts';
import type { TextSetting } from '../models/models-config.ts';
import { type Entry, entriesOf, membersOf, misfit } from '../table-entry.ts';
import { readChoice, readSeconds, readWords } from '../table-values.ts';

export const HOOK_SECTION = 'hooks';

export interface HooksConfig {
  /** In the order in which they are called: a person’s before a repository’s, as written. */
  readonly hooks: readonly Hook[];
  readonly settings: readonly TextSetting[];
  readonly warnings: readonly Diagnostic[];
}

const MEMBERS: readonly string[] = ['on', 'command', 'tools', 'leaves', 'timeout_s', 'on_error'];
const DEFAULT_TIMEOUT_S = 30;
const MAX_TIMEOUT_S = 600;
const MAX_HOOKS = 50;

interface Read {
  readonly hook: Hook;
  readonly isOfProject: boolean;
  readonly origin: string;
}

/** `files`: strongest first. @throws {WhaleFlowError} WF2007 for what cannot be meant. */
export function readHooksConfig(files: readonly ConfigFile[]): HooksConfig {
  const warnings: Diagnostic[] = [];
  const read = new Map<string, Read>();
  // The person’s own first; a later file of the same owner is the stronger one.
  const inOrder = [
    ...files.filter(({ owner }) => owner === 'user').toReversed(),
    ...files.filter(({ owner }) => owner === 'project').toReversed(),
  ];
  for (const file of inOrder) {
    for (const entry of entriesOf(file, HOOK_SECTION, warnings)) {
      const before = read.get(entry.name);
      const isOfProject = file.owner === 'project';
      if (isOfProject && before?.isOfProject === false) {
        warnings.push(refused(entry));
        continue;
      }
      const hook = readHook(entry, warnings);
      read.set(entry.name, { hook, isOfProject, origin: entry.origin });
      if (read.size > MAX_HOOKS) throw misfit(entry.span, `there are more than ${MAX_HOOKS} hooks`);
    }
  }
  const all = [...read.values()];
  return {
    hooks: all.map(({ hook }) => hook),
    settings: all.map(({ hook, origin }) => settingOf(hook, origin)),
    warnings,
  };
}

function settingOf(hook: Hook, origin: string): TextSetting {
  const { name, on, argv, tools, leaves, timeoutMs, onError } = hook;
  const about = [
    on,
    ...(tools.length === 0 ? [] : [`of ${tools.join(', ')}`]),
    ...(leaves.length === 0 ? [] : [`in ${leaves.join(', ')}`]),
    `runs ${argv.join(' ')}`,
    `(at most ${timeoutMs / 1000} s, ${onError === 'block' ? 'blocks' : 'goes on'} when it fails)`,
  ];
  return { key: `hooks.${name}`, value: about.join(' '), origin };
}

const refused = ({ name, span }: Entry): Diagnostic => ({
  code: 'WF2008',
  severity: 'warning',
  message: `a repository may not change your hook ${name}`,
  span,
  help: 'give it another name',
});

function readHook(entry: Entry, warnings: Diagnostic[]): Hook {
  const { name, span, file } = entry;
  if (!/^[a-z0-9][\w.-]{0,63}$/i.test(name)) throw misfit(span, 'a hook’s name is a word');
  const members = membersOf(entry, MEMBERS, warnings);
  const on = readChoice(members.get('on'), HOOK_MOMENTS);
  if (on === undefined) {
    throw misfit(span, `hooks.${name} does not say when`, `on = "${HOOK_MOMENTS.join('" or "')}"`);
  }
  const argv = readCommand(members.get('command'));
  if (argv === undefined) {
    const hint =
      'a line for sh: command = "./guard.sh"     or a list: command = ["node", "guard.mjs"]';
    throw misfit(span, `hooks.${name} has no command`, hint);
  }
  const tools = readWords(members.get('tools'));
  const ofLeaf = on === 'before_leaf' || on === 'after_leaf';
  if (ofLeaf && tools !== undefined) {
    throw misfit(span, `hooks.${name} is about leaves, and names tools`);
  }
  return {
    name,
    on,
    argv,
    // What a repository’s configuration names lies in the repository: `.whaleflow/` is in its root.
    cwd: file.owner === 'project' ? dirname(dirname(file.path)) : dirname(file.path),
    tools: tools ?? [],
    leaves: readWords(members.get('leaves')) ?? [],
    timeoutMs: readSeconds(members.get('timeout_s'), DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S) * 1000,
    onError: readChoice(members.get('on_error'), ['block', 'go_on'] as const) ?? defaultOf(on),
  };
}

/** What guards and cannot run guards nothing; what only looks on afterwards should stop nobody. */
const defaultOf = (on: HookMoment): Hook['onError'] =>
  on.startsWith('before') ? 'block' : 'go_on';

function readCommand(member: Entry | undefined): readonly string[] | undefined {
  if (member === undefined) return undefined;
  const { value, span } = member;
  if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) {
    return ['sh', '-c', value];
  }
  const words = readWords(member);
  if (words === undefined || words[0] === undefined || words[0] === '') {
    throw misfit(span, 'command is a line for sh, or a list of texts');
  }
  return words;
}
